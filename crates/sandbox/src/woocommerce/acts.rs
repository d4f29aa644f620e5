//! What becomes of an order: its status, with the stock and the times that follow, and who is told.

use std::sync::Arc;

use super::books::{Refund, SHOP_ID, Site, counting};
use super::hooks::Topic;
use super::{WooCommerce, refunds};
use crate::books::{Actor, Books, Order, Step};
use crate::channel::{Act, Refusal};
use crate::clock::SECOND_US;
use crate::lock;

/// The statuses of the shop; the last one is its own, of a plugin.
pub(super) const STATUSES: [&str; 9] = [
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
    "packing",
];

/// In the shop's bin; it is no status that can be set.
pub(super) const TRASH: &str = "trash";

/// How long an order waits to be paid: "hold stock (minutes)", as a shop opens.
pub(super) const HELD_US: i64 = 60 * 60 * SECOND_US;

/// Statuses that take units off the shelf, once.
const TAKING: [&str; 3] = ["on-hold", "processing", "completed"];
/// Statuses that put them back, once.
const GIVING: [&str; 2] = ["cancelled", "pending"];

impl WooCommerce {
    /// Changes an order, then tells who listens.
    ///
    /// `change` returns what there is to tell.
    pub(super) fn change<E>(
        &self,
        order_id: &str,
        unknown: E,
        change: impl FnOnce(&mut Books, &mut Site, &mut Order, i64) -> Result<Option<Topic>, E>,
    ) -> Result<Arc<Order>, E> {
        let now_us = self.desk.shop_now_us(SHOP_ID);
        let mut books = lock(&self.desk.books);
        let Some(mut order) = books.find_order(order_id).map(|found| Order::clone(found)) else {
            return Err(unknown);
        };
        let mut site = lock(&self.site);
        let before = order.updated_us;
        let told = change(&mut books, &mut site, &mut order, now_us)?;
        if told.is_some() {
            order.updated_us = now_us.max(before);
        }
        let order = books.replace(order);
        site.enlist(&order);
        let notices =
            told.map(|topic| self.notices(&mut site, topic, &order.id)).unwrap_or_default();
        drop(site);
        drop(books);
        self.post(&notices);
        Ok(order)
    }

    /// Does what a person asked of the control API.
    pub(super) fn do_act(&self, order_id: &str, act: Act) -> Result<(), Refusal> {
        if act == Act::Delete {
            return self.delete(order_id);
        }
        let unknown = Refusal::NotFound(format!("there is no order {order_id}"));
        let done = self.change(order_id, unknown, |books, site, order, now_us| {
            apply(books, site, order, now_us, act)
        });
        done.map(|_| ())
    }

    /// Cancels an order that nobody has paid for in the time that its units are held.
    pub(super) fn cancel_unpaid(&self, order_id: &str, status: &str) {
        let cancelled = self.change(order_id, (), |books, site, order, now_us| {
            let late = order.status() == status && status == "pending";
            let to = ("cancelled", Actor::System);
            if late { Ok(set_status(books, site, order, to, now_us)) } else { Err(()) }
        });
        if cancelled.is_ok() {
            tracing::debug!(order.id = order_id, "nobody has paid");
        }
    }

    /// Deletes an order for good; nobody is told.
    pub(super) fn delete(&self, order_id: &str) -> Result<(), Refusal> {
        let mut books = lock(&self.desk.books);
        let order = books.find_order(order_id).cloned();
        let order =
            order.ok_or_else(|| Refusal::NotFound(format!("there is no order {order_id}")))?;
        lock(&self.site).forget(&order);
        books.remove(order_id);
        Ok(())
    }
}

/// Sets an order's status; the same again changes nothing.
pub(super) fn set_status(
    books: &mut Books,
    site: &mut Site,
    order: &mut Order,
    (status, by): (&str, Actor),
    now_us: i64,
) -> Option<Topic> {
    if order.status() == status {
        return None;
    }
    let topic = match (order.status(), status) {
        (_, TRASH) => Topic::OrderDeleted,
        (TRASH, _) => Topic::OrderRestored,
        _ => Topic::OrderUpdated,
    };
    order.history.push(Step {
        status: status.to_owned(),
        at_us: now_us,
        by,
        comment: String::new(),
    });
    order.updated_us = now_us;
    if matches!(status, "processing" | "completed") && order.paid_us.is_none() {
        order.paid_us = Some(now_us);
    }
    if status == "completed" {
        site.extra(&order.id).completed_us = Some(now_us);
    }
    move_stock(books, site, order, status, now_us);
    Some(topic)
}

/// Takes an order's units off the shelf or puts them back, once each.
fn move_stock(books: &mut Books, site: &mut Site, order: &Order, status: &str, now_us: i64) {
    let taken = site.extra(&order.id).reduced;
    let sign = match (taken, TAKING.contains(&status), GIVING.contains(&status)) {
        (false, true, _) => -1,
        (true, _, true) => 1,
        _ => return,
    };
    for line in &order.lines {
        let counted = counting(site, line.product_id);
        if let Some(product) = counted.and_then(|id| books.products.get_mut(&id)) {
            // It goes below zero where more was sold than there was: the shop asks nobody.
            product.stock += sign * line.quantity;
            product.updated_us = now_us;
        }
    }
    site.extra(&order.id).reduced = sign < 0;
}

fn allow(order: &Order, from: &[&str], what: &str) -> Result<(), Refusal> {
    if from.contains(&order.status()) {
        return Ok(());
    }
    Err(Refusal::WrongStatus(format!(
        "order {} has status {} and can not {what}",
        order.id,
        order.status()
    )))
}

fn apply(
    books: &mut Books,
    site: &mut Site,
    order: &mut Order,
    now_us: i64,
    act: Act,
) -> Result<Option<Topic>, Refusal> {
    let live = ["pending", "failed", "on-hold", "processing", "packing"];
    let to = match act {
        Act::Pay => {
            allow(order, &["checkout-draft", "pending", "failed", "on-hold"], "be paid")?;
            ("processing", Actor::System)
        }
        Act::Accept => {
            allow(order, &["pending", "failed", "on-hold"], "be accepted")?;
            ("processing", Actor::Seller)
        }
        Act::Ship | Act::Complete => {
            allow(order, &live, "be completed")?;
            ("completed", Actor::Seller)
        }
        Act::Cancel { by, .. } => {
            allow(order, &live, "be cancelled")?;
            ("cancelled", by)
        }
        Act::Status { status, by } => {
            if status.is_empty() || status.len() > 20 {
                return Err(Refusal::Invalid(format!("{status:?} is no status")));
            }
            return Ok(set_status(books, site, order, (&status, by), now_us));
        }
        Act::Return { reason } => {
            allow(order, &["processing", "completed", "cancelled"], "be refunded")?;
            let rest = order.total() - refunds::sum(site, &order.id);
            let lines = order.lines.iter().map(|line| (line.id, line.quantity)).collect();
            return Ok(refunds::refund(books, site, order, &(rest, reason, lines, true), now_us).1);
        }
        Act::Partial { sku, quantity_deliver } => {
            return refund_rest(books, site, order, (&sku, quantity_deliver), now_us);
        }
        Act::Deliver | Act::RequestCancel { .. } | Act::Delete => {
            return Err(Refusal::Invalid("this shop knows no such thing".to_owned()));
        }
    };
    Ok(set_status(books, site, order, to, now_us))
}

/// The money for what is not delivered of a line goes back.
fn refund_rest(
    books: &mut Books,
    site: &mut Site,
    order: &mut Order,
    (sku, quantity_deliver): (&str, i64),
    now_us: i64,
) -> Result<Option<Topic>, Refusal> {
    allow(order, &["on-hold", "processing", "completed"], "be refunded in part")?;
    let Some(line) = order.lines.iter().find(|line| line.sku == sku) else {
        return Err(Refusal::NotFound(format!("order {} has no line {sku}", order.id)));
    };
    if !(0..line.quantity).contains(&quantity_deliver) {
        return Err(Refusal::Invalid(format!(
            "quantity_deliver must be 0 to {}",
            line.quantity - 1
        )));
    }
    let units = line.quantity - quantity_deliver;
    let back = (line.price * units, String::new(), vec![(line.id, units)], true);
    Ok(refunds::refund(books, site, order, &back, now_us).1)
}

/// The amount that goes back, why, which lines with how many units, whether they go back on the shelf.
pub(super) type Back = (i64, String, Vec<(i64, i64)>, bool);

/// A refund as it is kept.
pub(super) fn kept(id: i64, at_us: i64, back: &Back) -> Refund {
    Refund { id, at_us, amount: back.0, reason: back.1.clone(), lines: back.2.clone() }
}
