//! What becomes of an order, status by status, with the webhooks it causes.

use std::sync::Arc;

use serde_json::json;

use super::TikTok;
use super::books::{BULKY, Cancel, Extra, Parcel, Side};
use super::hooks::Topic;
use super::pages::second;
use crate::books::{Actor, Books, CancelRequest, Complaint, Line, Order, Step};
use crate::channel::{Act, Refusal};
use crate::clock::SECOND_US;
use crate::lock;

/// The way of an order, to the end.
pub(super) const WAY: [&str; 8] = [
    "UNPAID",
    "ON_HOLD",
    "AWAITING_SHIPMENT",
    "PARTIALLY_SHIPPING",
    "AWAITING_COLLECTION",
    "IN_TRANSIT",
    "DELIVERED",
    "COMPLETED",
];

/// Not shipped yet: where it can be cancelled.
pub(super) const UNSENT: [&str; 5] =
    ["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION"];
/// Where parcels can be arranged.
pub(super) const SHIPPABLE: [&str; 2] = ["AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"];

/// How long a buyer may think it over.
const HOLD_US: i64 = 3_600 * SECOND_US;
/// How long an order waits to be paid; the channel's own time is not documented.
const PAY_WITHIN_US: i64 = 86_400 * SECOND_US;
/// How long after delivery it completes; likewise.
const COMPLETE_AFTER_US: i64 = 3 * 86_400 * SECOND_US;

/// What there is to tell of a change.
pub(super) type Told = Vec<(Topic, serde_json::Value)>;

/// Everything of an order that a change may touch.
pub(super) struct Hand<'a> {
    pub(super) books: &'a mut Books,
    pub(super) side: &'a mut Side,
    pub(super) order: &'a mut Order,
    pub(super) now_us: i64,
}

impl Hand<'_> {
    pub(super) fn extra(&mut self) -> &mut Extra {
        self.side.extra(&self.order.id)
    }

    /// Sets the order's status, with the times that follow it.
    pub(super) fn set_status(&mut self, status: &str, by: Actor) -> Told {
        let at_us = self.now_us;
        let step = Step { status: status.to_owned(), at_us, by, comment: String::new() };
        self.order.history.push(step);
        let extra = self.extra();
        match status {
            "AWAITING_COLLECTION" => extra.rts_us = Some(at_us),
            "IN_TRANSIT" => extra.collected_us = Some(at_us),
            "DELIVERED" => extra.delivered_us = Some(at_us),
            "CANCELLED" => extra.cancelled_us = Some(at_us),
            _ => {}
        }
        let parcel_status = match status {
            "IN_TRANSIT" => Some("FULFILLING"),
            "DELIVERED" | "COMPLETED" => Some("COMPLETED"),
            "CANCELLED" => Some("CANCELLED"),
            _ => None,
        };
        if let Some(parcel_status) = parcel_status {
            extra.parcels.iter_mut().for_each(|parcel| parcel.status = parcel_status);
        }
        vec![order_status(self.order, at_us)]
    }

    /// The order is paid: its parcels are there, one for all but what is bulky.
    pub(super) fn pay(&mut self) -> Told {
        self.order.paid_us = Some(self.now_us);
        let of = |bulky: bool| {
            let lines = self.order.lines.iter().filter(move |line| (line.sku == BULKY) == bulky);
            lines.map(|line| line.id).collect::<Vec<i64>>()
        };
        let groups = [of(false), of(true)];
        let number = self.order.number;
        let parcels = groups.into_iter().filter(|lines| !lines.is_empty());
        let parcels: Vec<Parcel> = (0..)
            .zip(parcels)
            .map(|(nth, lines)| Parcel {
                id: number * 10 + nth,
                lines,
                status: "TO_FULFILL",
                awb: String::new(),
            })
            .collect();
        self.extra().parcels = parcels;
        self.set_status("ON_HOLD", Actor::System)
    }

    /// Arranges a parcel; the order follows when it was the last.
    pub(super) fn arrange(&mut self, parcel_id: i64, awb: &str) -> Told {
        let now_us = self.now_us;
        let extra = self.extra();
        let Some(parcel) = extra.parcels.iter_mut().find(|it| it.id == parcel_id) else {
            return Vec::new();
        };
        parcel.status = "PROCESSING";
        awb.clone_into(&mut parcel.awb);
        let all = extra.parcels.iter().all(|it| it.status == "PROCESSING");
        let next = if all { "AWAITING_COLLECTION" } else { "PARTIALLY_SHIPPING" };
        self.order.awb = awb.to_owned();
        self.order.updated_us = now_us;
        if self.order.status() == next { Vec::new() } else { self.set_status(next, Actor::Seller) }
    }

    /// Cancels the whole order; what was reserved is offered again.
    pub(super) fn cancel(&mut self, by: Actor, reason: &str) -> Told {
        for line in &self.order.lines {
            if let Some(product) = self.books.products.get_mut(&line.product_id) {
                product.stock += line.quantity_deliver();
                product.updated_us = self.now_us;
            }
        }
        if let Some(request) = &mut self.order.cancel_request {
            request.open = false;
        }
        let extra = self.extra();
        reason.clone_into(&mut extra.cancel_reason);
        extra.initiator = role(by);
        self.set_status("CANCELLED", by)
    }

    /// Notes a cancellation, asked for or done.
    pub(super) fn note_cancel(&mut self, by: Actor, reason: &str, status: &'static str) -> Told {
        let (now_us, number) = (self.now_us, self.side.next_id());
        let cancel = Cancel {
            id: 403_000_000_000_000_000 + number,
            by_buyer: by == Actor::Buyer,
            role: role(by),
            reason: reason.to_owned(),
            status,
            created_us: now_us,
            updated_us: now_us,
        };
        let told = vec![cancel_status(self.order, &cancel)];
        self.extra().cancels.push(cancel);
        told
    }
}

pub(super) fn role(by: Actor) -> &'static str {
    match by {
        Actor::Buyer => "BUYER",
        Actor::Seller => "SELLER",
        Actor::System | Actor::Courier => "SYSTEM",
    }
}

/// The push of an order's status, which spells one of them in its own way.
fn order_status(order: &Order, at_us: i64) -> (Topic, serde_json::Value) {
    let status = match order.status() {
        "CANCELLED" => "CANCEL",
        status => status,
    };
    let data = json!({
        "order_id": order.id, "order_status": status, "is_on_hold_order": status == "ON_HOLD",
        "update_time": second(at_us),
    });
    (Topic::OrderStatus, data)
}

pub(super) fn cancel_status(order: &Order, cancel: &Cancel) -> (Topic, serde_json::Value) {
    let status = match cancel.status {
        // Pushes spell it out.
        "CANCELLATION_REQUEST_CANCEL" => "CANCELLATION_REQUEST_CANCELLED",
        status => status,
    };
    let data = json!({
        "order_id": order.id, "cancel_id": cancel.id.to_string(), "cancel_status": status,
        "cancellations_role": cancel.role, "create_time": second(cancel.created_us),
    });
    (Topic::Cancellation, data)
}

fn return_status(order: &Order, complaint: &Complaint) -> (Topic, serde_json::Value) {
    let data = json!({
        "order_id": order.id, "return_id": complaint.id.to_string(), "return_role": "BUYER",
        "return_type": "RETURN_AND_REFUND",
        "return_status": super::reverse::return_status(complaint),
        "create_time": second(complaint.opened_us),
        "update_time": second(complaint.closed_us.unwrap_or(complaint.opened_us)),
    });
    (Topic::Return, data)
}

impl TikTok {
    /// Changes an order, then tells who listens.
    pub(super) fn change<E>(
        &self,
        order_id: &str,
        unknown: E,
        change: impl FnOnce(&mut Hand<'_>) -> Result<Told, E>,
    ) -> Result<Arc<Order>, E> {
        let mut books = lock(&self.desk.books);
        let Some(mut order) = books.find_order(order_id).map(|found| Order::clone(found)) else {
            return Err(unknown);
        };
        let now_us = self.desk.shop_now_us(order.shop_id);
        let mut side = lock(&self.side);
        let before = order.updated_us;
        let hand = &mut Hand { books: &mut books, side: &mut side, order: &mut order, now_us };
        let told = change(hand)?;
        order.updated_us = now_us.max(before);
        let order = books.replace(order);
        side.enlist(&order);
        self.tell(&mut side, &order, told);
        drop(side);
        drop(books);
        self.remind_of(&order);
        Ok(order)
    }

    /// Does what a person asked of the control API.
    pub(super) fn do_act(&self, order_id: &str, act: Act) -> Result<(), Refusal> {
        let unknown = Refusal::NotFound(format!("there is no order {order_id}"));
        self.change(order_id, unknown, |hand| apply(hand, act)).map(|_| ())
    }

    /// What the channel does by itself once a time has passed.
    pub(super) fn pass_deadline(&self, order_id: &str, status: &str) {
        let passed = self.change(order_id, (), |hand| match hand.order.status() {
            now if now != status => Err(()),
            "UNPAID" => Ok(hand.cancel(Actor::System, "system_cancel_unpaid_time_out")),
            "ON_HOLD" => Ok(hand.set_status("AWAITING_SHIPMENT", Actor::System)),
            "DELIVERED" => Ok(hand.set_status("COMPLETED", Actor::System)),
            _ => Err(()),
        });
        if let Ok(order) = passed {
            tracing::debug!(
                order.id = order.id,
                order.status = order.status(),
                "a time has passed"
            );
        }
    }

    pub(super) fn remind_of(&self, order: &Order) {
        let wait_us = match order.status() {
            "UNPAID" => PAY_WITHIN_US,
            "ON_HOLD" => HOLD_US,
            "DELIVERED" => COMPLETE_AFTER_US,
            _ => return,
        };
        let since_us = order.history.last().map_or(order.updated_us, |last| last.at_us);
        self.desk.remind(since_us + wait_us, &order.id, order.status());
    }
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

fn apply(hand: &mut Hand<'_>, act: Act) -> Result<Told, Refusal> {
    match act {
        Act::Pay => {
            allow(hand.order, &["UNPAID"], "be paid")?;
            Ok(hand.pay())
        }
        // Nobody accepts here: the time to think it over is at its end.
        Act::Accept => {
            allow(hand.order, &["ON_HOLD"], "be released")?;
            Ok(hand.set_status("AWAITING_SHIPMENT", Actor::System))
        }
        Act::Ship => ship(hand),
        Act::Deliver => {
            allow(hand.order, &["IN_TRANSIT"], "be delivered")?;
            Ok(hand.set_status("DELIVERED", Actor::Courier))
        }
        Act::Complete => {
            allow(hand.order, &["DELIVERED"], "be completed")?;
            Ok(hand.set_status("COMPLETED", Actor::Buyer))
        }
        Act::Cancel { by, status } => {
            allow(hand.order, &UNSENT, "be cancelled")?;
            if status.is_some_and(|status| status != "CANCELLED") {
                return Err(Refusal::Invalid("a cancelled order is CANCELLED".to_owned()));
            }
            Ok(hand.cancel(by, "dibatalkan"))
        }
        Act::RequestCancel { reason } => request_cancel(hand, &reason),
        Act::Return { reason } => complain(hand, &reason),
        Act::Partial { sku, quantity_deliver } => deliver_less(hand, &sku, quantity_deliver),
        Act::Status { status, by } => {
            if status.is_empty() || status.len() > 40 {
                return Err(Refusal::Invalid(format!("{status:?} is no status")));
            }
            Ok(hand.set_status(&status, by))
        }
        Act::Delete => Err(Refusal::Invalid("no order is ever deleted on this channel".to_owned())),
    }
}

/// The seller arranges what is left; once all is arranged, the courier takes it.
fn ship(hand: &mut Hand<'_>) -> Result<Told, Refusal> {
    if hand.order.status() == "AWAITING_COLLECTION" {
        return Ok(hand.set_status("IN_TRANSIT", Actor::Courier));
    }
    allow(hand.order, &SHIPPABLE, "be shipped")?;
    let open = hand.extra().parcels.iter().filter(|parcel| parcel.status == "TO_FULFILL");
    let open: Vec<i64> = open.map(|parcel| parcel.id).collect();
    Ok(open.into_iter().flat_map(|id| hand.arrange(id, &awb(id))).collect())
}

/// The tracking number that the platform gives a parcel.
pub(super) fn awb(parcel_id: i64) -> String {
    format!("JX{:010}", parcel_id % 10_000_000_000)
}

/// A buyer may cancel freely while it is on hold, and asks afterwards.
fn request_cancel(hand: &mut Hand<'_>, reason: &str) -> Result<Told, Refusal> {
    if hand.order.status() == "ON_HOLD" {
        let mut told = hand.note_cancel(Actor::Buyer, reason, "CANCELLATION_REQUEST_SUCCESS");
        told.extend(hand.cancel(Actor::Buyer, reason));
        return Ok(told);
    }
    let asked = ["AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION"];
    allow(hand.order, &asked, "be asked to cancel")?;
    let (at_us, reason_kept) = (hand.now_us, reason.to_owned());
    hand.order.cancel_request = Some(CancelRequest { at_us, reason: reason_kept, open: true });
    Ok(hand.note_cancel(Actor::Buyer, reason, "CANCELLATION_REQUEST_PENDING"))
}

fn complain(hand: &mut Hand<'_>, reason: &str) -> Result<Told, Refusal> {
    allow(hand.order, &["DELIVERED", "COMPLETED"], "be returned")?;
    let complaint = Complaint {
        id: 4_035_000_000_000_000_000 + hand.side.next_id(),
        opened_us: hand.now_us,
        closed_us: None,
        problem: reason.to_owned(),
        solution: "RETURN_AND_REFUND".to_owned(),
    };
    let told = vec![return_status(hand.order, &complaint)];
    hand.order.complaints.push(complaint);
    Ok(told)
}

fn deliver_less(hand: &mut Hand<'_>, sku: &str, quantity_deliver: i64) -> Result<Told, Refusal> {
    allow(hand.order, &UNSENT, "be delivered in part")?;
    let others: i64 =
        hand.order.lines.iter().filter(|line| line.sku != sku).map(Line::quantity_deliver).sum();
    let Some(line) = hand.order.lines.iter_mut().find(|line| line.sku == sku) else {
        return Err(Refusal::NotFound(format!("the order has no line {sku}")));
    };
    if !(0..=line.quantity).contains(&quantity_deliver) {
        return Err(Refusal::Invalid(format!("quantity_deliver must be 0 to {}", line.quantity)));
    }
    if others + quantity_deliver == 0 {
        return Err(Refusal::Invalid("nothing would be left: cancel the order".to_owned()));
    }
    let back = line.quantity_deliver() - quantity_deliver;
    line.quantity_reject = line.quantity - quantity_deliver;
    let id = line.product_id;
    if let Some(product) = hand.books.products.get_mut(&id) {
        product.stock += back;
    }
    Ok(vec![order_status(hand.order, hand.now_us)])
}
