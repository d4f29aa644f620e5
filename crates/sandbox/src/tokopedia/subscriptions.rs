//! Where webhooks go: one registration for the whole app, replaced as a whole.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};

use super::Tokopedia;
use super::books::FS_ID;
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use super::wire::StatusChange;
use crate::books::{Books, Order};
use crate::lock;
use crate::webhooks::Notice;

/// The webhooks the sandbox sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Notification,
    Status,
    Cancellation,
    CancelRequest,
}

impl Kind {
    /// The name of the subscription; its URL is under this name with `_url` behind.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Notification => "order_notification",
            Self::Status => "order_status",
            Self::Cancellation => "order_cancellation",
            Self::CancelRequest => "order_request_cancellation",
        }
    }
}

/// Every URL the registration takes; the sandbox sends to the first four.
const URL_KEYS: [&str; 13] = [
    "order_notification_url",
    "order_status_url",
    "order_cancellation_url",
    "order_request_cancellation_url",
    "chat_notification_url",
    "product_creation_url",
    "product_changes_url",
    "product_edit_url",
    "product_discussion_url",
    "campaign_notification_url",
    "order_actions_url",
    "order_confirm_delivery_notification_url",
    "order_partial_fulfillment_url",
];

/// The registration in force.
#[derive(Debug, Default)]
pub(super) struct Subscription {
    urls: BTreeMap<&'static str, String>,
    pub(super) secret: String,
}

impl Subscription {
    /// Where webhooks of a kind go, if anywhere.
    pub(super) fn url(&self, kind: Kind) -> Option<String> {
        let (_, url) =
            self.urls.iter().find(|(key, _)| key.strip_suffix("_url") == Some(kind.key()))?;
        (!url.is_empty()).then(|| url.clone())
    }
}

impl Tokopedia {
    /// H1: replaces the registration; what is left out is unsubscribed. H4: takes a public key.
    pub(super) fn register(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        if ask.request.param("upload") == Some("1") {
            return Ok(self.upload_key(&ask.request.body));
        }
        let Ok(Value::Object(body)) = serde_json::from_slice(&ask.request.body) else {
            return Ok(bad_input("bad input data"));
        };
        let named = body.get("fs_id").map(|id| id.to_string().trim_matches('"').to_owned());
        if named.is_some_and(|id| id != FS_ID.to_string()) {
            return Ok(bad_input("fs_id does not match"));
        }
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let urls: BTreeMap<_, _> = URL_KEYS.iter().map(|key| (*key, text(key))).collect();
        if urls.values().any(|url| !url.is_empty() && url.parse::<http::Uri>().is_err()) {
            return Ok(bad_input("a url is not valid"));
        }
        *lock(&self.subscription) = Subscription { urls, secret: text("webhook_secret") };
        Ok(Reply::Raw(200, json!({"data": "success", "status": "200 Ok", "error_message": []})))
    }

    fn upload_key(&self, body: &Bytes) -> Reply {
        let text = String::from_utf8_lossy(body);
        let is_field = text.contains(r#"name="public_key""#);
        let pem = pem_in(&text).filter(|_| is_field);
        if pem.is_some_and(|pem| self.sealer.register(pem)) {
            return Reply::Raw(
                200,
                json!({"data": "success", "status": "200 Ok", "error_message": []}),
            );
        }
        bad_input("public_key is not a PEM public key")
    }

    /// H2: the registration in force; the secret is not shown.
    pub(super) fn list_subscriptions(&self) -> Reply {
        let subscription = lock(&self.subscription);
        let mut shown = json!({ "fs_id": FS_ID });
        for key in URL_KEYS {
            let url = subscription.urls.get(key).map_or("", String::as_str);
            shown[key] = Value::from(url);
        }
        Reply::Raw(200, json!({"data": shown, "status": "200 Ok", "error_message": []}))
    }

    /// H3: sends one webhook of an order again, to the URL that is asked for.
    pub(super) fn trigger(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let order_id = body.get("order_id").map(|id| id.to_string().trim_matches('"').to_owned());
        let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
        let books = lock(&self.desk.books);
        let order = order_id.and_then(|id| books.find_order(&id).cloned());
        let order = order.filter(|order| self.shows(order)).ok_or(errors::UPSTREAM)?;
        let payload = self.payload(&books, &order, kind).ok_or(errors::UPSTREAM)?;
        drop(books);
        let url = body.get("url").and_then(Value::as_str).filter(|url| !url.is_empty());
        let subscription = lock(&self.subscription);
        let notice = Notice {
            kind: if kind == "order_status" { "order_status" } else { "order_notification" },
            shop_id: order.shop_id,
            order_id: order.id.clone(),
            status: order.status().to_owned(),
            url: url.map(str::to_owned),
            headers: vec![(super::sign::HEADER, super::sign::sign(&subscription.secret, &payload))],
            body: payload,
            queued_seconds: 0,
            courier: None,
        };
        drop(subscription);
        self.desk.post.send(&notice, &self.desk.faults);
        Ok(Reply::data(&json!("success")))
    }

    /// H3, the other half: the body of an order's webhook as it would be sent now.
    pub(super) fn payload_of(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let order = self.own_order(ask, ask.order)?;
        let books = lock(&self.desk.books);
        let kind = ask.request.param("type").unwrap_or("order_notification");
        let payload = self.payload(&books, &order, kind).ok_or(errors::UPSTREAM)?;
        Ok(Reply::Data(payload.to_vec()))
    }
}

impl Tokopedia {
    fn payload(&self, books: &Books, order: &Order, kind: &str) -> Option<Bytes> {
        match kind {
            "order_notification" => Some(self.notification(books, order)),
            "order_status" => serde_json::to_vec(&StatusChange::of(order)).ok().map(Bytes::from),
            _ => None,
        }
    }
}

fn bad_input(message: &str) -> Reply {
    Reply::Raw(400, json!({"data": null, "status": "400 Bad Request", "error_message": [message]}))
}

/// The first PEM block of a text.
fn pem_in(text: &str) -> Option<&str> {
    let from = text.find("-----BEGIN ")?;
    let end = text.get(from..)?.find("-----END ")? + from;
    let last = text.get(end + 9..)?.find("-----")? + end + 9 + 5;
    text.get(from..last)
}

#[cfg(test)]
mod tests {
    use super::pem_in;

    #[test]
    fn a_pem_block_is_found_inside_a_form() {
        let pem = "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----";
        assert_eq!(pem_in(&format!("--b\r\nx: y\r\n\r\n{pem}\r\n--b--")), Some(pem));
        assert_eq!(pem_in("no key"), None);
    }
}
