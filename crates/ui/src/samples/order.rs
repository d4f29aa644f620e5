//! One order: cancelled after it was sent, in the recycle bin, and barely known.

use super::{DAY, HOUR, MINUTE, NOW, SECOND, Sample, add as put, channel, frame, shop};
use crate::frame::ShopLink;
use crate::keys::{
    About, Act, Actor, Attention, Axis, Delivery, Ensure, Holding, Keyed, Mode, MoneyPart,
    MovementKind, Payment, Source, Tab, Verb,
};
use crate::locale::{Locale, Micros, Money};
use crate::pages::{
    ActForm, ActNote, AttentionNote, Bin, Buyer, Documents, Explain, ExplainLine, FactNote,
    GoodsLine, Happening, HoldingNote, MoneyLine, MovementNote, MovementRow, Numbered, OrderPage,
    Package, StatusLink, TimelineEntry, WhatIf, WhatIfEnd,
};
use crate::sentence::{Sentence, Value};

impl OrderPage {
    /// Cancelled by the buyer after the courier had it; the invoice stands.
    pub fn sample(locale: &Locale) -> Self {
        let shop = tokopedia_shop();
        Self {
            locale: locale.clone(),
            frame: frame("/orders/ord_1948827702"),
            id: "ord_1948827702".to_owned(),
            number: "1948827702".to_owned(),
            channel: shop.channel.clone(),
            sub_platform: None,
            tab: Some(Tab::Cancelled),
            status: Some(status("15", "Instant cancel by buyer")),
            notice: None,
            attentions: vec![AttentionNote {
                attention: Attention::CancelledAfterSent,
                note: Some(
                    Sentence::new("attention-note-cancelled_after_sent")
                        .with_time("sent", at(0, 9, 22))
                        .with_time("time", at(0, 9, 40)),
                ),
            }],
            explain: explain_sent(),
            what_if: Some(WhatIf {
                flow: Value::Word("preset-recommended".to_owned()),
                ends: vec![
                    WhatIfEnd {
                        what: "axis-payment".to_owned(),
                        values: vec!["payment-paid".to_owned()],
                    },
                    WhatIfEnd { what: "tab-action_needed".to_owned(), values: Vec::new() },
                ],
            }),
            documents: documents(),
            lines: lines(Holding::Sold),
            timeline: timeline(),
            movements: movements(),
            packages: vec![Package {
                carrier: "AnterAja Reguler".to_owned(),
                booking_code: Some("8K2Q-114".to_owned()),
                awb: Some("10008214468830".to_owned()),
                sent_at: Some(at(0, 9, 22)),
            }],
            buyer: Some(buyer()),
            placed_at: Some(at(-1, 8, 5)),
            accept_by: None,
            ship_by: None,
            money: money(),
            total: Some(Money::rupiah(143_000)),
            forms: super::command::forms(),
            choices: super::command::choices(),
            commands: super::command::rows(locale, "ord_1948827702"),
            acts: acts_sent(),
            revision: 7,
            shop,
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let base = OrderPage::sample(locale);
    put(all, "order", base.clone());
    put(all, "order-in-bin", in_bin(base.clone()));
    let moved = OrderPage {
        channel: channel("tiktok", "TikTok Shop"),
        sub_platform: Some("Tokopedia".to_owned()),
        ..base.clone()
    };
    put(all, "order-sold-on", moved);
    put(all, "order-barely-known", barely_known(base));
}

fn tokopedia_shop() -> ShopLink {
    shop("shp_01", "sari lumbung", channel("tokopedia", "Tokopedia"))
}

fn status(code: &str, meaning: &str) -> StatusLink {
    StatusLink::new(&tokopedia_shop(), code, meaning)
}

/// A time of day in Jakarta, days from the sample's today.
fn at(day: i64, hour: i64, minute: i64) -> Micros {
    NOW + day * DAY + (hour - 14) * HOUR + (minute - 5) * MINUTE
}

fn line(axis: Axis, value: impl Keyed, because: Sentence) -> ExplainLine {
    ExplainLine { axis, value: value.word_key().to_owned(), because, change: None, rule: None }
}

fn heard(key: &str, code: &str, meaning: &str, mode: Mode, source: Source, at: Micros) -> Sentence {
    Sentence::new(key)
        .with("status", code)
        .with("meaning", meaning)
        .with_name("mode", mode)
        .with_name("source", source)
        .with_time("time", at)
}

fn explain_sent() -> Explain {
    let by_pull =
        |key| heard(key, "500", "Order shipment", Mode::Realtime, Source::OrderPull, at(0, 9, 58));
    Explain {
        lead: Sentence::new("explain-lead-cancelled_after_sent")
            .with("status", "15")
            .with_name("actor", Actor::Buyer)
            .with_time("time", at(0, 9, 40))
            .with_time("sent", at(0, 9, 22)),
        lines: vec![
            ExplainLine {
                change: Some(Sentence::new("explain-document-change-void")),
                rule: Some(status("500", "Order shipment")),
                ..line(
                    Axis::Document,
                    crate::Document::Invoice,
                    by_pull("explain-document-ensured"),
                )
            },
            ExplainLine {
                change: Some(Sentence::new("explain-delivery-change-person")),
                ..line(Axis::Delivery, Delivery::Sent, by_pull("explain-delivery-ensured"))
            },
            ExplainLine {
                change: Some(
                    Sentence::new("explain-payment-change-next")
                        .with("status", "700")
                        .with("meaning", "Finished"),
                ),
                rule: Some(status("700", "Finished")),
                ..line(
                    Axis::Payment,
                    Payment::Unpaid,
                    Sentence::new("explain-payment-never-heard")
                        .with("status", "700")
                        .with("meaning", "Finished"),
                )
            },
            ExplainLine {
                value: "cancelled-yes".to_owned(),
                ..line(
                    Axis::Cancelled,
                    Tab::Cancelled,
                    Sentence::new("explain-cancelled-after-sent")
                        .with("status", "15")
                        .with_time("time", at(0, 9, 40))
                        .with_time("sent", at(0, 9, 22)),
                )
            },
            line(
                Axis::Tab,
                Tab::Cancelled,
                Sentence::new("explain-tab-status")
                    .with("status", "15")
                    .with("meaning", "Instant cancel by buyer")
                    .with_time("time", at(0, 9, 40)),
            ),
            line(Axis::Stock, Holding::Sold, Sentence::new("explain-stock-sold").with("n", 3)),
        ],
    }
}

fn numbered(number: &str, at: Micros) -> Numbered {
    Numbered { number: number.to_owned(), at }
}

fn documents() -> Documents {
    Documents {
        sales_order: Some(numbered("SO-2611-03987", at(-1, 8, 12))),
        invoice: Some(numbered("INV-2611-04118", at(-1, 8, 31))),
        reference: Some("10008214468830".to_owned()),
        delivery: Some(Delivery::Sent),
        deliveries: vec![numbered("DO-2611-03551", at(0, 9, 58))],
        payment: Some(Payment::Unpaid),
        payments: Vec::new(),
        bin: Bin { is_in: false, entered_at: Some(at(0, 9, 40)), left_at: Some(at(0, 9, 58)) },
    }
}

fn lines(holding: Holding) -> Vec<GoodsLine> {
    let goods = |name: &str, sku: &str, quantity, price| GoodsLine {
        name: name.to_owned(),
        listing: sku.to_owned(),
        sku: Some(sku.to_owned()),
        quantity,
        cancelled: 0,
        price: Some(Money::rupiah(price)),
        subtotal: Some(Money::rupiah(price * quantity)),
        holdings: vec![HoldingNote {
            holding,
            quantity,
            component: None,
            warehouse: "Bandung".to_owned(),
        }],
    };
    vec![
        goods("Sambal Roa Manado 150 ml", "SRM-150", 2, 48_500),
        goods("Abon Sapi Pedas 100 g", "ABN-100", 1, 38_000),
    ]
}

fn fact(code: &str, meaning: &str, source: Source, ensures: Vec<Ensure>) -> FactNote {
    FactNote {
        status: status(code, meaning),
        about: About::Order,
        actor: Actor::Any,
        since: None,
        reason: String::new(),
        mode: Mode::Realtime,
        source,
        signed: (source == Source::Webhook).then_some(true),
        message: format!("msg_7KQ2{code}"),
        version: 4,
        known: true,
        released: true,
        ensures,
    }
}

fn entry(
    at: Micros,
    fact: FactNote,
    verbs: Vec<Verb>,
    moved: Option<MovementKind>,
) -> TimelineEntry {
    TimelineEntry {
        at,
        what: Happening::Fact(fact),
        verbs,
        movements: moved.map(|kind| MovementNote { kind, quantity: 3 }).into_iter().collect(),
    }
}

fn timeline() -> Vec<TimelineEntry> {
    let sent = FactNote {
        since: Some(at(0, 9, 22)),
        ..fact("500", "Order shipment", Source::OrderPull, vec![Ensure::Invoice, Ensure::Sent])
    };
    let cancelled = FactNote {
        actor: Actor::Buyer,
        reason: "ganti alamat".to_owned(),
        ..fact("15", "Instant cancel by buyer", Source::Webhook, vec![Ensure::Void])
    };
    let accepted = fact("400", "Seller accepted", Source::Webhook, vec![Ensure::Invoice]);
    let paid = fact("220", "Payment verified", Source::Webhook, vec![Ensure::SalesOrder]);
    let pickup = fact("450", "Waiting for pickup", Source::Webhook, Vec::new());
    vec![
        entry(
            at(0, 9, 58) + 30 * SECOND,
            sent,
            vec![Verb::RestoreInvoice, Verb::CreateOutboundLogistic],
            Some(MovementKind::Sale),
        ),
        entry(at(0, 9, 40), cancelled, vec![Verb::VoidInvoice], Some(MovementKind::Release)),
        entry(at(-1, 14, 2), pickup, Vec::new(), None),
        TimelineEntry {
            at: at(-1, 9, 10),
            what: Happening::Rejudged { version: 4, person: "Rina Astuti".to_owned() },
            verbs: Vec::new(),
            movements: Vec::new(),
        },
        entry(
            at(-1, 8, 31),
            accepted,
            vec![Verb::ConvertOrderToInvoice],
            Some(MovementKind::Allocate),
        ),
        entry(at(-1, 8, 12), paid, vec![Verb::CreateOrder], Some(MovementKind::Reserve)),
    ]
}

fn movements() -> Vec<MovementRow> {
    let row = |at, sku: &str, kind, quantity, on_hand, allocated, available| MovementRow {
        at,
        sku: sku.to_owned(),
        warehouse: "Bandung".to_owned(),
        kind,
        quantity,
        on_hand,
        allocated,
        reserved: 3,
        available,
    };
    vec![
        row(at(0, 9, 58), "SRM-150", MovementKind::Sale, -2, 62, 6, 53),
        row(at(0, 9, 58), "ABN-100", MovementKind::Sale, -1, 119, 3, 111),
        row(at(0, 9, 40), "SRM-150", MovementKind::Release, 2, 64, 6, 55),
        row(at(0, 9, 40), "ABN-100", MovementKind::Release, 1, 120, 3, 112),
        row(at(-1, 8, 31), "SRM-150", MovementKind::Allocate, 2, 64, 8, 53),
        row(at(-1, 8, 31), "ABN-100", MovementKind::Allocate, 1, 120, 4, 111),
        row(at(-1, 8, 12), "SRM-150", MovementKind::Reserve, 2, 64, 6, 53),
        row(at(-1, 8, 12), "ABN-100", MovementKind::Reserve, 1, 120, 3, 111),
    ]
}

fn buyer() -> Buyer {
    Buyer {
        name: "S*** R***".to_owned(),
        phone: "+62 8** **** **41".to_owned(),
        address: "J*** C*** **".to_owned(),
        area: "Coblong, Bandung 40132".to_owned(),
        erased_at: Some(NOW + 90 * DAY),
    }
}

fn money() -> Vec<MoneyLine> {
    let part = |part, amount| MoneyLine { part, money: Money::rupiah(amount) };
    vec![
        part(MoneyPart::Goods, 135_000),
        part(MoneyPart::Shipping, 18_000),
        part(MoneyPart::Voucher, -10_000),
    ]
}

fn acts_sent() -> Vec<ActForm> {
    let form = |act, key: &str| ActForm {
        act,
        axis: None,
        does: Sentence::new(key).with("n", 3),
        asks_restock: false,
    };
    vec![
        ActForm { asks_restock: true, ..form(Act::Void, "act-does-void-sent") },
        form(Act::Paid, "act-does-paid"),
        form(Act::Unsent, "act-does-unsent"),
    ]
}

fn in_bin(base: OrderPage) -> OrderPage {
    let voided = Sentence::new("explain-cancelled-operator")
        .with("person", "Rina Astuti")
        .with_time("time", at(0, 9, 40));
    let act = TimelineEntry {
        at: at(0, 9, 40),
        what: Happening::Act(ActNote {
            act: Act::Void,
            person: "Rina Astuti".to_owned(),
            reason: "pembeli salah pilih".to_owned(),
        }),
        verbs: vec![Verb::VoidInvoice],
        movements: vec![MovementNote { kind: MovementKind::Release, quantity: 3 }],
    };
    let timeline = std::iter::once(act).chain(base.timeline.iter().skip(2).cloned()).collect();
    OrderPage {
        tab: Some(Tab::ReadyToShip),
        status: Some(status("400", "Seller accepted")),
        notice: Some(Sentence::new("notice-done").with_name("act", Act::Void)),
        attentions: vec![AttentionNote { attention: Attention::DiffersFromChannel, note: None }],
        explain: Explain {
            lead: Sentence::new("explain-lead-bin")
                .with("person", "Rina Astuti")
                .with_time("time", at(0, 9, 40)),
            lines: vec![ExplainLine {
                value: "cancelled-yes".to_owned(),
                change: Some(Sentence::new("explain-cancelled-change-restore")),
                ..line(Axis::Cancelled, Tab::Cancelled, voided)
            }],
        },
        documents: Documents {
            delivery: Some(Delivery::Unsent),
            deliveries: Vec::new(),
            bin: Bin { is_in: true, entered_at: Some(at(0, 9, 40)), left_at: None },
            ..base.documents
        },
        lines: lines(Holding::Nothing),
        ship_by: Some(NOW + 55 * MINUTE),
        accept_by: Some(NOW - 3 * HOUR),
        timeline,
        acts: vec![
            ActForm {
                act: Act::Restore,
                axis: None,
                does: Sentence::new("act-does-restore").with("n", 3),
                asks_restock: false,
            },
            ActForm {
                act: Act::Release,
                axis: Some(Axis::Document),
                does: Sentence::new("act-does-release"),
                asks_restock: false,
            },
        ],
        ..base
    }
}

fn barely_known(base: OrderPage) -> OrderPage {
    let unknown = FactNote {
        known: false,
        released: false,
        signed: Some(false),
        source: Source::Webhook,
        ..fact("691", "", Source::Webhook, Vec::new())
    };
    OrderPage {
        tab: None,
        status: Some(status("691", "")),
        attentions: vec![AttentionNote { attention: Attention::UnknownStatus, note: None }],
        explain: Explain {
            lead: Sentence::new("explain-lead-unknown").with("status", "691"),
            lines: vec![
                line(
                    Axis::Document,
                    crate::Document::None,
                    Sentence::new("explain-document-none").with("status", "691"),
                ),
                ExplainLine {
                    value: "tab-none".to_owned(),
                    ..line(Axis::Tab, Tab::Unpaid, Sentence::new("explain-tab-none"))
                },
            ],
        },
        documents: Documents::default(),
        lines: Vec::new(),
        timeline: vec![entry(at(0, 13, 50), unknown, Vec::new(), None)],
        movements: Vec::new(),
        packages: Vec::new(),
        buyer: None,
        placed_at: None,
        accept_by: None,
        ship_by: None,
        money: Vec::new(),
        total: None,
        acts: Vec::new(),
        forms: Vec::new(),
        choices: Vec::new(),
        commands: Vec::new(),
        ..base
    }
}
