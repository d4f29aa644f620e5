//! Reading orders: the list, the booking codes and the label.

use std::sync::Arc;

use serde_json::{Value, json};

use super::detail::details;
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::statuses as st;
use super::wire::{ListRow, jakarta, number, payment_id, sealed_part};
use super::{Tokopedia, acts};
use crate::books::{Books, Order};
use crate::clock::SECOND_US;
use crate::faults::{EVERY_SHOP, Fault};
use crate::lock;
use crate::page::escape;

/// A list's window must be shorter than this, in seconds.
const WINDOW_S_MAX: i64 = 3 * 86_400;

/// A list that starts earlier than this many seconds ago finds nothing.
const LOOK_BACK_S_MAX: i64 = 3 * 86_400;

/// Most orders on one page.
const PER_PAGE_MAX: i64 = 100;

/// What an order list is asked for.
struct Wanted {
    from_s: i64,
    to_s: i64,
    page: i64,
    per_page: i64,
    warehouse_id: Option<i64>,
    status: Option<i64>,
}

impl Wanted {
    fn read(ask: &Ask<'_>) -> Result<Self, Error> {
        let need = |name, empty: Error, bad: Error| ask.number(name, bad)?.ok_or(empty);
        let from_s = need("from_date", errors::FROM_EMPTY, errors::FROM_BAD)?;
        let to_s = need("to_date", errors::TO_EMPTY, errors::TO_BAD)?;
        let page = need("page", errors::PAGE_EMPTY, errors::PAGE_BAD)?;
        let per_page = need("per_page", errors::PER_PAGE_EMPTY, errors::PER_PAGE_BAD)?;
        if per_page > PER_PAGE_MAX {
            return Err(errors::PER_PAGE_BAD);
        }
        let shop_id = ask.number("shop_id", errors::SHOP_BAD)?;
        let warehouse_id = ask.number("warehouse_id", errors::WAREHOUSE_BAD)?;
        if shop_id.is_some() && warehouse_id.is_some() {
            return Err(errors::SHOP_AND_WAREHOUSE);
        }
        let status = match ask.request.param("status") {
            Some(text) => Some(text.parse().map_err(|_| errors::STATUS_BAD)?),
            None => None,
        };
        if to_s < from_s {
            return Err(errors::TO_BAD);
        }
        if to_s - from_s >= WINDOW_S_MAX {
            return Err(errors::WINDOW_WIDE);
        }
        Ok(Self { from_s, to_s, page, per_page, warehouse_id, status })
    }

    fn holds(&self, order: &Order) -> bool {
        self.status.is_none_or(|status| st::code(order) == status)
            && self.warehouse_id.is_none_or(|id| order.warehouse_id == id)
    }
}

impl Tokopedia {
    /// O1: orders by creation time, newest first.
    pub(super) fn list_orders(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let wanted = Wanted::read(ask)?;
        let now_s = self.desk.shop_now_us(shop_id) / SECOND_US;
        if wanted.from_s < now_s - LOOK_BACK_S_MAX {
            return Ok(Reply::Data(b"[]".to_vec()));
        }
        let mut skip = (wanted.page - 1).saturating_mul(wanted.per_page);
        if wanted.page > 1 && self.desk.faults.fires(shop_id, Fault::PageDrift) {
            // As if an order above had just left the list: one row falls between the pages.
            skip += 1;
        }
        let found = self.window(&wanted, shop_id, skip);
        let found: Vec<_> = found.into_iter().map(|order| self.maybe_stale(order)).collect();
        let row = |order| ListRow::of(order, self.buyer_seal(order));
        let rows: Vec<_> = found.iter().map(|order| row(order.as_ref())).collect();
        Ok(Reply::data(&rows))
    }

    fn buyer_seal(&self, order: &Order) -> Option<super::seal::Seal> {
        self.sealer.seal(&order.id, "buyer", || sealed_part(order, "buyer"))
    }

    fn window(&self, wanted: &Wanted, shop_id: i64, skip: i64) -> Vec<Arc<Order>> {
        let books = lock(&self.desk.books);
        let from_us = wanted.from_s * SECOND_US;
        let to_us = wanted.to_s * SECOND_US + SECOND_US - 1;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let take = usize::try_from(wanted.per_page).unwrap_or(0);
        let now_us = self.desk.clock.now_us();
        let fits = |order: &&Arc<Order>| {
            wanted.holds(order) && self.shows(order) && order.listed_from_us <= now_us
        };
        let shops = books.shops.values().filter(|shop| shop.linked);
        let shops = shops.filter(|shop| shop_id == EVERY_SHOP || shop.id == shop_id);
        let mut lanes: Vec<_> = shops
            .map(|shop| {
                let mut rest = books.created_in(shop.id, from_us, to_us).filter(fits);
                (rest.next(), rest)
            })
            .collect();
        // The shops' orders are merged as far as the page reaches, no further.
        let newest = std::iter::from_fn(|| {
            let created = |order: &Arc<Order>| (order.created_us, order.number);
            let (head, rest) = lanes.iter_mut().max_by_key(|(head, _)| head.map(created))?;
            std::mem::replace(head, rest.next())
        });
        newest.skip(skip).take(take).cloned().collect()
    }

    /// O3: booking codes, of one order or of a shop's accepted orders with a cursor.
    pub(super) fn bookings(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order_id = ask.number("order_id", errors::ORDER_BAD)?;
        let shop_id = ask.number("shop_id", errors::SHOP_BAD)?;
        let warehouse_id = ask.number("warehouse_id", errors::WAREHOUSE_BAD)?;
        let per_page = ask.number("per_page", errors::PER_PAGE_BAD)?.unwrap_or(10);
        let next = ask.number("next_order_id", errors::NEXT_ORDER_BAD)?.unwrap_or(0);
        if let Some(id) = order_id {
            let order = self.own_order(ask, &id.to_string())?;
            return Ok(Reply::data(&page_of(&[order], None)));
        }
        if shop_id.is_none() && warehouse_id.is_none() {
            return Err(errors::SHOP_AND_WAREHOUSE);
        }
        let books = lock(&self.desk.books);
        let take = usize::try_from(per_page.min(PER_PAGE_MAX)).unwrap_or(0);
        let mut found = booked(&books, shop_id, warehouse_id, next, take + 1);
        let more = if found.len() > take { found.pop() } else { None };
        Ok(Reply::data(&page_of(&found, more.map(|order| order.number))))
    }

    /// O10: a page with the booking code, for the parcel.
    pub(super) fn label(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.own_order(ask, ask.order)?;
        if order.booking_code.is_empty() {
            return Err(errors::ORDER_UNKNOWN);
        }
        if ask.request.param("printed") != Some("0") {
            self.change(ask.order, errors::ORDER_UNKNOWN, |_, order, _| {
                order.label_printed = true;
                Ok(false)
            })?;
        }
        let sealed = self.sealer.is_on();
        Ok(Reply::Html(label_page(&order, sealed)))
    }
}

fn booked(
    books: &Books,
    shop_id: Option<i64>,
    warehouse_id: Option<i64>,
    next: i64,
    take: usize,
) -> Vec<Arc<Order>> {
    let linked = |order: &Order| books.shops.get(&order.shop_id).is_some_and(|shop| shop.linked);
    let orders = books.orders().filter(|order| {
        linked(order)
            && order.number >= next
            && !order.booking_code.is_empty()
            && shop_id.is_none_or(|id| order.shop_id == id)
            && warehouse_id.is_none_or(|id| order.warehouse_id == id)
    });
    orders.take(take).cloned().collect()
}

fn page_of(orders: &[Arc<Order>], next: Option<i64>) -> Value {
    json!({
        "order_data": orders.iter().map(|order| booking(order)).collect::<Vec<_>>(),
        "next_order_id": next.unwrap_or(0),
        "first_order_id": orders.first().map_or(0, |order| order.number),
    })
}

fn booking(order: &Order) -> Value {
    let accept_us = order.paid_us.unwrap_or(order.created_us) + acts::ACCEPT_WITHIN_US;
    let ship_us = order.paid_us.unwrap_or(order.created_us) + acts::SHIP_WITHIN_US;
    let history = (1..).zip(&order.history).map(|(nth, step)| {
        json!({"order_hist_id": nth, "status": step.status.parse::<i64>().unwrap_or(-1),
               "shipping_date": 0, "create_by": 1})
    });
    let lines = order.lines.iter().map(|line| {
        json!({"order_detail_id": line.id, "product_id": line.product_id, "product_name": line.name,
               "quantity": line.quantity, "product_price": line.price, "insurance_price": 0})
    });
    let booked = if order.booking_code.is_empty() { 0 } else { 200 };
    json!({
        "order": {
            "order_id": number(order), "buyer_id": order.buyer.id, "seller_id": order.shop_id,
            "payment_id": payment_id(order), "order_status": st::code(order),
            "invoice_number": order.invoice, "invoice_pdf_link": "", "open_amt": order.total(),
            "payment_amt_cod": 0,
        },
        "order_history": history.collect::<Vec<_>>(),
        "order_detail": lines.collect::<Vec<_>>(),
        "drop_shipper": {"order_id": number(order), "dropship_name": "", "dropship_telp": ""},
        "type_meta": {"kelontong": {}, "cod": {}, "sampai": {}, "now": {}, "ppp": {},
                      "trade_in": {}, "vehicle_leasing": {}},
        "order_shipment_fulfillment": {
            "id": 1, "order_id": number(order), "accept_deadline": jakarta(accept_us),
            "confirm_shipping_deadline": jakarta(ship_us),
        },
        "booking_data": {
            "order_id": number(order), "booking_code": order.booking_code, "booking_status": booked,
        },
    })
}

fn label_page(order: &Order, sealed: bool) -> String {
    let (name, address) = if sealed {
        ("***", "***")
    } else {
        (order.buyer.name.as_str(), order.buyer.address.as_str())
    };
    let lines: String = details(order)
        .iter()
        .map(|line| {
            format!(
                "<li>{} x {}</li>",
                escape(line["product_name"].as_str().unwrap_or_default()),
                line["quantity"]
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Label {invoice}</title></head>\
         <body><h1>{carrier} {service}</h1><p class=\"booking-code\">{code}</p>\
         <p>{invoice}</p><p>{name}<br>{address}</p><ul>{lines}</ul></body></html>",
        invoice = escape(&order.invoice),
        carrier = escape(order.carrier),
        service = escape(order.carrier_service),
        code = escape(&order.booking_code),
        name = escape(name),
        address = escape(address),
    )
}
