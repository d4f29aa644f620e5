//! How orders live: the buttons of the page, and the stream's courses from unpaid to the end.

use super::statuses as st;
use crate::books::{Actor, Order};
use crate::channel::{Act, Life};

/// The acts a person may press a button for.
pub(super) fn acts(order: &Order) -> Vec<(&'static str, Act)> {
    let cancel = |by| Act::Cancel { by, status: None };
    let reason = || "lewat halaman sandbox".to_owned();
    let mut acts = Vec::new();
    let code = st::code(order);
    match code {
        st::CREATED | st::PAYMENT_PENDING => acts.push(("pay", Act::Pay)),
        st::PAID => acts.push(("accept", Act::Accept)),
        st::ACCEPTED | st::PICKUP_ASKED => {
            acts.push(("ship", Act::Ship));
            acts.push(("request-cancel", Act::RequestCancel { reason: reason() }));
        }
        st::AWB_AWAITED | st::AWB_INVALID | st::AWB_CORRECTION => acts.push(("ship", Act::Ship)),
        st::SHIPPED | st::AT_PICKUP_POINT => {
            acts.push(("deliver", Act::Deliver));
            acts.push(("return", Act::Return { reason: reason() }));
        }
        st::DELIVERED => {
            acts.push(("complete", Act::Complete));
            acts.push(("return", Act::Return { reason: reason() }));
        }
        st::COMPLAINED => acts.push(("complete", Act::Complete)),
        _ => {}
    }
    if st::UNSENT.contains(&code) {
        acts.push(("cancel-buyer", cancel(Actor::Buyer)));
        acts.push(("cancel-seller", cancel(Actor::Seller)));
        acts.push(("cancel-system", cancel(Actor::System)));
    }
    acts
}

fn to(code: i64) -> Act {
    Act::Status { status: code.to_string(), by: Actor::System }
}

fn cancel(by: Actor) -> Act {
    Act::Cancel { by, status: None }
}

const PAY: fn() -> Act = || Act::Pay;
const ACCEPT: fn() -> Act = || Act::Accept;
const READY: fn() -> Act = || to(st::PICKUP_ASKED);
const SHIP: fn() -> Act = || Act::Ship;
const DELIVER: fn() -> Act = || Act::Deliver;
const COMPLETE: fn() -> Act = || Act::Complete;
const COMPLAIN: fn() -> Act = || Act::Return { reason: "barang rusak".to_owned() };
const WRONG_AWB: fn() -> Act = || to(st::AWB_INVALID);
const BUYER: fn() -> Act = || cancel(Actor::Buyer);
const SELLER: fn() -> Act = || cancel(Actor::Seller);
const SYSTEM: fn() -> Act = || cancel(Actor::System);

/// The courses of the stream's orders; one that stops early stays where it stops.
#[rustfmt::skip]
pub(super) static LIVES: [Life; 13] = [
    Life { weight: 30, paid: true,  steps: &[(15, ACCEPT), (30, READY), (45, SHIP), (75, DELIVER), (100, COMPLETE)] },
    Life { weight: 14, paid: false, steps: &[(10, PAY), (25, ACCEPT), (50, SHIP), (80, DELIVER), (100, COMPLETE)] },
    Life { weight: 5,  paid: false, steps: &[] },
    Life { weight: 8,  paid: true,  steps: &[] },
    Life { weight: 8,  paid: true,  steps: &[(20, ACCEPT), (40, READY)] },
    Life { weight: 8,  paid: true,  steps: &[(20, ACCEPT), (50, SHIP)] },
    Life { weight: 3,  paid: false, steps: &[(40, SYSTEM)] },
    Life { weight: 5,  paid: true,  steps: &[(20, BUYER)] },
    Life { weight: 4,  paid: true,  steps: &[(15, ACCEPT), (40, SELLER)] },
    Life { weight: 3,  paid: true,  steps: &[(30, SYSTEM)] },
    Life { weight: 6,  paid: true,  steps: &[(10, ACCEPT), (30, SHIP), (50, DELIVER), (70, COMPLAIN)] },
    Life { weight: 3,  paid: true,  steps: &[(10, ACCEPT), (30, SHIP), (50, DELIVER), (65, COMPLAIN), (100, COMPLETE)] },
    Life { weight: 3,  paid: true,  steps: &[(10, ACCEPT), (30, SHIP), (45, WRONG_AWB), (60, SHIP), (80, DELIVER), (100, COMPLETE)] },
];
