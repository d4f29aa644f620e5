//! What people do to an order: pay, accept, ship, cancel. Status by status, with the webhooks it causes.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::Tokopedia;
use super::sign;
use super::statuses as st;
use super::subscriptions::Kind;
use super::wire::{Notification, StatusChange, sealed_part};
use crate::books::{Actor, Books, CancelRequest, Complaint, Order, Step};
use crate::channel::{Act, Refusal};
use crate::clock::SECOND_US;
use crate::lock;
use crate::webhooks::Notice;

/// A seller who does not accept loses the order after two days.
pub(super) const ACCEPT_WITHIN_US: i64 = 2 * 86_400 * SECOND_US;

/// A seller has four days from the payment to ship.
pub(super) const SHIP_WITHIN_US: i64 = 4 * 86_400 * SECOND_US;

/// A delivered order finishes by itself after two days.
const FINISH_AFTER_US: i64 = 2 * 86_400 * SECOND_US;

impl Tokopedia {
    /// Changes an order under the books' lock, then tells subscribers of its new status.
    ///
    /// `change` returns whether there is something to tell.
    pub(super) fn change<E>(
        &self,
        order_id: &str,
        unknown: E,
        change: impl FnOnce(&mut Books, &mut Order, i64) -> Result<bool, E>,
    ) -> Result<Arc<Order>, E> {
        let mut books = lock(&self.desk.books);
        let Some(mut order) = books.find_order(order_id).map(|found| Order::clone(found)) else {
            return Err(unknown);
        };
        let now_us = self.desk.shop_now_us(order.shop_id);
        let tell = change(&mut books, &mut order, now_us)?;
        order.updated_us = now_us.max(order.updated_us + 1);
        let order = books.replace(order);
        if tell {
            self.announce(&books, &order);
        }
        drop(books);
        if tell {
            self.remind_of(&order);
        }
        Ok(order)
    }

    /// Does what a person asked of the control API.
    pub(super) fn do_act(&self, order_id: &str, act: Act) -> Result<(), Refusal> {
        let unknown = Refusal::NotFound(format!("there is no order {order_id}"));
        if let Act::RequestCancel { reason } = act {
            let order = self.change(order_id, unknown, |_, order, now_us| {
                allow(order, &(400..600).collect::<Vec<_>>(), "be asked to cancel")?;
                order.cancel_request = Some(CancelRequest { at_us: now_us, reason, open: true });
                Ok(false)
            })?;
            self.tell_cancel_request(&order);
            return Ok(());
        }
        let done = self.change(order_id, unknown, |books, order, now_us| {
            apply(books, order, now_us, act).map(|()| true)
        });
        done.map(|_| ())
    }

    /// What the channel does by itself once a deadline has passed.
    pub(super) fn pass_deadline(&self, order_id: &str, status: &str) {
        let passed = self.change(order_id, (), |_, order, now_us| {
            let next = match st::code(order) {
                _ if order.status() != status => return Err(()),
                st::PAID => st::AUTO_REJECTED,
                st::DELIVERED => st::FINISHED,
                _ => return Err(()),
            };
            step(order, next, now_us, Actor::System, "");
            Ok(true)
        });
        if let Ok(order) = passed {
            tracing::debug!(order.id = order.id, order.status = order.status(), "deadline passed");
        }
    }

    pub(super) fn remind_of(&self, order: &Order) {
        let wait_us = match st::code(order) {
            st::PAID => ACCEPT_WITHIN_US,
            st::DELIVERED => FINISH_AFTER_US,
            _ => return,
        };
        let since_us = order.history.last().map_or(order.updated_us, |last| last.at_us);
        self.desk.remind(since_us + wait_us, &order.id, order.status());
    }

    /// Sends the webhooks of an order's present status.
    pub(super) fn announce(&self, books: &Books, order: &Order) {
        let code = st::code(order);
        match code {
            // Unpaid orders are not announced; whoever may see them finds them in the list.
            st::CREATED | st::PAYMENT_PENDING => {}
            st::PAID => {
                self.post(Kind::Notification, order, self.notification(books, order));
            }
            _ => {
                let body = serde_json::to_vec(&StatusChange::of(order)).unwrap_or_default();
                let body = Bytes::from(body);
                if st::CANCELLED.contains(&code) {
                    self.post(Kind::Cancellation, order, body.clone());
                }
                self.post(Kind::Status, order, body);
            }
        }
    }

    /// The body of an order's notification.
    pub(super) fn notification(&self, books: &Books, order: &Order) -> Bytes {
        let seal = self.sealer.seal(&order.id, "customer", || sealed_part(order, "customer"));
        let name = books.shops.get(&order.shop_id).map_or("", |shop| shop.name);
        Bytes::from(serde_json::to_vec(&Notification::of(order, name, seal)).unwrap_or_default())
    }

    fn tell_cancel_request(&self, order: &Order) {
        // The order's id is a text here, and nothing else is known of this body.
        let body = json!({ "order_id": order.id }).to_string();
        self.post(Kind::CancelRequest, order, Bytes::from(body));
    }

    fn post(&self, kind: Kind, order: &Order, body: Bytes) {
        let subscription = lock(&self.subscription);
        let url = subscription.url(kind);
        let signature = url.as_ref().map(|_| sign::sign(&subscription.secret, &body));
        let notice = Notice {
            kind: kind.key(),
            shop_id: order.shop_id,
            order_id: order.id.clone(),
            status: order.status().to_owned(),
            url,
            headers: signature.map(|text| (sign::HEADER, text)).into_iter().collect(),
            body,
            queued_seconds: 0,
            courier: None,
        };
        drop(subscription);
        self.desk.post.send(&notice, &self.desk.faults);
    }
}

/// Writes one more line of history; a later line never has an earlier or equal time.
pub(super) fn step(order: &mut Order, status: i64, now_us: i64, by: Actor, comment: &str) {
    let earliest_us = order.history.last().map_or(i64::MIN, |last| last.at_us + 1);
    let at_us = now_us.max(earliest_us);
    order.history.push(Step { status: status.to_string(), at_us, by, comment: comment.to_owned() });
    order.updated_us = at_us;
    let wrong_awb = order.awb.starts_with(WRONG_AWB);
    match status {
        st::ACCEPTED if order.booking_code.is_empty() => {
            order.booking_code = format!("TKJN-{}", order.number);
        }
        st::SHIPPED if order.awb.is_empty() || wrong_awb => {
            order.awb = format!("SBX{:012}", order.number * 7);
        }
        st::AWB_INVALID => order.awb = format!("{WRONG_AWB}{}", order.number),
        _ => {}
    }
}

/// How a tracking number begins that the carrier does not know.
const WRONG_AWB: &str = "SALAH";

/// The payment of an order is verified: it may be processed, and the shop has less to sell.
pub(super) fn pay(books: &mut Books, order: &mut Order, now_us: i64) {
    step(order, st::PAID, now_us, Actor::System, "");
    order.paid_us = Some(order.updated_us);
    for line in &order.lines {
        if let Some(product) = books.products.get_mut(&line.product_id) {
            product.stock = (product.stock - line.quantity).max(0);
            product.updated_us = now_us;
        }
    }
}

fn allow(order: &Order, from: &[i64], what: &str) -> Result<(), Refusal> {
    if from.contains(&st::code(order)) {
        return Ok(());
    }
    Err(Refusal::WrongStatus(format!(
        "order {} has status {} and can not {what}",
        order.id,
        order.status()
    )))
}

fn apply(books: &mut Books, order: &mut Order, now_us: i64, act: Act) -> Result<(), Refusal> {
    match act {
        Act::Pay => {
            allow(order, &[st::CREATED, st::PAYMENT_PENDING], "be paid")?;
            pay(books, order, now_us);
        }
        Act::Accept => {
            allow(order, &[st::PAID], "be accepted")?;
            step(order, st::ACCEPTED, now_us, Actor::Seller, "");
        }
        Act::Ship => {
            allow(
                order,
                &st::SHIPPABLE.map(|code| if code == st::SHIPPED { -1 } else { code }),
                "be shipped",
            )?;
            step(order, st::SHIPPED, now_us, Actor::Courier, "");
        }
        Act::Deliver => {
            allow(order, &[st::SHIPPED, st::AT_PICKUP_POINT], "be delivered")?;
            step(order, st::DELIVERED, now_us, Actor::Courier, "");
        }
        Act::Complete => {
            let from = [st::SHIPPED, st::AT_PICKUP_POINT, st::DELIVERED, st::COMPLAINED];
            allow(order, &from, "be completed")?;
            order.complaints.iter_mut().for_each(|open| open.closed_us = Some(now_us));
            step(order, st::FINISHED, now_us, Actor::Buyer, "");
        }
        Act::Cancel { by, status } => cancel(order, now_us, by, status.as_deref())?,
        Act::Return { reason } => complain(order, now_us, &reason)?,
        Act::Partial { sku, quantity_deliver } => deliver_less(order, &sku, quantity_deliver)?,
        Act::Status { status, by } => {
            let code: i64 = status.parse().map_err(|_| {
                Refusal::Invalid(format!("{status:?} is no status of this channel: a whole number"))
            })?;
            step(order, code, now_us, by, "");
        }
        Act::Delete => {
            return Err(Refusal::Invalid("no order is ever deleted on this channel".to_owned()));
        }
        // Has its own webhook and changes no status: see `do_act`.
        Act::RequestCancel { .. } => {}
    }
    Ok(())
}

fn cancel(order: &mut Order, now_us: i64, by: Actor, status: Option<&str>) -> Result<(), Refusal> {
    allow(order, &st::UNSENT, "be cancelled")?;
    let usual = match by {
        Actor::Buyer => st::BUYER_CANCELLED,
        Actor::Seller => st::SELLER_REJECTED,
        Actor::System | Actor::Courier => st::AUTO_REJECTED,
    };
    let code = match status {
        None => usual,
        Some(text) => match text.parse() {
            Ok(code) if st::CANCELLED.contains(&code) => code,
            _ => {
                return Err(Refusal::Invalid(format!(
                    "{text:?} is no status of a cancelled order"
                )));
            }
        },
    };
    if let Some(request) = &mut order.cancel_request {
        request.open = false;
    }
    step(order, code, now_us, by, "");
    Ok(())
}

fn complain(order: &mut Order, now_us: i64, reason: &str) -> Result<(), Refusal> {
    let from = [st::SHIPPED, st::AT_PICKUP_POINT, st::DELIVERED];
    allow(order, &from, "be complained about")?;
    let nth = i64::try_from(order.complaints.len()).unwrap_or(0);
    order.complaints.push(Complaint {
        id: order.number * 10 + nth,
        opened_us: now_us,
        closed_us: None,
        problem: reason.to_owned(),
        solution: "Retur barang".to_owned(),
    });
    step(order, st::COMPLAINED, now_us, Actor::Buyer, reason);
    Ok(())
}

fn deliver_less(order: &mut Order, sku: &str, quantity_deliver: i64) -> Result<(), Refusal> {
    let unsent = [st::PAID, st::ACCEPTED, st::PICKUP_ASKED];
    allow(order, &unsent, "be delivered in part")?;
    let Some(line) = order.lines.iter_mut().find(|line| line.sku == sku) else {
        return Err(Refusal::NotFound(format!("order {} has no line {sku}", order.id)));
    };
    if !(0..=line.quantity).contains(&quantity_deliver) {
        return Err(Refusal::Invalid(format!("quantity_deliver must be 0 to {}", line.quantity)));
    }
    let before = line.quantity_reject;
    line.quantity_reject = line.quantity - quantity_deliver;
    let number = line.id;
    if order.lines.iter().all(|line| line.quantity_deliver() == 0) {
        order
            .lines
            .iter_mut()
            .filter(|line| line.id == number)
            .for_each(|line| line.quantity_reject = before);
        return Err(Refusal::Invalid("nothing would be left: cancel the order".to_owned()));
    }
    Ok(())
}
