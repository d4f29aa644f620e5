//! What becomes of an order, status by status, with the pushes it causes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Shopee;
use super::books::{BULKY, Extra, Parcel, Side, second};
use crate::books::{Actor, Books, CancelRequest, Complaint, Line, Order, Step};
use crate::channel::{Act, Refusal};
use crate::clock::SECOND_US;
use crate::lock;

/// Not collected yet: where it can be cancelled.
pub(super) const UNSENT: [&str; 5] =
    ["UNPAID", "READY_TO_SHIP", "PROCESSED", "RETRY_SHIP", "IN_CANCEL"];
/// Where a courier can be asked for.
const SHIPPABLE: [&str; 2] = ["READY_TO_SHIP", "RETRY_SHIP"];
/// Where a buyer asks to cancel.
const ASKABLE: [&str; 2] = ["READY_TO_SHIP", "PROCESSED"];

/// How long an order waits to be paid; the channel's own time is not documented.
const PAY_WITHIN_US: i64 = 86_400 * SECOND_US;
/// How long after delivery it completes; likewise.
const COMPLETE_AFTER_US: i64 = 3 * 86_400 * SECOND_US;
/// How long after a courier was asked for the tracking number comes, in sandbox seconds.
pub(super) const TRACKING_AFTER_S: u32 = 1;

/// The numbers of pushes.
pub(super) const ORDER_STATUS: i64 = 3;
pub(super) const TRACKING: i64 = 4;
pub(super) const DOCUMENT: i64 = 15;
pub(super) const RETURN: i64 = 29;

/// One thing to tell: the push's number, what it says, and after how many seconds.
pub(super) struct News {
    pub(super) code: i64,
    pub(super) data: Value,
    pub(super) after_s: u32,
}

/// What there is to tell of a change.
pub(super) type Told = Vec<News>;

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

    /// Sets the order's status, with what follows for its parcels.
    pub(super) fn set_status(&mut self, status: &str, by: Actor) -> Told {
        let now_us = self.now_us;
        let step = Step { status: status.to_owned(), at_us: now_us, by, comment: String::new() };
        self.order.history.push(step);
        let extra = self.extra();
        let parcels = match status {
            "READY_TO_SHIP" => Some("LOGISTICS_READY"),
            "RETRY_SHIP" => Some("LOGISTICS_PICKUP_RETRY"),
            "SHIPPED" => Some("LOGISTICS_PICKUP_DONE"),
            "TO_CONFIRM_RECEIVE" => Some("LOGISTICS_DELIVERY_DONE"),
            "CANCELLED" => Some("LOGISTICS_REQUEST_CANCELED"),
            _ => None,
        };
        // A buyer who asked in vain leaves the parcels where they were.
        let moved = |parcel: &&mut Parcel| {
            status != "READY_TO_SHIP" || parcel.status == "LOGISTICS_NOT_START"
        };
        if let Some(parcel_status) = parcels {
            for parcel in extra.parcels.iter_mut().filter(moved) {
                parcel.status = parcel_status;
                parcel.updated_us = now_us;
                if status == "SHIPPED" {
                    parcel.collected_us = Some(now_us);
                }
            }
        }
        if status == "SHIPPED" {
            extra.collected_us = Some(now_us);
        }
        vec![self.status_news()]
    }

    fn status_news(&self) -> News {
        let completed = if self.order.status() == "COMPLETED" { "NORMAL" } else { "" };
        let data = json!({
            "ordersn": self.order.id, "status": self.order.status(), "items": [],
            "completed_scenario": completed, "update_time": second(self.now_us),
        });
        News { code: ORDER_STATUS, data, after_s: 0 }
    }

    /// The parcels are known from the beginning: one for all but what is bulky.
    pub(super) fn pack(&mut self) {
        let of = |bulky: bool| {
            let lines = self.order.lines.iter().filter(move |line| (line.sku == BULKY) == bulky);
            lines.map(|line| line.id).collect::<Vec<i64>>()
        };
        let groups = [of(false), of(true)];
        let (number, now_us) = (self.order.number, self.now_us);
        let parcels = groups.into_iter().filter(|lines| !lines.is_empty());
        let parcels: Vec<Parcel> = (1..)
            .zip(parcels)
            .map(|(nth, lines)| Parcel {
                number: format!("OFG{number:012}{nth}"),
                lines,
                status: "LOGISTICS_NOT_START",
                awb: String::new(),
                awb_from_us: 0,
                collected_us: None,
                updated_us: now_us,
                paper_from_us: None,
            })
            .collect();
        self.extra().parcels = parcels;
    }

    pub(super) fn pay(&mut self) -> Told {
        self.order.paid_us = Some(self.now_us);
        self.set_status("READY_TO_SHIP", Actor::System)
    }

    /// A courier is asked for a parcel; the order follows when it was the last. `awb`: of a courier
    /// that the channel has no wire to; others give theirs a little later.
    pub(super) fn arrange(&mut self, number: &str, awb: Option<&str>) -> Told {
        let (now_us, order_id) = (self.now_us, self.order.id.clone());
        let extra = self.extra();
        let Some(parcel) = extra.parcels.iter_mut().find(|it| it.number == number) else {
            return Vec::new();
        };
        parcel.status = "LOGISTICS_REQUEST_CREATED";
        parcel.updated_us = now_us;
        let own = awb.map(str::to_owned);
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let after_s = if own.is_some() { 0 } else { TRACKING_AFTER_S };
        parcel.awb = own.unwrap_or_else(|| format!("SPXID{digits}"));
        parcel.awb_from_us = now_us + i64::from(after_s) * SECOND_US;
        let data = json!({
            "ordersn": order_id, "package_number": number, "tracking_no": parcel.awb,
        });
        let number_news = News { code: TRACKING, data, after_s };
        let awb = parcel.awb.clone();
        let all = extra.parcels.iter().all(|it| it.status == "LOGISTICS_REQUEST_CREATED");
        self.order.awb = awb;
        let mut told = if all { self.set_status("PROCESSED", Actor::Seller) } else { Vec::new() };
        told.push(number_news);
        told
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
        extra.cancel_by = match by {
            Actor::Buyer => "buyer",
            Actor::Seller => "seller",
            Actor::System | Actor::Courier => "system",
        };
        self.set_status("CANCELLED", by)
    }

    /// The buyer asked in vain: all is as it was.
    pub(super) fn refuse_cancel(&mut self) -> Told {
        if let Some(request) = &mut self.order.cancel_request {
            request.open = false;
        }
        let before = std::mem::take(&mut self.extra().asked_from);
        self.set_status(&before, Actor::Seller)
    }
}

impl Shopee {
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
            "UNPAID" => Ok(hand.cancel(Actor::System, "UNPAID")),
            "TO_CONFIRM_RECEIVE" => Ok(hand.set_status("COMPLETED", Actor::System)),
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
            "TO_CONFIRM_RECEIVE" => COMPLETE_AFTER_US,
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
        Act::Accept => Err(Refusal::Invalid("nothing is accepted on this channel".to_owned())),
        Act::Ship => ship(hand),
        Act::Deliver => {
            allow(hand.order, &["SHIPPED"], "be delivered")?;
            Ok(hand.set_status("TO_CONFIRM_RECEIVE", Actor::Courier))
        }
        Act::Complete => {
            allow(hand.order, &["TO_CONFIRM_RECEIVE", "TO_RETURN"], "be completed")?;
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
        Act::Return { reason } => give_back(hand, &reason),
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

/// The seller asks for a courier; once all is arranged, the courier takes it.
fn ship(hand: &mut Hand<'_>) -> Result<Told, Refusal> {
    if hand.order.status() == "PROCESSED" {
        return Ok(hand.set_status("SHIPPED", Actor::Courier));
    }
    allow(hand.order, &SHIPPABLE, "be shipped")?;
    let open = |it: &&Parcel| it.status != "LOGISTICS_REQUEST_CREATED";
    let open: Vec<String> =
        hand.extra().parcels.iter().filter(open).map(|it| it.number.clone()).collect();
    Ok(open.into_iter().flat_map(|number| hand.arrange(&number, None)).collect())
}

fn request_cancel(hand: &mut Hand<'_>, reason: &str) -> Result<Told, Refusal> {
    allow(hand.order, &ASKABLE, "be asked to cancel")?;
    let before = hand.order.status().to_owned();
    let (at_us, reason) = (hand.now_us, reason.to_owned());
    let extra = hand.extra();
    extra.asked_from = before;
    extra.cancel_reason.clone_from(&reason);
    hand.order.cancel_request = Some(CancelRequest { at_us, reason, open: true });
    Ok(hand.set_status("IN_CANCEL", Actor::Buyer))
}

/// Before completion the order itself is in return; afterwards only the return tells.
fn give_back(hand: &mut Hand<'_>, reason: &str) -> Result<Told, Refusal> {
    allow(hand.order, &["SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED"], "be returned")?;
    let complaint = Complaint {
        id: 2_611_200_000_000 + hand.side.next_id(),
        opened_us: hand.now_us,
        closed_us: None,
        problem: reason.to_owned(),
        solution: "REQUESTED".to_owned(),
    };
    let data = json!({
        "order_sn": hand.order.id, "return_sn": complaint.id.to_string(),
        "updated_values": [{
            "update_field": "status", "old_value": "", "new_value": "REQUESTED",
            "update_time": second(hand.now_us),
        }],
    });
    hand.order.complaints.push(complaint);
    let mut told = vec![News { code: RETURN, data, after_s: 0 }];
    if hand.order.status() != "COMPLETED" {
        told.extend(hand.set_status("TO_RETURN", Actor::Buyer));
    }
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
    Ok(vec![hand.status_news()])
}
