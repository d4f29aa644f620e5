//! A flow: a shop's own, and both presets side by side.

use super::{DAY, NOW, Sample, add as put, channel, frame, shop};
use crate::keys::{About, Actor, Attention, Ensure, FlowView, Preset, Tab, Verb};
use crate::locale::Locale;
use crate::pages::{FlowPage, FlowRule, FlowVersion};

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
        }
    }
}

pub(super) fn add(locale: &Locale, all: &mut Vec<Sample>) {
    let base = FlowPage::sample(locale);
    put(all, "flow", base.clone());
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
