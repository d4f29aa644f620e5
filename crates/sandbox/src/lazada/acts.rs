//! What becomes of an order's units, with the stock that follows, and who is told.

use std::sync::Arc;

use super::Lazada;
use super::books::{Extra, Floor, Reverse};
use super::pushes::Push;
use crate::books::{Actor, Books, CancelRequest, Complaint, Order, Step};
use crate::channel::{Act, Refusal};
use crate::clock::SECOND_US;
use crate::lock;

/// How long an order waits to be paid.
pub(super) const UNPAID_US: i64 = 30 * 60 * SECOND_US;
/// How long a seller may think about a buyer's wish to cancel; then it is granted.
pub(super) const WISH_US: i64 = 48 * 3_600 * SECOND_US;

/// Statuses from which a unit can be cancelled by the seller, or on the buyer's wish.
pub(super) const CANCELLABLE: [&str; 4] = ["pending", "repacked", "packed", "ready_to_ship"];
/// The status of a unit that is cancelled.
pub(super) const CANCELED: &str = "canceled";
/// The units of an order, by their place.
pub(super) type Units = Vec<usize>;

/// An order that is being changed.
pub(super) struct Change<'a> {
    pub(super) books: &'a mut Books,
    pub(super) floor: &'a mut Floor,
    pub(super) order: &'a mut Order,
    pub(super) extra: Extra,
    pub(super) now_us: i64,
    /// Who is told of what.
    pub(super) pushes: Vec<Push>,
}

impl Change<'_> {
    /// The units in one of these statuses.
    pub(super) fn units_in(&self, statuses: &[&str]) -> Units {
        let stands = |at: &usize| statuses.contains(&self.extra.units[*at].status.as_str());
        (0..self.extra.units.len()).filter(stands).collect()
    }

    /// Sets the status of units; one that has it already stays as it is. Returns how many changed.
    pub(super) fn set(&mut self, units: &[usize], status: &str, by: Actor) -> usize {
        let mut changed = 0;
        for &at in units {
            let unit = &mut self.extra.units[at];
            if unit.status == status {
                continue;
            }
            changed += 1;
            unit.before = Some((unit.status.clone(), unit.updated_us));
            let held = unit.status == "unpaid" || CANCELLABLE.contains(&unit.status.as_str());
            unit.status = status.to_owned();
            unit.updated_us = self.now_us;
            unit.wish = unit.wish.filter(|_| CANCELLABLE.contains(&status));
            let line = &self.order.lines[unit.line];
            if status == CANCELED
                && held
                && let Some(product) = self.books.products.get_mut(&line.product_id)
            {
                // What was held for it can be sold again.
                product.stock += 1;
                product.updated_us = self.now_us;
            }
            self.pushes.push(Push::of_unit(self.order, &self.extra.units[at]));
        }
        if changed > 0 && self.order.status() != status {
            let (at_us, status) = (self.now_us, status.to_owned());
            self.order.history.push(Step { status, at_us, by, comment: String::new() });
        }
        if self.extra.units.iter().all(|unit| unit.wish.is_none())
            && let Some(request) = &mut self.order.cancel_request
        {
            request.open = false;
        }
        self.order.updated_us = self.now_us.max(self.order.updated_us);
        changed
    }

    /// Puts units into a parcel of their own, with a tracking number.
    pub(super) fn pack(&mut self, units: &[usize]) -> (String, String) {
        let number = self.floor.next_id();
        let (package, awb) = (format!("FP{number:07}"), format!("LXSB-{number:09}"));
        for &at in units {
            self.extra.units[at].package.clone_from(&package);
            self.extra.units[at].awb.clone_from(&awb);
        }
        self.order.awb.clone_from(&awb);
        self.set(units, "packed", Actor::Seller);
        (package, awb)
    }

    /// Cancels units, with who did it and why.
    pub(super) fn cancel(&mut self, units: &[usize], by: Actor, reason: &str) {
        let initiator = match by {
            Actor::Buyer => "cancellation-customer",
            Actor::Seller => "cancellation-seller",
            Actor::Courier => "cancellation-failed Delivery",
            Actor::System => "cancellation-internal",
        };
        for &at in units {
            reason.clone_into(&mut self.extra.units[at].reason);
            self.extra.units[at].initiator = initiator;
        }
        self.set(units, CANCELED, by);
    }
}

impl Lazada {
    /// Changes an order, then tells who listens.
    pub(super) fn change<E, T>(
        &self,
        order_id: &str,
        unknown: E,
        change: impl FnOnce(&mut Change<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut books = lock(&self.desk.books);
        let Some(mut order) = books.find_order(order_id).map(|found| Order::clone(found)) else {
            return Err(unknown);
        };
        let now_us = self.desk.shop_now_us(order.shop_id);
        let mut floor = lock(&self.floor);
        let extra = floor.extras.get(order_id).cloned().unwrap_or_default();
        let mut changing = Change {
            books: &mut books,
            floor: &mut floor,
            order: &mut order,
            extra,
            now_us,
            pushes: Vec::new(),
        };
        let done = change(&mut changing)?;
        let (extra, pushes) = (changing.extra, changing.pushes);
        let order = books.replace(order);
        floor.extras.get_mut(order_id).into_iter().for_each(|kept| kept.take(extra.clone()));
        floor.enlist(&order);
        let notices = self.notices(&floor, &pushes, now_us);
        drop(floor);
        drop(books);
        self.post(&notices);
        Ok(done)
    }

    /// Does what a person asked of the control API.
    pub(super) fn do_act(&self, order_id: &str, act: Act) -> Result<(), Refusal> {
        let unknown = Refusal::NotFound(format!("there is no order {order_id}"));
        let wishes = matches!(act, Act::RequestCancel { .. });
        self.change(order_id, unknown, |change| apply(change, act))?;
        let order = lock(&self.desk.books).find_order(order_id).cloned();
        if let Some(order) = order.filter(|_| wishes) {
            self.desk.remind(order.updated_us + WISH_US, order_id, order.status());
        }
        Ok(())
    }

    /// Does what the channel does by itself: nobody has paid, or nobody answered a wish.
    pub(super) fn time_has_come(&self, order_id: &str, status: &str) {
        let done = self.change(order_id, (), |change| {
            let late = change.order.status() == status;
            let wished = change.extra.units.iter().any(|unit| unit.wish.is_some());
            match status {
                "unpaid" if late => {
                    let units = change.units_in(&["unpaid"]);
                    change.cancel(&units, Actor::System, "Payment timeout");
                }
                _ if wished => grant_wish(change),
                _ => return Err(()),
            }
            Ok(())
        });
        if done.is_ok() {
            tracing::debug!(order.id = order_id, "the channel acted by itself");
        }
    }
}

/// Cancels what the buyer wished to cancel.
pub(super) fn grant_wish(change: &mut Change<'_>) {
    let wished = |at: &usize| change.extra.units[*at].wish.is_some();
    let units: Units = (0..change.extra.units.len()).filter(wished).collect();
    let reason = change.order.cancel_request.as_ref().map(|request| request.reason.clone());
    change.cancel(&units, Actor::Buyer, &reason.unwrap_or_default());
}

impl Extra {
    /// Takes what was changed.
    fn take(&mut self, changed: Self) {
        self.units = changed.units;
        self.reverses = changed.reverses;
    }
}

fn wrong(order: &Order, what: &str) -> Refusal {
    let status = order.status();
    Refusal::WrongStatus(format!("order {} has status {status} and can not {what}", order.id))
}

/// The units that an act moves; refused if there are none.
fn movable(change: &Change<'_>, from: &[&str], what: &str) -> Result<Units, Refusal> {
    let units = change.units_in(from);
    if units.is_empty() { Err(wrong(change.order, what)) } else { Ok(units) }
}

fn apply(change: &mut Change<'_>, act: Act) -> Result<(), Refusal> {
    match act {
        Act::Pay => {
            let units = movable(change, &["unpaid"], "be paid")?;
            change.order.paid_us = Some(change.now_us);
            change.set(&units, "pending", Actor::Buyer);
        }
        Act::Accept => {
            let units = movable(change, &["pending", "repacked"], "be packed")?;
            change.pack(&units);
        }
        Act::Ship => {
            let units = movable(change, &["packed", "ready_to_ship"], "be shipped")?;
            change.set(&units, "shipped", Actor::Courier);
        }
        Act::Deliver => {
            let units = movable(change, &["shipped"], "be delivered")?;
            change.set(&units, "delivered", Actor::Courier);
        }
        Act::Cancel { by, .. } => {
            let from = ["unpaid", "pending", "repacked", "packed", "ready_to_ship"];
            let units = movable(change, &from, "be cancelled")?;
            change.cancel(&units, by, "Berubah pikiran");
        }
        Act::RequestCancel { reason } => wish(change, reason)?,
        Act::Return { reason } => give_back(change, reason)?,
        Act::Partial { sku, quantity_deliver } => less(change, &sku, quantity_deliver)?,
        Act::Status { status, by } => {
            if status.is_empty() || status.len() > 40 {
                return Err(Refusal::Invalid(format!("{status:?} is no status")));
            }
            let all: Units = (0..change.extra.units.len()).collect();
            change.set(&all, &status, by);
        }
        Act::Complete | Act::Delete => {
            return Err(Refusal::Invalid("this channel knows no such thing".to_owned()));
        }
    }
    Ok(())
}

/// The buyer asks to cancel what can be cancelled.
fn wish(change: &mut Change<'_>, reason: String) -> Result<(), Refusal> {
    let units = movable(change, &CANCELLABLE, "be asked to be cancelled")?;
    let id = change.floor.next_id() + 500_000;
    for &at in &units {
        change.extra.units[at].wish = Some(id);
        change.extra.units[at].updated_us = change.now_us;
        let push = Push::of_reverse(change.order, &change.extra.units[at], (id, "CANCEL_INIT"));
        change.pushes.push(push);
    }
    let at_us = change.now_us;
    change.order.cancel_request = Some(CancelRequest { at_us, reason, open: true });
    change.order.updated_us = at_us;
    Ok(())
}

/// The buyer sends everything back.
fn give_back(change: &mut Change<'_>, reason: String) -> Result<(), Refusal> {
    let units = movable(change, &["shipped", "delivered"], "be returned")?;
    let id = change.floor.next_id() + 500_000;
    for &at in &units {
        let push = Push::of_reverse(change.order, &change.extra.units[at], (id, "RTM_INIT"));
        change.pushes.push(push);
    }
    let now_us = change.now_us;
    change.extra.reverses.push(Reverse {
        id,
        kind: "RETURN",
        status: "REQUEST_INITIATE".to_owned(),
        created_us: now_us,
        updated_us: now_us,
        reason: reason.clone(),
        units,
    });
    change.order.complaints.push(Complaint {
        id,
        opened_us: now_us,
        closed_us: None,
        problem: reason,
        solution: String::new(),
    });
    change.order.updated_us = now_us;
    Ok(())
}

/// The seller cancels some units of one product.
fn less(change: &mut Change<'_>, sku: &str, quantity_deliver: i64) -> Result<(), Refusal> {
    let none = || Refusal::NotFound(format!("the order has no line {sku}"));
    let at = change.order.lines.iter().position(|line| line.sku == sku).ok_or_else(none)?;
    let quantity = change.order.lines[at].quantity;
    let fewer = quantity - quantity_deliver;
    if !(0..quantity).contains(&quantity_deliver) {
        return Err(Refusal::Invalid(format!("quantity_deliver must be 0 to {}", quantity - 1)));
    }
    let mut units = change.units_in(&CANCELLABLE);
    units.retain(|unit| change.extra.units[*unit].line == at);
    let fewer = usize::try_from(fewer).unwrap_or(0);
    if units.len() < fewer {
        return Err(wrong(change.order, "be delivered in part"));
    }
    units.truncate(fewer);
    change.order.lines[at].quantity_reject = quantity - quantity_deliver;
    change.cancel(&units, Actor::Seller, "Out of Stock");
    Ok(())
}

/// An order as who asks about it in the shop's name finds it.
pub(super) fn own_order(books: &Books, shop_id: i64, id: &str) -> Option<Arc<Order>> {
    books.find_order(id).filter(|order| order.shop_id == shop_id).cloned()
}
