//! A buyer places an order.

use rand::Rng;

use super::WooCommerce;
use super::acts::{HELD_US, set_status};
use super::books::{SHOP_ID, Site, counting};
use super::hooks::Topic;
use crate::books::{Actor, Books, Line, Order, Step};
use crate::channel::{Refusal, Wish, WishLine};
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::invented::{Area, buyer, pick};
use crate::lock;

/// Most orders one call may place.
const COUNT_MAX: u32 = 100_000;

const CARRIERS: [&str; 3] = ["JNE Reguler", "SiCepat Reguler", "Ambil di toko"];

const AREA: Area = Area { district: "", city: "Jakarta", postal_code: "12810" };

impl WooCommerce {
    /// Places the orders of a wish; returns their ids.
    pub(super) fn place_orders(&self, wish: &Wish) -> Result<Vec<String>, Refusal> {
        if !(1..=COUNT_MAX).contains(&wish.count) {
            return Err(Refusal::Invalid(format!("count must be 1 to {COUNT_MAX}")));
        }
        if wish.shop_id.is_some_and(|id| id != SHOP_ID) {
            return Err(Refusal::NotFound(format!("there is no shop {:?}", wish.shop_id)));
        }
        (0..wish.count).map(|_| self.place_one(wish)).collect()
    }

    fn place_one(&self, wish: &Wish) -> Result<String, Refusal> {
        let luck: u64 = lock(&self.desk.dice).random();
        let ago_us = i64::from(wish.seconds_ago) * SECOND_US;
        let now_us = self.desk.shop_now_us(SHOP_ID) - ago_us;
        let mut books = lock(&self.desk.books);
        let mut site = lock(&self.site);
        let lines = lines(&books, &mut site, wish)?;
        if wish.check_stock
            && let Some(line) = lines.iter().find(|line| !has(&books, &site, line))
        {
            return Err(Refusal::OutOfStock(format!("not enough of {} left", line.sku)));
        }
        let mut order = new_order(wish, lines, site.next_id(), now_us, luck);
        let faults = &self.desk.faults;
        if faults.fires(SHOP_ID, Fault::ListLag) {
            let lag_us = i64::from(faults.profile(SHOP_ID).list_lag_seconds) * SECOND_US;
            order.listed_from_us = self.desk.clock.now_us() + lag_us;
        }
        let paid = wish.paid.then(|| {
            set_status(&mut books, &mut site, &mut order, ("processing", Actor::System), now_us)
        });
        let order = books.enter(order);
        site.enlist(&order);
        let mut notices = self.notices(&mut site, Topic::OrderCreated, &order.id);
        if paid.flatten().is_some() {
            notices.extend(self.notices(&mut site, Topic::OrderUpdated, &order.id));
        }
        drop(site);
        drop(books);
        self.post(&notices);
        if !wish.paid {
            self.desk.remind(order.created_us + HELD_US, &order.id, order.status());
        }
        Ok(order.id.clone())
    }
}

fn has(books: &Books, site: &Site, line: &Line) -> bool {
    let counted = counting(site, line.product_id).and_then(|id| books.products.get(&id));
    counted.is_none_or(|product| product.stock >= line.quantity)
}

fn lines(books: &Books, site: &mut Site, wish: &Wish) -> Result<Vec<Line>, Refusal> {
    if wish.lines.is_empty() {
        return Err(Refusal::Invalid("an order needs a line".to_owned()));
    }
    let mut line = |wanted: &WishLine| {
        let product = books.find_sku(SHOP_ID, &wanted.sku);
        let product = product.filter(|it| site.wares.get(&it.id).is_some_and(|it| !it.variable));
        let product = product
            .ok_or_else(|| Refusal::NotFound(format!("the shop does not sell {}", wanted.sku)))?;
        if !(1..=1_000_000).contains(&wanted.quantity) {
            return Err(Refusal::Invalid(format!("quantity {} is out of range", wanted.quantity)));
        }
        Ok(Line {
            id: site.next_id(),
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
    wish.lines.iter().map(&mut line).collect()
}

pub(super) fn new_order(
    wish: &Wish,
    lines: Vec<Line>,
    number: i64,
    now_us: i64,
    luck: u64,
) -> Order {
    let first = Step {
        status: "pending".to_owned(),
        at_us: now_us,
        by: Actor::Buyer,
        comment: String::new(),
    };
    Order {
        id: number.to_string(),
        number,
        shop_id: SHOP_ID,
        warehouse_id: 0,
        invoice: number.to_string(),
        created_us: now_us,
        paid_us: None,
        lines,
        buyer: buyer(wish, luck, &AREA),
        shipping_cost: 10_000 + i64::try_from(luck / 7 % 12).unwrap_or(0) * 1_000,
        carrier: pick(&CARRIERS, luck),
        carrier_service: "",
        fulfilled_by_channel: false,
        booking_code: String::new(),
        awb: String::new(),
        pickup_asked_us: None,
        label_printed: false,
        cancel_request: None,
        complaints: Vec::new(),
        listed_from_us: i64::MIN,
        history: vec![first],
        updated_us: now_us,
    }
}
