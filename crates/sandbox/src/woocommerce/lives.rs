//! How orders live: the buttons of the page, and the stream's courses from unpaid to the end.

use crate::books::{Actor, Order};
use crate::channel::{Act, Life};

fn to(status: &str) -> Act {
    Act::Status { status: status.to_owned(), by: Actor::Seller }
}

fn cancel(by: Actor) -> Act {
    Act::Cancel { by, status: None }
}

fn refund() -> Act {
    Act::Return { reason: "barang rusak".to_owned() }
}

/// The acts a person may press a button for.
pub(super) fn acts(order: &Order) -> Vec<(&'static str, Act)> {
    let mut acts = Vec::new();
    match order.status() {
        "checkout-draft" | "pending" | "failed" => {
            acts.push(("pay", Act::Pay));
            acts.push(("hold", to("on-hold")));
            acts.push(("cancel-system", cancel(Actor::System)));
        }
        "on-hold" => {
            acts.push(("accept", Act::Accept));
            acts.push(("cancel-seller", cancel(Actor::Seller)));
        }
        "processing" | "packing" => {
            acts.push(("complete", Act::Complete));
            acts.push(("cancel-seller", cancel(Actor::Seller)));
            acts.push(("pack", to("packing")));
            acts.push(("refund", refund()));
        }
        "completed" => acts.push(("refund", refund())),
        "cancelled" => acts.push(("revive", to("processing"))),
        "trash" => acts.push(("restore", to("processing"))),
        _ => {}
    }
    if order.status() != "trash" {
        acts.push(("trash", to("trash")));
    }
    acts
}

const PAY: fn() -> Act = || Act::Pay;
const HOLD: fn() -> Act = || to("on-hold");
const ACCEPT: fn() -> Act = || Act::Accept;
const COMPLETE: fn() -> Act = || Act::Complete;
const FAIL: fn() -> Act = || to("failed");
const PACK: fn() -> Act = || to("packing");
const REVIVE: fn() -> Act = || to("processing");
const TRASH: fn() -> Act = || to("trash");
const REFUND: fn() -> Act = refund;
const BUYER: fn() -> Act = || cancel(Actor::Buyer);
const SELLER: fn() -> Act = || cancel(Actor::Seller);
const SYSTEM: fn() -> Act = || cancel(Actor::System);

/// The courses of the stream's orders; one that stops early stays where it stops.
#[rustfmt::skip]
pub(super) static LIVES: [Life; 12] = [
    Life { weight: 30, paid: true,  steps: &[(80, COMPLETE)] },
    Life { weight: 14, paid: false, steps: &[(10, HOLD), (30, ACCEPT), (90, COMPLETE)] },
    Life { weight: 8,  paid: false, steps: &[(10, FAIL), (30, PAY), (90, COMPLETE)] },
    Life { weight: 5,  paid: false, steps: &[] },
    Life { weight: 8,  paid: true,  steps: &[] },
    Life { weight: 5,  paid: false, steps: &[(60, SYSTEM)] },
    Life { weight: 4,  paid: true,  steps: &[(30, BUYER)] },
    Life { weight: 4,  paid: true,  steps: &[(30, SELLER), (60, REVIVE), (95, COMPLETE)] },
    Life { weight: 4,  paid: true,  steps: &[(30, PACK), (70, COMPLETE)] },
    Life { weight: 3,  paid: true,  steps: &[(50, COMPLETE), (95, REFUND)] },
    Life { weight: 2,  paid: true,  steps: &[(40, REFUND)] },
    Life { weight: 2,  paid: false, steps: &[(50, TRASH)] },
];
