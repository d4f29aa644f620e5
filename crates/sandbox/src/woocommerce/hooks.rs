//! Webhooks: one for each topic, written when they leave, sent once, and switched off when they fail.

use std::sync::{Arc, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::WooCommerce;
use super::books::{SHOP_ID, Site};
use super::errors::{self, Error};
use super::pages::{Cut, gmt, local};
use super::routes::{Ask, Reply};
use super::show;
use crate::clock::SECOND_US;
use crate::lock;
use crate::webhooks::{Courier, Delivery, Letter, Notice};

/// How long a delivery lies in the shop's own queue; what changes meanwhile goes with it.
const QUEUED_SECONDS: u32 = 1;
/// A webhook that fails once more than this many times in a row and one is switched off.
const FAILURES_MAX: u32 = 5;
/// The statuses of a webhook.
const STATUSES: [&str; 3] = ["active", "paused", "disabled"];

/// What a webhook tells of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Topic {
    OrderCreated,
    OrderUpdated,
    OrderDeleted,
    OrderRestored,
    ProductUpdated,
}

impl Topic {
    const ALL: [Self; 5] = [
        Self::OrderCreated,
        Self::OrderUpdated,
        Self::OrderDeleted,
        Self::OrderRestored,
        Self::ProductUpdated,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OrderCreated => "order.created",
            Self::OrderUpdated => "order.updated",
            Self::OrderDeleted => "order.deleted",
            Self::OrderRestored => "order.restored",
            Self::ProductUpdated => "product.updated",
        }
    }
}

/// A webhook as it is registered.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    name: String,
    topic: Topic,
    url: String,
    secret: String,
    status: &'static str,
    failures: u32,
    created_us: i64,
    updated_us: i64,
}

/// The base64 HMAC-SHA256 of the raw body.
fn sign(secret: &str, body: &[u8]) -> String {
    // A key of any length is taken, so the error arm is never met.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Who writes one webhook's deliveries.
#[derive(Debug)]
struct Writer {
    shop: Weak<WooCommerce>,
    hook: u64,
    /// What is written: a delivery, or the ping.
    ping: bool,
}

impl Courier for Writer {
    fn letter(&self, delivery: &Delivery) -> Option<Letter> {
        let shop = self.shop.upgrade()?;
        if self.ping {
            let body = Bytes::from(format!("webhook_id={}", self.hook));
            let content_type = "application/x-www-form-urlencoded";
            return Some(Letter { content_type, headers: Vec::new(), body });
        }
        shop.letter(self.hook, &delivery.order_id)
    }

    fn came(&self, status: u16) {
        if let Some(shop) = self.shop.upgrade().filter(|_| !self.ping) {
            shop.came(self.hook, (200..=302).contains(&status));
        }
    }
}

impl WooCommerce {
    /// The deliveries of a change, of those webhooks that have none waiting for the same thing.
    pub(super) fn notices(&self, site: &mut Site, topic: Topic, resource: &str) -> Vec<Notice> {
        let Site { hooks, queued, .. } = site;
        let told = hooks.iter().filter(|(_, hook)| hook.topic == topic && hook.status == "active");
        let new = told.filter(|(id, _)| queued.insert((**id, resource.to_owned())));
        new.map(|(id, hook)| self.notice(*id, hook, resource, false)).collect()
    }

    fn notice(&self, id: u64, hook: &Hook, resource: &str, ping: bool) -> Notice {
        let writer = Writer { shop: Weak::clone(&self.itself), hook: id, ping };
        Notice {
            kind: if ping { "ping" } else { hook.topic.name() },
            shop_id: SHOP_ID,
            order_id: resource.to_owned(),
            status: String::new(),
            url: Some(hook.url.clone()),
            headers: Vec::new(),
            body: Bytes::new(),
            queued_seconds: if ping { 0 } else { QUEUED_SECONDS },
            courier: Some(Arc::new(writer)),
        }
    }

    pub(super) fn post(&self, notices: &[Notice]) {
        for notice in notices {
            self.desk.post.send(notice, &self.desk.faults);
        }
    }

    /// What a delivery says: the thing as it is now.
    fn letter(&self, id: u64, resource: &str) -> Option<Letter> {
        let hook = {
            let mut site = lock(&self.site);
            site.queued.remove(&(id, resource.to_owned()));
            site.hooks.get(&id).filter(|hook| hook.status == "active").cloned()?
        };
        let body = match hook.topic {
            Topic::OrderDeleted => json!({"id": resource.parse::<i64>().ok()?}),
            Topic::ProductUpdated => self.product_body(resource)?,
            Topic::OrderCreated | Topic::OrderUpdated | Topic::OrderRestored => {
                let order = lock(&self.desk.books).find_order(resource).cloned()?;
                show::order(&lock(&self.site), &order)
            }
        };
        let body = Bytes::from(body.to_string());
        let (resource, event) = hook.topic.name().split_once('.').unwrap_or_default();
        let second = self.desk.clock.now_us() / SECOND_US;
        let delivery_id = hex::encode(Sha256::digest(format!("{id} {second}")));
        let headers = vec![
            ("x-wc-webhook-source", "http://warung-kopi-contoh.example.test/".to_owned()),
            ("x-wc-webhook-topic", hook.topic.name().to_owned()),
            ("x-wc-webhook-resource", resource.to_owned()),
            ("x-wc-webhook-event", event.to_owned()),
            ("x-wc-webhook-signature", sign(&hook.secret, &body)),
            ("x-wc-webhook-id", id.to_string()),
            ("x-wc-webhook-delivery-id", delivery_id.chars().take(32).collect()),
            ("user-agent", "WooCommerce/10.0.2 Hookshot (WordPress/6.8.8)".to_owned()),
        ];
        Some(Letter { content_type: "application/json", headers, body })
    }

    /// Disables every active webhook; returns how many there were.
    pub(super) fn disable_hooks(&self) -> usize {
        let mut site = lock(&self.site);
        let active = site.hooks.values_mut().filter(|hook| hook.status == "active");
        active.map(|hook| hook.status = "disabled").count()
    }

    /// Counts what came of a delivery.
    fn came(&self, id: u64, well: bool) {
        let mut site = lock(&self.site);
        let Some(hook) = site.hooks.get_mut(&id) else { return };
        if well {
            hook.failures = 0;
        } else if hook.failures > FAILURES_MAX {
            hook.status = "disabled";
        } else {
            hook.failures += 1;
        }
    }
}

fn shown(id: u64, hook: &Hook) -> Value {
    let (resource, event) = hook.topic.name().split_once('.').unwrap_or_default();
    json!({
        "id": id, "name": hook.name, "status": hook.status, "topic": hook.topic.name(),
        "resource": resource, "event": event, "hooks": [], "delivery_url": hook.url,
        "date_created": local(hook.created_us), "date_created_gmt": gmt(hook.created_us),
        "date_modified": local(hook.updated_us), "date_modified_gmt": gmt(hook.updated_us),
    })
}

fn refused(code: &'static str, message: &str) -> Error {
    Error::new(400, code, message)
}

/// A webhook's status, if it is one.
fn status_in(body: &Value) -> Result<Option<&'static str>, Error> {
    let Some(status) = body.get("status") else { return Ok(None) };
    let known = STATUSES.iter().find(|known| status.as_str() == Some(known));
    let unknown = || refused("woocommerce_rest_shop_webhook_invalid_status", "Invalid status.");
    known.map(|status| Some(*status)).ok_or_else(unknown)
}

fn url_in(body: &Value) -> Result<Option<String>, Error> {
    let Some(url) = body.get("delivery_url").and_then(Value::as_str) else { return Ok(None) };
    if url.starts_with("http") && url.parse::<http::Uri>().is_ok() {
        return Ok(Some(url.to_owned()));
    }
    let code = "woocommerce_rest_shop_webhook_invalid_delivery_url";
    Err(refused(code, "Webhook delivery URL must be a valid URL."))
}

impl WooCommerce {
    pub(super) fn list_hooks(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let cut = Cut::read(ask)?;
        let site = lock(&self.site);
        let mut hooks: Vec<(&u64, &Hook)> = site.hooks.iter().collect();
        if let Some(status) = ask.param("status").filter(|status| *status != "all") {
            hooks.retain(|(_, hook)| hook.status == status);
        }
        if ask.param("order") != Some("asc") {
            hooks.reverse();
        }
        Ok(cut.of(&hooks, |(id, hook)| shown(**id, hook)))
    }

    fn hook_id(ask: &Ask<'_>, site: &Site) -> Result<u64, Error> {
        let id = ask.id.parse().ok().filter(|id| site.hooks.contains_key(id));
        id.ok_or_else(|| errors::invalid_id("webhook", !ask.writes()))
    }

    pub(super) fn hook(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let site = lock(&self.site);
        let id = Self::hook_id(ask, &site)?;
        Ok(Reply::read(site.hooks.get(&id).map_or(Value::Null, |hook| shown(id, hook))))
    }

    /// Makes a webhook and pings where it goes; what is answered there is of no account.
    pub(super) fn create_hook(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let topic = body["topic"].as_str();
        let topic = Topic::ALL.into_iter().find(|known| Some(known.name()) == topic);
        let topic = topic.ok_or_else(|| {
            let message = "Webhook topic is required and must be valid.";
            refused("woocommerce_rest_shop_webhook_invalid_topic", message)
        })?;
        let url = url_in(&body)?.ok_or_else(|| errors::missing_param("delivery_url"))?;
        let now_us = self.desk.shop_now_us(SHOP_ID);
        let hook = Hook {
            name: body["name"].as_str().unwrap_or("Webhook").to_owned(),
            topic,
            url,
            secret: body["secret"].as_str().unwrap_or("made-up-by-the-shop").to_owned(),
            status: status_in(&body)?.unwrap_or("active"),
            failures: 0,
            created_us: now_us,
            updated_us: now_us,
        };
        let mut site = lock(&self.site);
        let id = u64::try_from(site.next_id()).unwrap_or(0);
        let ping = self.notice(id, &hook, &format!("ping-{id}"), true);
        let told = shown(id, &hook);
        site.hooks.insert(id, hook);
        drop(site);
        self.post(&[ping]);
        Ok(Reply::done(201, told))
    }

    pub(super) fn update_hook(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let (status, url) = (status_in(&body)?, url_in(&body)?);
        let now_us = self.desk.shop_now_us(SHOP_ID);
        let mut site = lock(&self.site);
        let id = Self::hook_id(ask, &site)?;
        let Some(hook) = site.hooks.get_mut(&id) else {
            return Err(errors::invalid_id("webhook", false));
        };
        let moved = url.as_ref().is_some_and(|url| *url != hook.url);
        if let Some(status) = status {
            if status == "active" && hook.status != "active" {
                hook.failures = 0;
            }
            hook.status = status;
        }
        if let Some(url) = url {
            hook.url = url;
        }
        if let Some(secret) = body["secret"].as_str() {
            secret.clone_into(&mut hook.secret);
        }
        hook.updated_us = now_us;
        let hook = hook.clone();
        drop(site);
        if moved {
            self.post(&[self.notice(id, &hook, &format!("ping-{id}"), true)]);
        }
        Ok(Reply::done(200, shown(id, &hook)))
    }

    pub(super) fn delete_hook(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        if ask.param("force") != Some("true") {
            let message = "Webhooks do not support trashing.";
            return Err(Error::new(501, "woocommerce_rest_trash_not_supported", message));
        }
        let mut site = lock(&self.site);
        let id = Self::hook_id(ask, &site).map_err(|_| errors::invalid_id("webhook", true))?;
        let hook = site.hooks.remove(&id);
        Ok(Reply::done(200, hook.map_or(Value::Null, |hook| shown(id, &hook))))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_worked_example_comes_out() {
        let signed = super::sign("whsec_demo", br#"{"id":727,"status":"processing"}"#);
        assert_eq!(signed, "gE04vUOh5ePxoffnZwqKIietZ6jPCekcwbCsekrlDmo=");
    }
}
