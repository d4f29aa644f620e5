//! Shops with their warehouses, complaint tickets, and what a client must know to begin.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::Tokopedia;
use super::books::{CLIENT_ID, CLIENT_SECRET, FS_ID};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::wire::local;
use crate::books::{Books, Complaint, Order, Shop};
use crate::lock;

impl Tokopedia {
    /// W1: the linked shops.
    pub(super) fn shop_info(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let wanted = ask.number("shop_id", errors::SHOP_INFO_BAD)?;
        let books = lock(&self.desk.books);
        let shops = books.shops.values().filter(|shop| shop.linked);
        let shops = shops.filter(|shop| wanted.is_none_or(|id| shop.id == id));
        Ok(Reply::data(&shops.map(shown).collect::<Vec<_>>()))
    }

    /// R1: complaint tickets opened in a range of days.
    pub(super) fn tickets(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let day = |name: &str| {
            let text = ask.request.param(name).ok_or(errors::TICKET_DATES_BAD)?;
            Date::strptime("%Y-%m-%d", text)
                .map(|date| date.to_string())
                .map_err(|_| errors::TICKET_DATES_BAD)
        };
        let (from, to) = (day("from_date")?, day("to_date")?);
        if from > to {
            return Err(errors::TICKET_DATES_BAD);
        }
        let shop_id = ask.number("shop_id", errors::SHOP_BAD)?;
        let books = lock(&self.desk.books);
        let shops = books.shops.values().filter(|shop| shop.linked);
        let shops = shops.filter(|shop| shop_id.is_none_or(|id| shop.id == id)).map(|shop| {
            let tickets = tickets_of(&books, shop, &from, &to);
            json!({"shop_id": shop.id, "shop_name": shop.name, "ticket": tickets})
        });
        let shops: Vec<_> = shops.collect();
        Ok(Reply::data(&json!({"is_success": 1, "startdate": from, "enddate": to, "shops": shops})))
    }
}

fn tickets_of(books: &Books, shop: &Shop, from: &str, to: &str) -> Vec<Value> {
    let orders = books.orders().filter(|order| order.shop_id == shop.id);
    let complaints = orders.flat_map(|order| order.complaints.iter().map(move |one| (order, one)));
    let within = complaints.filter(|(_, complaint)| {
        let day = local(complaint.opened_us, "%Y-%m-%d");
        (from..=to).contains(&day.as_str())
    });
    within.map(|(order, complaint)| ticket(order, complaint)).collect()
}

fn ticket(order: &Order, complaint: &Complaint) -> Value {
    let format = "%Y-%m-%d %H:%M:%S";
    let products = order.lines.iter().map(|line| {
        json!({"id": line.product_id, "name": line.name, "qty": line.quantity, "price": line.price,
               "final_price": line.price * line.quantity, "image": ""})
    });
    let closed = complaint.closed_us;
    json!({
        "id": complaint.id, "problem_type": complaint.problem,
        "status": if closed.is_some() { "closed" } else { "open" },
        "open_date": local(complaint.opened_us, format),
        "sla_date": local(complaint.opened_us + super::acts::ACCEPT_WITHIN_US, format),
        "close_date": closed.map(|at_us| local(at_us, format)).unwrap_or_default(),
        "invoice_number": order.invoice, "solution": complaint.solution,
        "complaint_product": products.collect::<Vec<_>>(), "fault": "seller",
        "shipping_amt": 0, "total_issued_funds": order.goods_total(),
    })
}

fn shown(shop: &Shop) -> Value {
    json!({
        "shop_id": shop.id, "user_id": shop.id, "shop_name": shop.name, "logo": "",
        "shop_url": format!("https://shop.example/{}", shop.domain), "is_open": 1, "status": 1,
        "date_shop_created": "2020-01-01", "domain": shop.domain, "admin_id": [shop.id],
        "reason": "", "district_id": 2263, "province_name": "DKI Jakarta",
        "subscribe_tokocabang": false, "is_mitra": false,
        "warehouses": [{
            "warehouse_id": shop.warehouse_id, "partner_id": {"Int64": 0, "Valid": false},
            "shop_id": {"Int64": shop.id, "Valid": true}, "warehouse_name": "Gudang Utama",
            "district_id": 2263, "district_name": "Jagakarsa", "city_id": 175,
            "city_name": "Kota Administrasi Jakarta Selatan", "province_id": 13,
            "province_name": "DKI Jakarta", "status": 1, "postal_code": "12620", "is_default": 1,
            "latlon": "-6.33,106.82", "latitude": "-6.33", "longitude": "106.82", "email": "",
            "address_detail": "Jl. Contoh 1", "phone": "6281200000000", "warehose_type": 1,
        }],
    })
}

/// The fixed, invented credentials; `docs/sandbox.md` prints the same.
pub(super) fn credentials(books: &Books, base_url: &str) -> Value {
    let products = books.products.values().map(|product| {
        json!({
            "product_id": product.id, "shop_id": product.shop_id, "sku": product.sku,
            "name": product.name, "price": product.price, "stock": product.stock,
            "components": product.components.iter()
                .map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}))
                .collect::<Vec<_>>(),
        })
    });
    json!({
        "base_url": base_url, "token_url": format!("{base_url}/token"),
        "fs_id": FS_ID, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "shops": books.shops.values().collect::<Vec<_>>(),
        "products": products.collect::<Vec<_>>(),
    })
}
