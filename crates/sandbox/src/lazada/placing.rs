//! A buyer places an order.

use rand::Rng;

use super::Lazada;
use super::acts::UNPAID_US;
use super::books::{Extra, Floor, Unit};
use super::pushes::Push;
use crate::books::{Actor, Books, Line, Order, Step};
use crate::channel::{Refusal, Wish, WishLine};
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::invented::{Area, buyer, pick};
use crate::lock;

/// Most orders one call may place.
const COUNT_MAX: u32 = 100_000;
/// Most units of one line: each is a row of its own.
const UNITS_MAX: i64 = 500;
/// Where the numbers of orders and units begin.
const ORDERS_FROM: i64 = 330_044_550_000;
const UNITS_FROM: i64 = 440_044_550_000;

const CARRIERS: [&str; 3] = ["LEX ID", "J&T Express", "Ninja Van"];

const AREA: Area = Area { district: "Jagakarsa", city: "Jakarta Selatan", postal_code: "12620" };

impl Lazada {
    /// Places the orders of a wish; returns their ids.
    pub(super) fn place_orders(&self, wish: &Wish) -> Result<Vec<String>, Refusal> {
        if !(1..=COUNT_MAX).contains(&wish.count) {
            return Err(Refusal::Invalid(format!("count must be 1 to {COUNT_MAX}")));
        }
        (0..wish.count).map(|_| self.place_one(wish)).collect()
    }

    fn place_one(&self, wish: &Wish) -> Result<String, Refusal> {
        let luck: u64 = lock(&self.desk.dice).random();
        let mut books = lock(&self.desk.books);
        let first = books.shops.keys().next().copied().unwrap_or(0);
        let shop_id = wish.shop_id.unwrap_or(first);
        if !books.shops.contains_key(&shop_id) {
            return Err(Refusal::NotFound(format!("there is no shop {shop_id}")));
        }
        let now_us = self.desk.shop_now_us(shop_id) - i64::from(wish.seconds_ago) * SECOND_US;
        let mut floor = lock(&self.floor);
        let lines = lines(&books, &mut floor, shop_id, wish)?;
        if wish.check_stock
            && let Some(line) = lines.iter().find(|line| !has(&books, line))
        {
            return Err(Refusal::OutOfStock(format!("not enough of {} left", line.sku)));
        }
        for line in &lines {
            if let Some(product) = books.products.get_mut(&line.product_id) {
                // Held from the moment it is ordered.
                product.stock = (product.stock - line.quantity).max(0);
                product.updated_us = now_us;
            }
        }
        let mut order = new_order(wish, lines, (shop_id, floor.next_id()), now_us, luck);
        let faults = &self.desk.faults;
        if faults.fires(shop_id, Fault::ListLag) {
            let lag_us = i64::from(faults.profile(shop_id).list_lag_seconds) * SECOND_US;
            order.listed_from_us = self.desk.clock.now_us() + lag_us;
        }
        let extra = Extra { units: units(&mut floor, &order), ..Extra::default() };
        let pushes: Vec<Push> =
            extra.units.iter().map(|unit| Push::of_unit(&order, unit)).collect();
        let order = books.enter(order);
        floor.extras.insert(order.id.clone(), extra);
        floor.enlist(&order);
        let notices = self.notices(&floor, &pushes, now_us);
        drop(floor);
        drop(books);
        self.post(&notices);
        if !wish.paid {
            self.desk.remind(order.created_us + UNPAID_US, &order.id, order.status());
        }
        Ok(order.id.clone())
    }
}

fn has(books: &Books, line: &Line) -> bool {
    books.products.get(&line.product_id).is_some_and(|product| product.stock >= line.quantity)
}

fn lines(
    books: &Books,
    floor: &mut Floor,
    shop_id: i64,
    wish: &Wish,
) -> Result<Vec<Line>, Refusal> {
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
            id: floor.next_id(),
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

/// A row for each unit.
fn units(floor: &mut Floor, order: &Order) -> Vec<Unit> {
    let of_line = |(line, of): (usize, &Line)| (0..of.quantity).map(move |_| line);
    let lines = order.lines.iter().enumerate().flat_map(of_line);
    let unit = |line| Unit {
        id: UNITS_FROM + floor.next_id(),
        line,
        status: order.status().to_owned(),
        updated_us: order.updated_us,
        before: None,
        package: String::new(),
        awb: String::new(),
        reason: String::new(),
        initiator: "null-null",
        wish: None,
    };
    lines.map(unit).collect()
}

fn new_order(
    wish: &Wish,
    lines: Vec<Line>,
    (shop_id, number): (i64, i64),
    now_us: i64,
    luck: u64,
) -> Order {
    let number = ORDERS_FROM + number;
    let step = |status: &str| Step {
        status: status.to_owned(),
        at_us: now_us,
        by: Actor::Buyer,
        comment: String::new(),
    };
    let mut history = vec![step("unpaid")];
    history.extend(wish.paid.then(|| step("pending")));
    let minor = super::books::country_of(shop_id).minor;
    let shipping = 9_000 + i64::try_from(luck / 7 % 12).unwrap_or(0) * 1_000;
    Order {
        id: number.to_string(),
        number,
        shop_id,
        warehouse_id: shop_id % 10_000,
        invoice: number.to_string(),
        created_us: now_us,
        paid_us: wish.paid.then_some(now_us),
        lines,
        buyer: buyer(wish, luck, &AREA),
        shipping_cost: if minor == 1 { shipping } else { shipping / 50 },
        carrier: pick(&CARRIERS, luck),
        carrier_service: "",
        fulfilled_by_channel: wish.fulfilled_by_channel,
        booking_code: String::new(),
        awb: String::new(),
        pickup_asked_us: None,
        label_printed: false,
        cancel_request: None,
        complaints: Vec::new(),
        listed_from_us: i64::MIN,
        history,
        updated_us: now_us,
    }
}
