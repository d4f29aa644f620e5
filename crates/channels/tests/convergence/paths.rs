//! The documented paths of every channel, as its sources tell them.

use dermaga_domain::flow::{Flow, Rule};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{CLOSED, Fact, Head, Line, LineKey, Money, Part, Snapshot};
use dermaga_domain::term::{About, Actor, ChannelStatus, Mode};
use dermaga_domain::time::Time;

use crate::known::Message;

/// One status on a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) about: About,
    pub(crate) status: &'static str,
    pub(crate) actor: Option<Actor>,
}

const fn step(status: &'static str) -> Step {
    Step { about: About::Order, status, actor: None }
}

const fn by(status: &'static str, actor: Actor) -> Step {
    Step { about: About::Order, status, actor: Some(actor) }
}

const fn about(about: About, status: &'static str) -> Step {
    Step { about, status, actor: None }
}

/// A channel's usual path and its ends: each way to cancel, by whom.
struct Life {
    happy: &'static [&'static str],
    /// Each is what comes after the last stage that was reached.
    cancels: &'static [&'static [Step]],
    /// Whole paths besides: returns, losses, parts, orders that come back.
    others: &'static [&'static [Step]],
}

use Actor::{Buyer, Seller, System};

const TOKOPEDIA: Life = Life {
    happy: &["100", "220", "400", "450", "500", "600", "700"],
    cancels: &[&[by("15", Buyer)], &[by("0", Seller)], &[by("5", System)]],
    others: &[
        &[
            step("100"),
            step("103"),
            step("220"),
            step("221"),
            step("400"),
            step("501"),
            step("500"),
        ],
        &[step("220"), step("3")],
        &[step("220"), step("6")],
        &[step("220"), step("690"), step("10")],
        &[step("400"), step("500"), step("520"), step("530"), step("500"), step("600")],
        &[step("400"), step("500"), step("540"), step("700"), about(About::Return, "open")],
        &[
            step("500"),
            step("600"),
            step("601"),
            about(About::Return, "open"),
            about(About::Return, CLOSED),
            step("700"),
        ],
        &[step("220"), step("400"), step("500"), step("550"), by("15", Buyer)],
    ],
};

const TIKTOK: Life = Life {
    happy: &[
        "UNPAID",
        "ON_HOLD",
        "AWAITING_SHIPMENT",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
    ],
    cancels: &[
        &[about(About::CancelRequest, "open"), by("CANCELLED", Buyer)],
        &[by("CANCELLED", Seller)],
        &[by("CANCEL", System)],
    ],
    others: &[
        &[
            step("AWAITING_SHIPMENT"),
            step("PARTIALLY_SHIPPING"),
            step("IN_TRANSIT"),
            step("COMPLETED"),
        ],
        &[step("AWAITING_SHIPMENT"), step("PARTIALLY_SHIPPING"), by("CANCELLED", Seller)],
        &[
            step("AWAITING_SHIPMENT"),
            about(About::CancelRequest, "open"),
            about(About::CancelRequest, CLOSED),
            step("IN_TRANSIT"),
        ],
        &[
            step("IN_TRANSIT"),
            step("COMPLETED"),
            about(About::Return, "open"),
            about(About::Return, CLOSED),
        ],
        &[step("IN_TRANSIT"), step("DELIVERED"), about(About::Return, "open"), step("COMPLETED")],
    ],
};

const LAZADA: Life = Life {
    happy: &["unpaid", "pending", "packed", "ready_to_ship", "shipped", "delivered"],
    cancels: &[
        &[by("canceled", Buyer)],
        &[by("canceled", Seller)],
        &[by("canceled", System)],
        &[step("canceled")],
    ],
    others: &[
        &[step("pending"), step("packed"), step("repacked"), step("packed"), step("shipped")],
        &[
            step("pending"),
            step("ready_to_ship"),
            step("shipped"),
            step("failed_delivery"),
            step("shipped_back"),
            step("shipped_back_success"),
        ],
        &[
            step("ready_to_ship"),
            step("shipped"),
            step("failed"),
            step("shipped_back"),
            step("shipped_back_failed"),
        ],
        &[step("ready_to_ship"), step("shipped"), step("lost")],
        &[step("ready_to_ship"), step("shipped"), step("lost_by_3pl")],
        &[step("ready_to_ship"), step("shipped"), step("damaged_by_3pl"), step("package_scrapped")],
        &[step("shipped"), step("delivered"), step("returned")],
        &[
            step("shipped"),
            step("delivered"),
            about(About::Return, "open"),
            about(About::Return, CLOSED),
        ],
        &[step("shipped"), step("delivered"), about(About::Return, "open"), step("returned")],
        &[step("pending"), by("canceled", Buyer), by("canceled", Seller), step("shipped")],
    ],
};

const SHOPEE: Life = Life {
    happy: &[
        "UNPAID",
        "PENDING",
        "READY_TO_SHIP",
        "PROCESSED",
        "SHIPPED",
        "TO_CONFIRM_RECEIVE",
        "COMPLETED",
    ],
    cancels: &[
        &[step("IN_CANCEL"), by("CANCELLED", Buyer)],
        &[by("CANCELLED", Seller)],
        &[by("CANCELLED", System)],
    ],
    others: &[
        &[step("UNPAID"), step("INVOICE_PENDING"), step("READY_TO_SHIP")],
        &[
            step("READY_TO_SHIP"),
            step("PROCESSED"),
            step("RETRY_SHIP"),
            step("PROCESSED"),
            step("SHIPPED"),
        ],
        &[
            step("READY_TO_SHIP"),
            step("IN_CANCEL"),
            step("READY_TO_SHIP"),
            step("SHIPPED"),
            step("COMPLETED"),
        ],
        &[step("SHIPPED"), step("TO_CONFIRM_RECEIVE"), step("TO_RETURN"), step("COMPLETED")],
        &[
            step("SHIPPED"),
            step("COMPLETED"),
            about(About::Return, "open"),
            about(About::Return, CLOSED),
        ],
        &[step("SHIPPED"), about(About::Return, "open"), step("TO_RETURN"), step("COMPLETED")],
    ],
};

const WOOCOMMERCE: Life = Life {
    happy: &["checkout-draft", "pending", "on-hold", "processing", "completed"],
    cancels: &[&[by("cancelled", Buyer)], &[by("cancelled", Seller)], &[step("trash")]],
    others: &[
        &[step("pending"), step("failed"), step("pending"), step("processing"), step("completed")],
        &[step("on-hold"), step("cancelled"), step("processing"), step("completed")],
        &[
            step("processing"),
            step("cancelled"),
            step("on-hold"),
            step("cancelled"),
            step("processing"),
        ],
        &[
            step("processing"),
            step("completed"),
            step("cancelled"),
            step("processing"),
            step("completed"),
            step("refunded"),
        ],
        &[
            step("on-hold"),
            step("trash"),
            step("on-hold"),
            step("processing"),
            step("trash"),
            step("cancelled"),
        ],
        &[step("processing"), step("refunded")],
        &[step("processing"), about(About::Return, "refund"), step("completed")],
        &[
            step("on-hold"),
            step("processing"),
            step("cancelled"),
            about(About::Return, "refund"),
            step("refunded"),
        ],
        &[step("completed"), step("processing"), step("pending")],
    ],
};

const POS: Life = Life {
    happy: &["sold"],
    cancels: &[&[by("voided", Seller)]],
    others: &[&[step("sold"), about(About::Return, "returned"), by("voided", Seller)]],
};

/// Every documented path of a channel: the usual one, the cancellations after each of its stages by
/// everybody who can, and the others.
pub(crate) fn of(channel: &str) -> Vec<Vec<Step>> {
    let life = match channel {
        "tokopedia" => TOKOPEDIA,
        "tiktok" => TIKTOK,
        "lazada" => LAZADA,
        "shopee" => SHOPEE,
        "woocommerce" => WOOCOMMERCE,
        "pos" => POS,
        other => panic!("{other} has no paths"),
    };
    let happy: Vec<Step> = life.happy.iter().map(|status| step(status)).collect();
    let mut paths = vec![happy.clone()];
    for reached in 0..=happy.len() {
        for cancel in life.cancels {
            let path: Vec<Step> = happy[..reached].iter().chain(*cancel).copied().collect();
            // The earliest stages of a long path are what the later ones make up for.
            paths.push(path[path.len().saturating_sub(7)..].to_vec());
        }
    }
    paths.extend(life.others.iter().map(|path| path.to_vec()));
    paths
}

/// Whether a path meets a row in which the flows differ. Their rows stand at the same places.
pub(crate) fn differs(path: &[Step], one: &Flow, two: &Flow) -> bool {
    assert_eq!(one.rules.len(), two.rules.len());
    let met = |rule: &Rule| {
        path.iter().any(|step| rule.about == step.about && rule.status.as_str() == step.status)
    };
    one.rules.iter().zip(&two.rules).any(|(one, two)| one != two && (met(one) || met(two)))
}

/// The messages of a path: one a minute, some with a look at the order.
pub(crate) fn messages(path: &[Step], mode: impl Fn(usize) -> Mode) -> Vec<Message> {
    let one = |(at, step): (usize, &Step)| {
        let mut fact = Fact::of_order(step.status, Some(minute(at)), mode(at));
        fact.key.about = step.about;
        fact.key.actor = step.actor;
        fact.key.status = ChannelStatus::new(step.status);
        Message { fact: Some(fact), look: look(at) }
    };
    path.iter().enumerate().map(one).collect()
}

fn minute(at: usize) -> Time {
    Time::from_seconds(1_700_000_000 + 60 * i64::try_from(at).unwrap())
}

/// The second message shows the lines; the third the money and a line changed; the fourth a head.
fn look(at: usize) -> Option<Snapshot> {
    let updated = Some(minute(at));
    let line = |cancelled| Line {
        key: LineKey("1".into()),
        channel_product_id: "p1".to_owned(),
        channel_sku: "S1".to_owned(),
        name: String::new(),
        quantity: 3,
        cancelled,
        unit_price: 10_000,
        units: Vec::new(),
    };
    let money = Money {
        currency: Currency::IDR,
        goods: 30_000,
        shipping: 9_000,
        fees: 0,
        discount: 0,
        total: 39_000,
    };
    let seen = Snapshot::default();
    match at {
        1 => Some(Snapshot { lines: Some(Part::seen(vec![line(0)], true, updated, true)), ..seen }),
        2 => Some(Snapshot {
            lines: Some(Part::seen(vec![line(1)], true, updated, false)),
            money: Some(Part::seen(money, true, updated, true)),
            ..seen
        }),
        3 => Some(Snapshot {
            lines: Some(Part::seen(vec![line(2)], false, updated, true)),
            head: Some(Part::seen(Head::default(), true, updated, true)),
            ..seen
        }),
        _ => None,
    }
}
