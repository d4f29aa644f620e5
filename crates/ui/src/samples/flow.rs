//! A flow: a shop's own, and both presets side by side.

use super::{DAY, NOW, Sample, add as put, channel, frame, shop};
use crate::keys::{About, Actor, Attention, Ensure, FlowView, Preset, Tab, Verb};
use crate::locale::Locale;
use crate::pages::{
    EndsRow, FlowEditPage, FlowPage, FlowRule, FlowTryPage, FlowVersion, VersionRow,
};
use crate::sentence::Sentence;

impl FlowPage {
    /// The flow of a Tokopedia shop.
    pub fn sample(locale: &Locale) -> Self {
        let tokopedia = channel("tokopedia", "Tokopedia");
        Self {
            locale: locale.clone(),
            frame: frame("/flows/tokopedia?shop=shp_01"),
            shop: Some(shop("shp_01", "sari lumbung", tokopedia.clone())),
            channel: tokopedia,
            view: FlowView::InUse,
            version: Some(FlowVersion {
                number: 4,
                preset: Preset::Classic,
                edited: true,
                since: NOW - 18 * DAY,
            }),
            latest_decides: false,
            rules: tokopedia_rules(),
            versions: vec![version(4, None), version(3, Some(Preset::Classic))],
            notice: None,
            problem: None,
            may_edit: true,
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    add_edit(locale, all);
    let base = FlowPage::sample(locale);
    put(all, "flow", base.clone());
    let kept = Sentence::new("flow-kept").with("version", 5).with("n", 12);
    put(all, "flow-kept", FlowPage { notice: Some(kept), ..base.clone() });
    let problem = Some(Sentence::new("flow-wrong-changed"));
    put(all, "flow-changed", FlowPage { problem, may_edit: false, ..base.clone() });
    let lazada = channel("lazada", "Lazada");
    put(
        all,
        "flow-both",
        FlowPage {
            frame: frame("/flows/lazada?preset=both"),
            channel: lazada,
            shop: None,
            version: None,
            view: FlowView::Both,
            rules: lazada_rules(),
            ..base.clone()
        },
    );
    put(
        all,
        "flow-latest",
        FlowPage {
            frame: frame("/flows/woocommerce"),
            channel: channel("woocommerce", "WooCommerce"),
            shop: None,
            version: None,
            view: FlowView::Classic,
            latest_decides: true,
            rules: vec![
                rule(
                    "processing",
                    "Processing",
                    Tab::NewOrder,
                    Verb::CreateInvoice,
                    &[Ensure::Invoice],
                ),
                rule("cancelled", "Cancelled", Tab::Cancelled, Verb::VoidInvoice, &[Ensure::Void]),
            ],
            ..base
        },
    );
}

fn version(number: i64, preset: Option<Preset>) -> VersionRow {
    VersionRow {
        id: format!("flw_0{number}"),
        number,
        preset,
        at: NOW - (22 - number) * DAY,
        by: preset.is_none().then(|| "Dewi Wulandari".to_owned()),
        in_use: preset.is_none(),
    }
}

impl FlowEditPage {
    /// The flow of a Tokopedia shop as a form.
    pub fn sample(locale: &Locale) -> Self {
        Self {
            locale: locale.clone(),
            frame: frame("/flows/tokopedia/edit?shop=shp_01"),
            shop: shop("shp_01", "sari lumbung", channel("tokopedia", "Tokopedia")),
            base: "flw_04".to_owned(),
            rules: tokopedia_rules(),
            problem: None,
        }
    }
}

impl FlowTryPage {
    /// A preset that would change two orders.
    pub fn sample(locale: &Locale) -> Self {
        let row = |number: &str| EndsRow {
            href: format!("/orders/ord_{number}"),
            number: number.to_owned(),
            before: vec!["document-invoice".to_owned(), "payment-unpaid".to_owned()],
            after: vec!["document-invoice".to_owned(), "payment-paid".to_owned()],
        };
        Self {
            locale: locale.clone(),
            frame: frame("/flows/tokopedia/try"),
            shop: shop("shp_01", "sari lumbung", channel("tokopedia", "Tokopedia")),
            what: Sentence::new("flow-try-edited"),
            same: false,
            statuses: vec!["600".to_owned(), "700".to_owned()],
            days: 30,
            looked_at: 2_000,
            cut: true,
            differ: 204,
            rows: vec![row("1948840006"), row("1948840021")],
            unknown: 1,
            base: "flw_04".to_owned(),
            text: "channel = \"tokopedia\"".to_owned(),
        }
    }
}

fn add_edit(locale: &Locale, all: &mut Vec<Sample>) {
    let edit = FlowEditPage::sample(locale);
    put(all, "flow-edit", edit.clone());
    let problem = Some("\"sent\" speaks of an invoice".to_owned());
    put(all, "flow-edit-wrong", FlowEditPage { problem, ..edit });
    let tried = FlowTryPage::sample(locale);
    put(all, "flow-try", tried.clone());
    let same = FlowTryPage {
        same: true,
        cut: false,
        differ: 0,
        rows: Vec::new(),
        statuses: Vec::new(),
        what: Sentence::new("flow-try-version").with("version", 3),
        ..tried
    };
    put(all, "flow-try-same", same);
}

fn rule(status: &str, meaning: &str, tab: Tab, verb: Verb, ensures: &[Ensure]) -> FlowRule {
    FlowRule {
        status: status.to_owned(),
        actor: Actor::Any,
        about: About::Order,
        meaning: meaning.to_owned(),
        ensures: ensures.to_vec(),
        verb,
        tab: Some(tab),
        attention: None,
        realtime: !ensures.is_empty(),
        download: !ensures.is_empty(),
        note: String::new(),
        recommended: None,
    }
}

fn tokopedia_rules() -> Vec<FlowRule> {
    let quiet = |status, meaning, tab| rule(status, meaning, tab, Verb::None, &[]);
    let seen = |attention, rule: FlowRule| FlowRule { attention: Some(attention), ..rule };
    let sent = [Ensure::Invoice, Ensure::Sent];
    let paid = [Ensure::Invoice, Ensure::Sent, Ensure::Paid];
    let mut rules = vec![
        quiet("100", "Order created", Tab::Unpaid),
        quiet("103", "Waiting for payment", Tab::Unpaid),
        rule("220", "Payment verified", Tab::NewOrder, Verb::CreateOrder, &[Ensure::SalesOrder]),
        quiet("221", "Waiting partner approval", Tab::NewOrder),
        rule(
            "400",
            "Seller accepted",
            Tab::ReadyToShip,
            Verb::ConvertOrderToInvoice,
            &[Ensure::Invoice],
        ),
        quiet("450", "Waiting for pickup", Tab::ReadyToShip),
        rule("500", "Order shipment", Tab::InDelivery, Verb::CreateOutboundLogistic, &sent),
        seen(Attention::AwbMissing, quiet("501", "Waiting for AWB", Tab::InDelivery)),
        seen(Attention::AwbInvalid, quiet("520", "Invalid AWB", Tab::InDelivery)),
        quiet("600", "Delivered", Tab::InDelivery),
        FlowRule {
            tab: None,
            ..seen(Attention::OnHold, quiet("690", "Fraud review", Tab::Unpaid))
        },
        rule("700", "Finished", Tab::Completed, Verb::AddPayment, &paid),
        seen(Attention::ParcelReturning, quiet("550", "Return to seller", Tab::Complained)),
        seen(Attention::ReturnEdit, quiet("601", "Buyer opened a case", Tab::Complained)),
    ];
    for (status, meaning) in
        [("0", "Seller cancel"), ("3", "Rejected, empty stock"), ("15", "Instant cancel by buyer")]
    {
        rules.push(rule(status, meaning, Tab::Cancelled, Verb::VoidInvoice, &[Ensure::Void]));
    }
    rules
}

fn lazada_rules() -> Vec<FlowRule> {
    let by_buyer = FlowRule {
        actor: Actor::Buyer,
        attention: Some(Attention::ManualVoid),
        note: "A person checks the parcel before the invoice is voided.".to_owned(),
        ..rule("canceled", "Cancelled", Tab::Cancelled, Verb::FlagAttention, &[Ensure::ManualVoid])
    };
    let recommended = FlowRule {
        attention: None,
        note: String::new(),
        verb: Verb::VoidInvoice,
        ensures: vec![Ensure::Void],
        ..by_buyer.clone()
    };
    vec![
        rule("unpaid", "Unpaid", Tab::Unpaid, Verb::CreateOrder, &[Ensure::SalesOrder]),
        rule("pending", "Pending", Tab::NewOrder, Verb::ConvertOrderToInvoice, &[Ensure::Invoice]),
        FlowRule {
            about: About::Return,
            attention: Some(Attention::ReturnEdit),
            download: false,
            ..rule(
                "returned",
                "Returned",
                Tab::Complained,
                Verb::FlagReturn,
                &[Ensure::Invoice, Ensure::Sent, Ensure::Return],
            )
        },
        FlowRule { recommended: Some(Box::new(recommended)), ..by_buyer },
        FlowRule {
            actor: Actor::System,
            ..rule("canceled", "Cancelled", Tab::Cancelled, Verb::VoidInvoice, &[Ensure::Void])
        },
    ]
}
