//! Returns.

use serde_json::{Value, json};

use super::Shopee;
use super::books::second;
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use crate::books::{Complaint, Order};
use crate::faults::Fault;
use crate::lock;

impl Shopee {
    /// A page of returns, by the time of their last change; pages count from zero.
    pub(super) fn list_returns(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let (from, to) = ask.window("update_time_from", "update_time_to")?;
        let size = ask.page_size()?;
        let page = usize::try_from(ask.number("page_no")?);
        let page = page.map_err(|_| errors::parameter("page_no"))?;
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let mine = books.orders().filter(|order| order.shop_id == shop_id);
        let all = mine.flat_map(|order| order.complaints.iter().map(move |one| (order, one)));
        let within = |(_, one): &(_, &Complaint)| (from..=to).contains(&changed_s(one));
        let mut found: Vec<_> = all.filter(within).collect();
        found.sort_by_key(|(_, one)| (changed_s(one), one.id));
        let drifts = page > 0 && self.desk.faults.fires(shop_id, Fault::PageDrift);
        let here = found.iter().skip(page * size + usize::from(drifts)).take(size);
        let rows = here.map(|(order, one)| {
            let items = order.lines.iter().map(|line| {
                let named = side.named(line.product_id);
                json!({
                    "item_id": named.item_id, "model_id": named.model_id, "name": line.name,
                    "amount": line.quantity_deliver(), "item_price": line.price,
                })
            });
            row(order, one, &items.collect::<Vec<_>>())
        });
        let rows: Vec<Value> = rows.collect();
        let more = found.len() > (page + 1) * size;
        Ok(Reply::response(json!({"more": more, "return": rows})))
    }
}

fn changed_s(one: &Complaint) -> i64 {
    second(one.closed_us.unwrap_or(one.opened_us))
}

fn row(order: &Order, one: &Complaint, items: &[Value]) -> Value {
    json!({
        "return_sn": one.id.to_string(), "order_sn": order.id, "reason": one.problem,
        "text_reason": "", "status": if one.closed_us.is_some() { "CANCELLED" } else { "REQUESTED" },
        "refund_amount": order.goods_total(), "currency": "IDR",
        "create_time": second(one.opened_us), "update_time": changed_s(one),
        "due_date": second(one.opened_us) + 2 * 86_400, "needs_logistics": true,
        "negotiation_status": "PENDING_RESPOND", "return_refund_type": "RRBOC",
        "return_solution": 0, "item": items,
    })
}
