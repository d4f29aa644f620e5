//! How orders live: the buttons of the page, and the stream's courses from checkout to the end.

use crate::books::{Actor, Order};
use crate::channel::{Act, Life};

fn to(status: &str) -> Act {
    Act::Status { status: status.to_owned(), by: Actor::System }
}

fn cancel(by: Actor) -> Act {
    Act::Cancel { by, status: None }
}

fn wish() -> Act {
    Act::RequestCancel { reason: "salah pesan".to_owned() }
}

fn give_back() -> Act {
    Act::Return { reason: "barang rusak".to_owned() }
}

/// The acts a person may press a button for.
pub(super) fn acts(order: &Order) -> Vec<(&'static str, Act)> {
    let mut acts = Vec::new();
    match order.status() {
        "unpaid" => {
            acts.push(("pay", Act::Pay));
            acts.push(("cancel-system", cancel(Actor::System)));
        }
        "pending" | "repacked" => acts.push(("pack", Act::Accept)),
        "packed" => {
            acts.push(("ready", to("ready_to_ship")));
            acts.push(("repack", to("repacked")));
            acts.push(("ship", Act::Ship));
        }
        "ready_to_ship" => acts.push(("ship", Act::Ship)),
        "shipped" => {
            acts.push(("deliver", Act::Deliver));
            acts.push(("fail", to("failed_delivery")));
            acts.push(("lose", to("lost_by_3pl")));
        }
        "delivered" => {
            acts.push(("return", give_back()));
            acts.push(("returned", to("returned")));
        }
        "failed" | "failed_delivery" => acts.push(("ship-back", to("shipped_back"))),
        "shipped_back" => {
            acts.push(("back", to("shipped_back_success")));
            acts.push(("lose-back", to("shipped_back_failed")));
        }
        _ => {}
    }
    if matches!(order.status(), "pending" | "repacked" | "packed" | "ready_to_ship") {
        acts.push(("cancel-buyer", cancel(Actor::Buyer)));
        acts.push(("cancel-seller", cancel(Actor::Seller)));
        acts.push(("request-cancel", wish()));
    }
    acts
}

const PAY: fn() -> Act = || Act::Pay;
const PACK: fn() -> Act = || Act::Accept;
const REPACK: fn() -> Act = || to("repacked");
const READY: fn() -> Act = || to("ready_to_ship");
const SHIP: fn() -> Act = || Act::Ship;
const DELIVER: fn() -> Act = || Act::Deliver;
const FAIL: fn() -> Act = || to("failed_delivery");
const BACK: fn() -> Act = || to("shipped_back");
const HOME: fn() -> Act = || to("shipped_back_success");
const LOST: fn() -> Act = || to("lost_by_3pl");
const WISH: fn() -> Act = wish;
const RETURN: fn() -> Act = give_back;
const RETURNED: fn() -> Act = || to("returned");
const BUYER: fn() -> Act = || cancel(Actor::Buyer);
const SELLER: fn() -> Act = || cancel(Actor::Seller);
const SYSTEM: fn() -> Act = || cancel(Actor::System);

/// The courses of the stream's orders; one that stops early stays where it stops.
#[rustfmt::skip]
pub(super) static LIVES: [Life; 14] = [
    Life { weight: 30, paid: true,  steps: &[(15, PACK), (30, READY), (50, SHIP), (90, DELIVER)] },
    Life { weight: 14, paid: false, steps: &[(5, PAY), (20, PACK), (35, READY), (55, SHIP), (95, DELIVER)] },
    Life { weight: 5,  paid: false, steps: &[] },
    Life { weight: 8,  paid: true,  steps: &[] },
    Life { weight: 4,  paid: true,  steps: &[(30, PACK)] },
    Life { weight: 4,  paid: true,  steps: &[(20, PACK), (40, READY)] },
    Life { weight: 3,  paid: true,  steps: &[(15, PACK), (25, REPACK), (40, PACK), (55, READY), (70, SHIP), (95, DELIVER)] },
    Life { weight: 4,  paid: true,  steps: &[(30, BUYER)] },
    Life { weight: 4,  paid: true,  steps: &[(30, SELLER)] },
    Life { weight: 3,  paid: false, steps: &[(40, SYSTEM)] },
    Life { weight: 3,  paid: true,  steps: &[(30, WISH)] },
    Life { weight: 3,  paid: true,  steps: &[(15, PACK), (25, READY), (40, SHIP), (60, FAIL), (75, BACK), (95, HOME)] },
    Life { weight: 2,  paid: true,  steps: &[(15, PACK), (25, READY), (40, SHIP), (80, LOST)] },
    Life { weight: 3,  paid: true,  steps: &[(15, PACK), (25, READY), (40, SHIP), (60, DELIVER), (75, RETURN), (98, RETURNED)] },
];
