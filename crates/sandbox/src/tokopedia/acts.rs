//! What people do: place, pay, accept, ship, cancel. Status by status, with the webhooks it causes.

use std::sync::Arc;

use bytes::Bytes;
use rand::Rng;
use serde_json::json;

use super::Tokopedia;
use super::sign;
use super::statuses as st;
use super::subscriptions::Kind;
use super::wire::{Notification, StatusChange, local, sealed_part};
use crate::books::{Actor, Books, Buyer, CancelRequest, Complaint, Line, Order, Shop, Step};
use crate::channel::{Act, Refusal, Wish};
use crate::clock::SECOND_US;
use crate::lock;
use crate::webhooks::Notice;

/// The first order's number.
const ORDER_NUMBER_FIRST: i64 = 900_100_200;

/// Most orders one call may place.
const COUNT_MAX: u32 = 100_000;

/// A seller who does not accept loses the order after two days.
pub(super) const ACCEPT_WITHIN_US: i64 = 2 * 86_400 * SECOND_US;

/// A seller has four days from the payment to ship.
pub(super) const SHIP_WITHIN_US: i64 = 4 * 86_400 * SECOND_US;

/// A delivered order finishes by itself after two days.
const FINISH_AFTER_US: i64 = 2 * 86_400 * SECOND_US;

const CARRIERS: [(&str, &str); 4] =
    [("JNE", "Reguler"), ("SiCepat", "Reguler"), ("J&T", "Reguler"), ("AnterAja", "Next Day")];

const NAMES: [&str; 8] = [
    "Sari Contoh",
    "Budi Contoh",
    "Dewi Contoh",
    "Agus Contoh",
    "Rina Contoh",
    "Joko Contoh",
    "Maya Contoh",
    "Tono Contoh",
];

impl Tokopedia {
    /// Places the orders of a wish; returns their ids.
    pub(super) fn place_orders(&self, wish: &Wish) -> Result<Vec<String>, Refusal> {
        if !(1..=COUNT_MAX).contains(&wish.count) {
            return Err(Refusal::Invalid(format!("count must be 1 to {COUNT_MAX}")));
        }
        let (shop, lines) = {
            let books = lock(&self.desk.books);
            let shop = find_shop(&books, wish.shop_id)?;
            (shop.clone(), wish_lines(&books, shop.id, wish)?)
        };
        (0..wish.count).map(|_| self.place_one(wish, &shop, lines.clone())).collect()
    }

    fn place_one(&self, wish: &Wish, shop: &Shop, lines: Vec<Line>) -> Result<String, Refusal> {
        let luck: u64 = lock(&self.desk.dice).random();
        let ago_us = i64::from(wish.seconds_ago) * SECOND_US;
        let now_us = self.desk.shop_now_us(shop.id) - ago_us;
        let mut books = lock(&self.desk.books);
        if wish.check_stock
            && let Some(line) = lines.iter().find(|line| {
                let product = books.products.get(&line.product_id);
                product.is_none_or(|product| product.stock < line.quantity)
            })
        {
            return Err(Refusal::OutOfStock(format!("not enough of {} left", line.sku)));
        }
        let number = ORDER_NUMBER_FIRST + i64::try_from(books.orders_len()).unwrap_or(0);
        let mut order = new_order(wish, shop, lines, number, now_us, luck);
        if wish.paid {
            pay(&mut books, &mut order, now_us + 1);
        }
        let order = books.enter(order);
        self.announce(&books, &order);
        drop(books);
        self.remind_of(&order);
        Ok(order.id.clone())
    }

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

    fn remind_of(&self, order: &Order) {
        let wait_us = match st::code(order) {
            st::PAID => ACCEPT_WITHIN_US,
            st::DELIVERED => FINISH_AFTER_US,
            _ => return,
        };
        let since_us = order.history.last().map_or(order.updated_us, |last| last.at_us);
        self.desk.remind(since_us + wait_us, &order.id, order.status());
    }

    /// Sends the webhooks of an order's present status.
    fn announce(&self, books: &Books, order: &Order) {
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
        let signature = sign::sign(&subscription.secret, &body);
        let notice = Notice {
            kind: kind.key(),
            shop_id: order.shop_id,
            order_id: order.id.clone(),
            status: order.status().to_owned(),
            url: subscription.url(kind),
            headers: vec![(sign::HEADER, signature)],
            body,
        };
        drop(subscription);
        self.desk.post.send(&notice, &self.desk.faults);
    }
}

fn find_shop(books: &Books, shop_id: Option<i64>) -> Result<&Shop, Refusal> {
    match shop_id {
        Some(id) => {
            books.shops.get(&id).ok_or_else(|| Refusal::NotFound(format!("there is no shop {id}")))
        }
        None => books.shops.values().next().ok_or(Refusal::NotFound("no shops".to_owned())),
    }
}

fn wish_lines(books: &Books, shop_id: i64, wish: &Wish) -> Result<Vec<Line>, Refusal> {
    if wish.lines.is_empty() {
        return Err(Refusal::Invalid("an order needs a line".to_owned()));
    }
    let line = |(place, wanted): (i64, &crate::channel::WishLine)| {
        let product = books.find_sku(shop_id, &wanted.sku).ok_or_else(|| {
            Refusal::NotFound(format!("shop {shop_id} does not sell {}", wanted.sku))
        })?;
        if !(1..=1_000_000).contains(&wanted.quantity) {
            return Err(Refusal::Invalid(format!("quantity {} is out of range", wanted.quantity)));
        }
        Ok(Line {
            id: place,
            product_id: product.id,
            sku: product.sku.clone(),
            name: product.name.clone(),
            note: wanted.note.clone(),
            price: product.price,
            weight_grams: product.weight_grams,
            quantity: wanted.quantity,
            quantity_reject: 0,
        })
    };
    (0_i64..).zip(&wish.lines).map(line).collect()
}

fn new_order(
    wish: &Wish,
    shop: &Shop,
    mut lines: Vec<Line>,
    number: i64,
    now_us: i64,
    luck: u64,
) -> Order {
    // Ten lines' worth of numbers per order, so that line ids of two orders never meet.
    for (place, line) in (0..).zip(&mut lines) {
        line.id = 20_270_001 + (number - ORDER_NUMBER_FIRST) * 100 + place;
    }
    let (carrier, carrier_service) = pick(&CARRIERS, luck);
    let mut order = Order {
        id: number.to_string(),
        number,
        shop_id: shop.id,
        warehouse_id: shop.warehouse_id,
        invoice: format!("INV/{}/MPL/{number}", local(now_us, "%Y%m%d")),
        created_us: now_us,
        paid_us: None,
        lines,
        buyer: new_buyer(wish, luck),
        shipping_cost: 9_000 + i64::try_from(luck / 7 % 12).unwrap_or(0) * 1_000,
        carrier,
        carrier_service,
        fulfilled_by_channel: wish.fulfilled_by_channel,
        booking_code: String::new(),
        awb: String::new(),
        pickup_asked_us: None,
        label_printed: false,
        cancel_request: None,
        complaints: Vec::new(),
        history: Vec::new(),
        updated_us: now_us,
    };
    step(&mut order, st::CREATED, now_us, Actor::Buyer, "");
    if !wish.paid {
        step(&mut order, st::PAYMENT_PENDING, now_us, Actor::System, "");
    }
    order
}

fn new_buyer(wish: &Wish, luck: u64) -> Buyer {
    let who = luck / 11 % 1_000;
    let (name, ..) = (pick(&NAMES, who), ());
    let given = wish.buyer.clone();
    Buyer {
        id: 8_970_001 + i64::try_from(who).unwrap_or(0),
        name: given.name.unwrap_or_else(|| name.to_owned()),
        phone: given.phone.unwrap_or_else(|| format!("6281200000{who:03}")),
        email: given.email.unwrap_or_else(|| format!("buyer{who:03}@example.test")),
        address: given.address.unwrap_or_else(|| format!("Jl. Contoh {}", who % 90 + 1)),
        district: "Jagakarsa".to_owned(),
        city: "Kota Administrasi Jakarta Selatan".to_owned(),
        province: "DKI Jakarta".to_owned(),
        postal_code: "12620".to_owned(),
    }
}

fn pick<T: Copy>(from: &[T], luck: u64) -> T {
    let len = u64::try_from(from.len()).unwrap_or(1);
    from[usize::try_from(luck % len).unwrap_or(0)]
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
fn pay(books: &mut Books, order: &mut Order, now_us: i64) {
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
