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
    Act::Return { reason: "ITEM_DAMAGED".to_owned() }
}

fn no_show() -> Act {
    Act::Status { status: "RETRY_SHIP".to_owned(), by: Actor::Courier }
}

/// The acts a person may press a button for.
pub(super) fn acts(order: &Order) -> Vec<(&'static str, Act)> {
    let mut acts = Vec::new();
    match order.status() {
        "UNPAID" => acts.push(("pay", Act::Pay)),
        "READY_TO_SHIP" => {
            acts.push(("arrange", Act::Ship));
            acts.push(("request-cancel", request()));
        }
        "RETRY_SHIP" => acts.push(("arrange-again", Act::Ship)),
        "PROCESSED" => {
            acts.push(("collect", Act::Ship));
            acts.push(("courier-does-not-come", no_show()));
            acts.push(("request-cancel", request()));
        }
        "SHIPPED" => acts.push(("deliver", Act::Deliver)),
        "TO_CONFIRM_RECEIVE" => {
            acts.push(("complete", Act::Complete));
            acts.push(("return", give_back()));
        }
        "TO_RETURN" => acts.push(("complete", Act::Complete)),
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
const SHIP: fn() -> Act = || Act::Ship;
const DELIVER: fn() -> Act = || Act::Deliver;
const COMPLETE: fn() -> Act = || Act::Complete;
const ASK: fn() -> Act = request;
const NO_SHOW: fn() -> Act = no_show;
const RETURN: fn() -> Act = give_back;
const BUYER: fn() -> Act = || cancel(Actor::Buyer);
const SELLER: fn() -> Act = || cancel(Actor::Seller);
const SYSTEM: fn() -> Act = || cancel(Actor::System);

/// The courses of the stream's orders; one that stops early stays where it stops.
#[rustfmt::skip]
pub(super) static LIVES: [Life; 11] = [
    Life { weight: 36, paid: true,  steps: &[(30, SHIP), (45, SHIP), (75, DELIVER), (100, COMPLETE)] },
    Life { weight: 16, paid: false, steps: &[(8, PAY), (35, SHIP), (50, SHIP), (80, DELIVER), (100, COMPLETE)] },
    Life { weight: 5,  paid: false, steps: &[] },
    Life { weight: 8,  paid: true,  steps: &[] },
    Life { weight: 7,  paid: true,  steps: &[(40, SHIP)] },
    Life { weight: 4,  paid: true,  steps: &[(25, SHIP), (35, NO_SHOW), (45, SHIP), (60, SHIP), (90, DELIVER)] },
    Life { weight: 4,  paid: false, steps: &[(40, SYSTEM)] },
    Life { weight: 4,  paid: true,  steps: &[(20, BUYER)] },
    Life { weight: 4,  paid: true,  steps: &[(40, SELLER)] },
    Life { weight: 4,  paid: true,  steps: &[(30, ASK)] },
    Life { weight: 8,  paid: true,  steps: &[(25, SHIP), (40, SHIP), (60, DELIVER), (80, RETURN)] },
];
