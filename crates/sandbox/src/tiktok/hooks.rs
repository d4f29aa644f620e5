//! Webhooks: one address for each topic of a shop, signed with the app's secret.

use bytes::Bytes;
use serde_json::{Value, json};

use super::TikTok;
use super::acts::Told;
use super::books::{APP_KEY, APP_SECRET, Side};
use super::errors::{self, Error};
use super::pages::second;
use super::routes::{Ask, Reply};
use super::sign;
use crate::books::Order;
use crate::lock;
use crate::webhooks::Notice;

/// The longest address, in characters.
const ADDRESS_MAX: usize = 255;

/// What the sandbox tells of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Topic {
    OrderStatus,
    Cancellation,
    Return,
}

impl Topic {
    fn name(self) -> &'static str {
        match self {
            Self::OrderStatus => "ORDER_STATUS_CHANGE",
            Self::Cancellation => "CANCELLATION_STATUS_CHANGE",
            Self::Return => "RETURN_STATUS_CHANGE",
        }
    }

    fn number(self) -> i64 {
        match self {
            Self::OrderStatus => 1,
            Self::Cancellation => 11,
            Self::Return => 12,
        }
    }
}

/// Every topic that can be registered; of the others nothing is told here.
const TOPICS: [&str; 17] = [
    "ORDER_STATUS_CHANGE",
    "RECIPIENT_ADDRESS_UPDATE",
    "PACKAGE_UPDATE",
    "PRODUCT_STATUS_CHANGE",
    "SELLER_DEAUTHORIZATION",
    "UPCOMING_AUTHORIZATION_EXPIRATION",
    "CANCELLATION_STATUS_CHANGE",
    "RETURN_STATUS_CHANGE",
    "REVERSE_STATUS_UPDATE",
    "PRODUCT_INFORMATION_CHANGE",
    "PRODUCT_CREATION",
    "PRODUCT_CATEGORY_CHANGE",
    "PRODUCT_AUDIT_STATUS_CHANGE",
    "INVOICE_STATUS_CHANGE",
    "NEW_CONVERSATION",
    "NEW_MESSAGE",
    "NEW_MESSAGE_LISTENER",
];

fn topic_in(body: &Value) -> Result<&'static str, Error> {
    let given = body.get("event_type").and_then(Value::as_str);
    let known = TOPICS.into_iter().find(|topic| given == Some(topic));
    known.ok_or_else(|| errors::parameter("event_type"))
}

impl TikTok {
    /// Sends what there is to tell of an order.
    pub(super) fn tell(&self, side: &mut Side, order: &Order, told: Told) {
        let now_s = second(self.desk.shop_now_us(order.shop_id));
        for (topic, data) in told {
            let id = 7_380_000_000_000_000_000 + side.next_id();
            let body = json!({
                "type": topic.number(), "tts_notification_id": id.to_string(),
                "shop_id": order.shop_id.to_string(), "timestamp": now_s, "data": data,
            });
            let body = Bytes::from(body.to_string());
            let url = side.hooks.get(&(order.shop_id, topic.name())).map(|(url, _)| url.clone());
            let signature = sign::of_webhook(APP_KEY, APP_SECRET, &body);
            let notice = Notice {
                kind: topic.name(),
                shop_id: order.shop_id,
                order_id: order.id.clone(),
                status: order.status().to_owned(),
                url,
                headers: vec![("authorization", signature)],
                body,
                queued_seconds: 0,
                courier: None,
            };
            self.desk.post.send(&notice, &self.desk.faults);
        }
    }

    /// What a shop has registered.
    pub(super) fn list_hooks(&self, shop_id: i64) -> Reply {
        let side = lock(&self.side);
        let mine = side.hooks.iter().filter(|((shop, _), _)| *shop == shop_id);
        let rows: Vec<Value> = mine
            .map(|((_, topic), (address, since_us))| {
                let since_ms = since_us.div_euclid(1_000);
                json!({
                    "event_type": topic, "address": address, "create_time": since_ms,
                    "update_time": since_ms,
                })
            })
            .collect();
        Reply::data(json!({"total_count": rows.len(), "webhooks": rows}))
    }

    /// Sets where a topic goes. The real channel takes https and a domain's name only; the sandbox is
    /// without both.
    pub(super) fn set_hook(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let body = ask.json()?;
        let topic = topic_in(&body)?;
        let address = body.get("address").and_then(Value::as_str).unwrap_or_default();
        let is_address = address.starts_with("http") && address.parse::<http::Uri>().is_ok();
        if !is_address || address.chars().count() > ADDRESS_MAX {
            return Err(errors::parameter("address"));
        }
        let since_us = self.desk.clock.now_us();
        lock(&self.side).hooks.insert((shop_id, topic), (address.to_owned(), since_us));
        Ok(Reply::data(json!({})))
    }

    /// Sends a topic nowhere; also where it went nowhere.
    pub(super) fn delete_hook(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        let topic = topic_in(&ask.json()?)?;
        lock(&self.side).hooks.remove(&(shop_id, topic));
        Ok(Reply::data(json!({})))
    }
}
