//! A buyer places an order.

use rand::Rng;

use super::Tokopedia;
use super::acts::{pay, step};
use super::statuses as st;
use super::wire::local;
use crate::books::{Actor, Books, Line, Order, Shop};
use crate::channel::{Refusal, Wish, WishLine};
use crate::clock::SECOND_US;
use crate::faults::Fault;
use crate::invented::{Area, buyer, pick};
use crate::lock;

/// The first order's number.
const ORDER_NUMBER_FIRST: i64 = 900_100_200;

/// Most orders one call may place.
const COUNT_MAX: u32 = 100_000;

const CARRIERS: [(&str, &str); 4] =
    [("JNE", "Reguler"), ("SiCepat", "Reguler"), ("J&T", "Reguler"), ("AnterAja", "Next Day")];

const AREA: Area =
    Area { district: "Jagakarsa", city: "Kota Administrasi Jakarta Selatan", postal_code: "12620" };

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
        let faults = &self.desk.faults;
        if faults.fires(shop.id, Fault::ListLag) {
            let lag_us = i64::from(faults.profile(shop.id).list_lag_seconds) * SECOND_US;
            order.listed_from_us = self.desk.clock.now_us() + lag_us;
        }
        let order = books.enter(order);
        self.announce(&books, &order);
        drop(books);
        self.remind_of(&order);
        Ok(order.id.clone())
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
    let line = |(place, wanted): (i64, &WishLine)| {
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
        buyer: buyer(wish, luck, &AREA),
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
        listed_from_us: i64::MIN,
        history: Vec::new(),
        updated_us: now_us,
    };
    step(&mut order, st::CREATED, now_us, Actor::Buyer, "");
    if !wish.paid {
        step(&mut order, st::PAYMENT_PENDING, now_us, Actor::System, "");
    }
    order
}
