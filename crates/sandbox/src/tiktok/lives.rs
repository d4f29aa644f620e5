//! How orders live: the buttons of the page, and the stream's courses from unpaid to the end.

use crate::books::{Actor, Order};
use crate::channel::{Act, Life};

fn cancel(by: Actor) -> Act {
    Act::Cancel { by, status: None }
}

fn request() -> Act {
    Act::RequestCancel { reason: "berubah pikiran".to_owned() }
}

fn give_back() -> Act {
    Act::Return { reason: "barang rusak".to_owned() }
}

/// The acts a person may press a button for.
pub(super) fn acts(order: &Order) -> Vec<(&'static str, Act)> {
    let mut acts = Vec::new();
    match order.status() {
        "UNPAID" => acts.push(("pay", Act::Pay)),
        "ON_HOLD" => {
            acts.push(("release", Act::Accept));
            acts.push(("request-cancel", request()));
        }
        "AWAITING_SHIPMENT" | "PARTIALLY_SHIPPING" => {
            acts.push(("arrange", Act::Ship));
            acts.push(("request-cancel", request()));
        }
        "AWAITING_COLLECTION" => {
            acts.push(("collect", Act::Ship));
            acts.push(("request-cancel", request()));
        }
        "IN_TRANSIT" => acts.push(("deliver", Act::Deliver)),
        "DELIVERED" => {
            acts.push(("complete", Act::Complete));
            acts.push(("return", give_back()));
        }
        "COMPLETED" => acts.push(("return", give_back())),
        _ => {}
    }
    if super::acts::UNSENT.contains(&order.status()) {
        acts.push(("cancel-buyer", cancel(Actor::Buyer)));
        acts.push(("cancel-seller", cancel(Actor::Seller)));
        acts.push(("cancel-system", cancel(Actor::System)));
    }
    acts
}

const PAY: fn() -> Act = || Act::Pay;
const RELEASE: fn() -> Act = || Act::Accept;
const SHIP: fn() -> Act = || Act::Ship;
const DELIVER: fn() -> Act = || Act::Deliver;
const COMPLETE: fn() -> Act = || Act::Complete;
const ASK: fn() -> Act = request;
const RETURN: fn() -> Act = give_back;
const BUYER: fn() -> Act = || cancel(Actor::Buyer);
const SELLER: fn() -> Act = || cancel(Actor::Seller);
const SYSTEM: fn() -> Act = || cancel(Actor::System);

/// The courses of the stream's orders; one that stops early stays where it stops.
#[rustfmt::skip]
pub(super) static LIVES: [Life; 11] = [
    Life { weight: 34, paid: true,  steps: &[(10, RELEASE), (30, SHIP), (45, SHIP), (75, DELIVER), (100, COMPLETE)] },
    Life { weight: 14, paid: false, steps: &[(8, PAY), (18, RELEASE), (35, SHIP), (50, SHIP), (80, DELIVER), (100, COMPLETE)] },
    Life { weight: 5,  paid: false, steps: &[] },
    Life { weight: 6,  paid: true,  steps: &[] },
    Life { weight: 8,  paid: true,  steps: &[(15, RELEASE)] },
    Life { weight: 6,  paid: true,  steps: &[(15, RELEASE), (40, SHIP)] },
    Life { weight: 4,  paid: false, steps: &[(40, SYSTEM)] },
    Life { weight: 5,  paid: true,  steps: &[(20, BUYER)] },
    Life { weight: 4,  paid: true,  steps: &[(15, RELEASE), (40, SELLER)] },
    Life { weight: 4,  paid: true,  steps: &[(15, RELEASE), (30, ASK)] },
    Life { weight: 5,  paid: true,  steps: &[(10, RELEASE), (25, SHIP), (40, SHIP), (60, DELIVER), (80, RETURN)] },
];
