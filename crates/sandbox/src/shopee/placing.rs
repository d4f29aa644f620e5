//! A buyer places an order.

use rand::Rng;

use super::Shopee;
use super::acts::Hand;
use super::books::{Side, sn};

use crate::books::{Actor, Books, Line, Order, Shop, Step};
use crate::channel::{Refusal, Wish, WishLine};
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::invented::{Area, buyer, pick};
use crate::lock;

/// The first order's number.
const ORDER_NUMBER_FIRST: i64 = 1;
/// Most units of one line.
const UNITS_MAX: i64 = 1_000;

/// Most orders one call may place.
const COUNT_MAX: u32 = 100_000;

const CARRIERS: [&str; 3] = ["SPX Standard", "J&T Express", "JNE Reguler"];

const AREA: Area =
    Area { district: "Jagakarsa", city: "Kota Jakarta Selatan", postal_code: "12620" };

impl Shopee {
    /// Places the orders of a wish; returns their ids.
    pub(super) fn place_orders(&self, wish: &Wish) -> Result<Vec<String>, Refusal> {
        if !(1..=COUNT_MAX).contains(&wish.count) {
            return Err(Refusal::Invalid(format!("count must be 1 to {COUNT_MAX}")));
        }
        let shop = {
            let books = lock(&self.desk.books);
            let mut shops = books.shops.values();
            let found = match wish.shop_id {
                Some(id) => books.shops.get(&id),
                None => shops.next(),
            };
            let unknown = || Refusal::NotFound(format!("there is no shop {:?}", wish.shop_id));
            found.ok_or_else(unknown)?.clone()
        };
        (0..wish.count).map(|_| self.place_one(wish, &shop)).collect()
    }

    fn place_one(&self, wish: &Wish, shop: &Shop) -> Result<String, Refusal> {
        let luck: u64 = lock(&self.desk.dice).random();
        let now_us = self.desk.shop_now_us(shop.id) - i64::from(wish.seconds_ago) * SECOND_US;
        let mut books = lock(&self.desk.books);
        let mut side = lock(&self.side);
        let lines = lines(&books, &mut side, shop.id, wish)?;
        let has = |line: &Line| {
            let product = books.products.get(&line.product_id);
            product.is_some_and(|product| product.stock >= line.quantity)
        };
        if let Some(line) = lines.iter().find(|line| wish.check_stock && !has(line)) {
            return Err(Refusal::OutOfStock(format!("not enough of {} left", line.sku)));
        }
        // What is ordered is reserved at once.
        for line in &lines {
            if let Some(product) = books.products.get_mut(&line.product_id) {
                product.stock = (product.stock - line.quantity).max(0);
                product.updated_us = now_us;
            }
        }
        let number = ORDER_NUMBER_FIRST + i64::try_from(books.orders_len()).unwrap_or(0);
        let mut order = new_order(wish, shop, lines, number, now_us, luck);
        let mut hand = Hand { books: &mut books, side: &mut side, order: &mut order, now_us };
        hand.pack();
        let mut told = hand.set_status("UNPAID", Actor::Buyer);
        if wish.paid {
            told = hand.pay();
        }
        order.updated_us = now_us;
        let faults = &self.desk.faults;
        if faults.fires(shop.id, Fault::ListLag) {
            let lag_us = i64::from(faults.profile(shop.id).list_lag_seconds) * SECOND_US;
            order.listed_from_us = self.desk.clock.now_us() + lag_us;
        }
        let order = books.enter(order);
        side.enlist(&order);
        self.tell(&mut side, &order, told);
        drop(side);
        drop(books);
        self.remind_of(&order);
        Ok(order.id.clone())
    }
}

fn lines(books: &Books, side: &mut Side, shop_id: i64, wish: &Wish) -> Result<Vec<Line>, Refusal> {
    if wish.lines.is_empty() {
        return Err(Refusal::Invalid("an order needs a line".to_owned()));
    }
    let mut line = |wanted: &WishLine| {
        let product = books.find_sku(shop_id, &wanted.sku).ok_or_else(|| {
            Refusal::NotFound(format!("shop {shop_id} does not sell {}", wanted.sku))
        })?;
        if !(1..=UNITS_MAX).contains(&wanted.quantity) {
            return Err(Refusal::Invalid(format!("quantity must be 1 to {UNITS_MAX}")));
        }
        Ok(Line {
            id: 71_000_000 + side.next_id(),
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

fn new_order(
    wish: &Wish,
    shop: &Shop,
    lines: Vec<Line>,
    number: i64,
    now_us: i64,
    luck: u64,
) -> Order {
    Order {
        id: sn(number),
        number,
        shop_id: shop.id,
        warehouse_id: shop.warehouse_id,
        invoice: sn(number),
        created_us: now_us,
        paid_us: None,
        lines,
        buyer: buyer(wish, luck, &AREA),
        shipping_cost: 9_000 + i64::try_from(luck / 7 % 12).unwrap_or(0) * 1_000,
        carrier: pick(&CARRIERS, luck),
        carrier_service: "Reguler (Cashless)",
        fulfilled_by_channel: wish.fulfilled_by_channel,
        booking_code: String::new(),
        awb: String::new(),
        pickup_asked_us: None,
        label_printed: false,
        cancel_request: None,
        complaints: Vec::new(),
        listed_from_us: i64::MIN,
        history: Vec::<Step>::new(),
        updated_us: now_us,
    }
}
