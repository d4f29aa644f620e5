//! Pushes: one for each unit that changed, signed with the app's secret.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Lazada;
use super::books::{APP_KEY, APP_SECRET, Floor, Unit, country_of};
use super::sign;
use crate::Rates;
use crate::books::Order;
use crate::channel::Refusal;
use crate::clock::SECOND_US;
use crate::desk::Desk;
use crate::lock;
use crate::webhooks::{Manner, Notice, Post};

/// How long an answer may take, in real milliseconds.
const ANSWER_MS: u64 = 500;
/// How long a push waits before each further try, and how often it is tried again.
const RETRY_SECONDS: [u32; 12] = [30 * 60; 12];

/// A change of a unit.
const TRADE: i64 = 0;
/// A change of a reverse order.
const REVERSE: i64 = 10;

/// What is pushed.
#[derive(Debug)]
pub(super) struct Push {
    kind: i64,
    shop_id: i64,
    order_id: String,
    status: String,
    data: Value,
}

impl Push {
    /// A unit's status. Ids are texts here.
    pub(super) fn of_unit(order: &Order, unit: &Unit) -> Self {
        let data = json!({
            "order_status": unit.status, "trade_order_id": order.id,
            "trade_order_line_id": unit.id.to_string(),
            "status_update_time": unit.updated_us.div_euclid(SECOND_US),
        });
        Self {
            kind: TRADE,
            shop_id: order.shop_id,
            order_id: order.id.clone(),
            status: unit.status.clone(),
            data,
        }
    }

    /// A reverse order's status. Ids are numbers here.
    pub(super) fn of_reverse(order: &Order, unit: &Unit, (id, status): (i64, &str)) -> Self {
        let data = json!({
            "reverse_order_id": id, "reverse_status": status, "trade_order_id": order.number,
            "extraParams": {}, "trade_order_line_id": unit.id, "buyer_id": order.buyer.id,
            "seller_id": order.shop_id, "reverse_order_line_id": id * 100 + unit.id % 100,
            "status_update_time": 0,
        });
        Self {
            kind: REVERSE,
            shop_id: order.shop_id,
            order_id: order.id.clone(),
            status: status.to_owned(),
            data,
        }
    }

    fn body(&self, now_us: i64) -> Bytes {
        let now_s = now_us.div_euclid(SECOND_US);
        let mut data = self.data.clone();
        if self.kind == REVERSE {
            data["status_update_time"] = now_s.into();
        }
        // Milliseconds of one type and seconds of the other, as the channel does.
        let timestamp = if self.kind == TRADE { now_us.div_euclid(1_000) } else { now_s };
        let body = json!({
            "seller_id": self.shop_id.to_string(), "message_type": self.kind, "data": data,
            "timestamp": timestamp, "site": format!("lazada_{}", country_of(self.shop_id).name),
        });
        Bytes::from(body.to_string())
    }
}

/// The channel's post: its own deadline and its own retries.
pub(super) fn post(desk: &Desk) -> Post {
    let config = &desk.config;
    let timeout_ms = match config.rates {
        Rates::Lifted => config.webhook_timeout_ms,
        Rates::Documented | Rates::Times(_) => ANSWER_MS.min(config.webhook_timeout_ms),
    };
    let manner = Manner {
        retry_seconds: RETRY_SECONDS.to_vec(),
        timeout_ms,
        kept_max: config.sizes.webhooks_kept,
    };
    Post::new(desk.clock.clone(), manner)
}

impl Lazada {
    /// The notices of pushes, to where the app console says.
    pub(super) fn notices(&self, floor: &Floor, pushes: &[Push], now_us: i64) -> Vec<Notice> {
        let notice = |push: &Push| {
            let body = push.body(now_us);
            Notice {
                kind: if push.kind == TRADE { "trade_order" } else { "reverse_order" },
                shop_id: push.shop_id,
                order_id: push.order_id.clone(),
                status: push.status.clone(),
                url: floor.push_url.clone(),
                headers: vec![(sign::HEADER, sign::of_push(APP_KEY, APP_SECRET, &body))],
                body,
                queued_seconds: 0,
                courier: None,
            }
        };
        pushes.iter().map(notice).collect()
    }

    pub(super) fn post(&self, notices: &[Notice]) {
        for notice in notices {
            self.desk.post.send(notice, &self.desk.faults);
        }
    }

    /// What a person does in the app console.
    pub(super) fn enter_push_address(&self, url: &str) -> Result<(), Refusal> {
        let address: Option<http::Uri> = url.parse().ok();
        if address.is_none_or(|address| address.authority().is_none()) {
            return Err(Refusal::Invalid("the address of pushes is no address".to_owned()));
        }
        lock(&self.floor).push_url = Some(url.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_comes_out() {
        let body = concat!(
            r#"{"seller_id":"1009990001","message_type":0,"data":{"order_status":"pending","#,
            r#""trade_order_id":"330044550011","trade_order_line_id":"330044550111","#,
            r#""status_update_time":1763712000},"timestamp":1763712001530,"site":"lazada_id"}"#
        );
        assert_eq!(
            sign::of_push("109999", "demoSecret9876", body.as_bytes()),
            "04b3e6d0305831d651ec379ef395ab48aabdb0f311ef520c4b324a98304c86e7"
        );
    }
}
