//! The list of orders: a tab at work, all orders with every state, filtered, empty, first run.

use super::{DAY, HOUR, MINUTE, NOW, Sample, add as put, frame};
use crate::keys::{Attention, Delivery, Keyed, Payment, Tab, View};
use crate::locale::{Locale, Money};
use crate::pages::{Chip, Choice, Filters, OrderRow, OrdersPage, RowLine, StatusLink, TabCount};

const COUNTS: [i64; 10] = [10_391, 12, 23, 128, 312, 9_841, 47, 8, 3, 5];

impl OrdersPage {
    /// *Ready to Ship* in the middle of a working day.
    pub fn sample(locale: &Locale) -> Self {
        let mut frame = frame("/orders?tab=ready_to_ship");
        frame.query = String::new();
        Self {
            locale: locale.clone(),
            frame,
            view: View::ReadyToShip,
            tabs: tabs(&COUNTS),
            filters: filters(),
            rows: ready_rows(),
            newer: None,
            older: Some("/orders?tab=ready_to_ship&after=01J9".to_owned()),
            first_run: false,
            bulk: Some(super::command::bulk()),
            notice: None,
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let base = OrdersPage::sample(locale);
    put(all, "orders", base.clone());
    let notice = crate::Sentence::new("notice-bulk-none");
    put(all, "orders-none-chosen", OrdersPage { notice: Some(notice), ..base.clone() });
    put(
        all,
        "orders-all",
        OrdersPage {
            view: View::All,
            rows: every_state(),
            newer: Some("/orders?tab=all&after=01J8".to_owned()),
            ..base.clone()
        },
    );
    let mut filtered = OrdersPage { rows: Vec::new(), older: None, ..base.clone() };
    filtered.filters.query = "SRM-150".to_owned();
    filtered.filters.channel = "tokopedia".to_owned();
    filtered.filters.sub_platform = "tokopedia".to_owned();
    filtered.filters.chips = chips();
    put(all, "orders-nothing-found", filtered);
    put(
        all,
        "orders-empty-tab",
        OrdersPage { view: View::FailedDelivery, rows: Vec::new(), older: None, ..base.clone() },
    );
    put(
        all,
        "orders-first-run",
        OrdersPage { tabs: tabs(&[0; 10]), rows: Vec::new(), first_run: true, older: None, ..base },
    );
}

fn tabs(counts: &[i64; 10]) -> Vec<TabCount> {
    View::ALL
        .iter()
        .zip(counts)
        .map(|(view, count)| TabCount {
            view: *view,
            count: *count,
            href: format!("/orders?tab={}", view.key()),
        })
        .collect()
}

pub(super) fn filters() -> Filters {
    let choice =
        |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    Filters {
        newest: Some(false),
        channels: vec![choice("tokopedia", "Tokopedia"), choice("shopee", "Shopee")],
        shops: vec![choice("shp_01", "sari lumbung"), choice("shp_02", "lumbung.resmi")],
        sub_platforms: vec![
            choice("tiktok_shop", "TikTok Shop"),
            choice("tokopedia", "Tokopedia · TikTok Shop"),
        ],
        ..Filters::default()
    }
}

fn chips() -> Vec<Chip> {
    let chip = |kind, value: &str, without: &str| Chip {
        kind,
        value: value.to_owned(),
        without: without.to_owned(),
    };
    vec![
        chip("filter-channel", "Tokopedia", "/orders?tab=ready_to_ship&q=SRM-150"),
        chip("filter-shop", "sari lumbung", "/orders?tab=ready_to_ship"),
        chip(
            "filter-sub-platform",
            "Tokopedia · TikTok Shop",
            "/orders?tab=ready_to_ship&q=SRM-150",
        ),
        chip("filter-query", "SRM-150", "/orders?tab=ready_to_ship&channel=tokopedia"),
    ]
}

fn line(quantity: i64, name: &str, sku: &str) -> RowLine {
    RowLine { name: name.to_owned(), sku: Some(sku.to_owned()), quantity, short: 0 }
}

/// An unsent, unpaid invoice of Tokopedia with two lines.
pub(super) fn row(number: &str) -> OrderRow {
    OrderRow {
        id: format!("ord_{number}"),
        number: number.to_owned(),
        channel: "Tokopedia".to_owned(),
        sub_platform: None,
        shop: "sari lumbung".to_owned(),
        document: Some("INV-2611-04131".to_owned()),
        status: Some(status("400", "Seller accepted")),
        tab: Some(Tab::ReadyToShip),
        buyer: "S*** R***".to_owned(),
        city: "Bandung".to_owned(),
        lines: vec![
            line(2, "Sambal Roa Manado 150 ml", "SRM-150"),
            line(2, "Kopi Gayo Arabika 250 g", "KPG-250"),
        ],
        more: 0,
        total: Some(Money::rupiah(365_000)),
        carrier: "AnterAja Reguler".to_owned(),
        awb: Some("10008214470921".to_owned()),
        due: Some(NOW + 4 * HOUR),
        payment: Some(Payment::Unpaid),
        delivery: Some(Delivery::Unsent),
        in_bin: false,
        binned_at: None,
        attentions: Vec::new(),
        can: vec![crate::Command::Accept, crate::Command::Label],
    }
}

fn status(status: &str, meaning: &str) -> StatusLink {
    StatusLink {
        status: status.to_owned(),
        meaning: meaning.to_owned(),
        href: format!("/flows/tokopedia?shop=shp_01#status-{status}"),
    }
}

fn shopee(number: &str) -> OrderRow {
    OrderRow {
        channel: "Shopee".to_owned(),
        shop: "lumbung.resmi".to_owned(),
        status: Some(StatusLink {
            status: "READY_TO_SHIP".to_owned(),
            meaning: "Ready to ship".to_owned(),
            href: "/flows/shopee?shop=shp_02#status-READY_TO_SHIP".to_owned(),
        }),
        carrier: "SPX Standard".to_owned(),
        awb: Some("SPXID048291573".to_owned()),
        buyer: "D*** P***".to_owned(),
        city: "Bekasi".to_owned(),
        ..row(number)
    }
}

/// Sold under the second name of its channel.
fn sold_on_tokopedia(number: &str) -> OrderRow {
    OrderRow {
        channel: "TikTok Shop".to_owned(),
        sub_platform: Some("Tokopedia".to_owned()),
        shop: "lumbung.live".to_owned(),
        status: Some(StatusLink {
            status: "AWAITING_SHIPMENT".to_owned(),
            meaning: "Waiting to be shipped".to_owned(),
            href: "/flows/tiktok?shop=shp_03#status-AWAITING_SHIPMENT".to_owned(),
        }),
        carrier: "J&T Express".to_owned(),
        awb: None,
        ..row(number)
    }
}

fn ready_rows() -> Vec<OrderRow> {
    let late = OrderRow {
        document: Some("INV-2611-04102".to_owned()),
        due: Some(NOW - 2 * HOUR - 15 * MINUTE),
        total: Some(Money::rupiah(186_500)),
        lines: vec![
            line(1, "Kopi Gayo Arabika 250 g", "KPG-250"),
            line(2, "Gula Aren Semut 500 g", "GAS-500"),
        ],
        ..shopee("261119R4TKW8B2")
    };
    let soon = OrderRow { due: Some(NOW + 55 * MINUTE), more: 2, ..row("1948827731") };
    let short = OrderRow {
        due: Some(NOW + 85 * MINUTE),
        total: Some(Money::rupiah(412_750)),
        lines: vec![
            RowLine { short: 1, ..line(3, "Madu Hutan 1 L", "MHS-01L") },
            line(1, "Teh Melati Slawi 40 kantong", "THM-040"),
        ],
        awb: None,
        attentions: vec![Attention::Short],
        ..row("1948829417")
    };
    let two = OrderRow {
        lines: vec![RowLine { sku: None, ..line(4, "Keripik Tempe 200 g", "") }],
        attentions: vec![Attention::Unmapped, Attention::AwbInvalid],
        status: Some(status("520", "Invalid AWB")),
        ..row("1948830064")
    };
    let moved = OrderRow { due: Some(NOW + 2 * HOUR), ..sold_on_tokopedia("576461413038785752") };
    let mut rows = vec![late, soon, short, moved, two];
    for (n, hours) in (0_i64..14).zip([3, 3, 4, 4, 5, 6, 9, 14, 21, 22, 26, 30, 76, 101]) {
        let base = if n % 3 == 0 {
            shopee(&format!("261120T9QX2M{n:02}"))
        } else {
            row(&format!("19488{:05}", 31_000 + n * 317))
        };
        rows.push(OrderRow {
            document: Some(format!("INV-2611-{:05}", 4_144 + n)),
            due: Some(NOW + hours * HOUR + 10 * MINUTE),
            total: Some(Money::rupiah(92_000 + n * 138_500)),
            ..base
        });
    }
    rows
}

/// An order in a tab, with the axes that belong there.
fn stands(
    tab: Tab,
    payment: Payment,
    delivery: Delivery,
    code: &str,
    meaning: &str,
    n: u8,
) -> OrderRow {
    OrderRow {
        tab: Some(tab),
        payment: Some(payment),
        delivery: Some(delivery),
        status: Some(status(code, meaning)),
        due: None,
        ..row(&format!("19488400{n:02}"))
    }
}

pub(super) fn every_state() -> Vec<OrderRow> {
    use Delivery::{PartlySent, Sent, Unsent};
    use Payment::{Paid, Unpaid};
    let seen = |attention, row: OrderRow| OrderRow { attentions: vec![attention], ..row };
    let order = stands(Tab::NewOrder, Unpaid, Unsent, "220", "Payment verified", 2);
    let cancelled = stands(Tab::Cancelled, Unpaid, Sent, "15", "Instant cancel by buyer", 7);
    let complained = stands(Tab::Complained, Unpaid, Sent, "601", "Buyer opened a case", 8);
    let mut rows = without_document();
    rows.extend([
        OrderRow { document: Some("SO-2611-03987".to_owned()), ..order },
        stands(Tab::ReadyToShip, Unpaid, PartlySent, "400", "Seller accepted", 3),
        stands(Tab::InDelivery, Unpaid, Sent, "500", "Order shipment", 4),
        stands(Tab::Completed, Paid, Sent, "700", "Finished", 5),
        binned("1948840006"),
        seen(Attention::CancelledAfterSent, cancelled),
        seen(Attention::ReturnEdit, complained),
        stands(Tab::FailedDelivery, Unpaid, Sent, "550", "Return to seller", 9),
    ]);
    rows
}

/// Orders of which too little is known for a document.
fn without_document() -> Vec<OrderRow> {
    let unpaid = OrderRow {
        tab: Some(Tab::Unpaid),
        document: None,
        payment: None,
        delivery: None,
        status: Some(status("100", "Order created")),
        carrier: String::new(),
        awb: None,
        ..row("1948840001")
    };
    let unknown = OrderRow {
        tab: None,
        status: Some(status("691", "")),
        attentions: vec![Attention::UnknownStatus],
        lines: Vec::new(),
        total: None,
        ..OrderRow { id: "ord_691".to_owned(), ..unpaid.clone() }
    };
    let unheard =
        OrderRow { id: "ord_unheard".to_owned(), status: None, tab: None, ..unpaid.clone() };
    vec![unpaid, unknown, unheard]
}

/// An invoice in the recycle bin.
pub(super) fn binned(number: &str) -> OrderRow {
    OrderRow {
        tab: Some(Tab::Cancelled),
        status: Some(status("15", "Instant cancel by buyer")),
        due: None,
        in_bin: true,
        binned_at: Some(NOW - 2 * DAY),
        awb: None,
        ..row(number)
    }
}
