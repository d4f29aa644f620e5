//! Pushes: one address for all shops of the app, signed with it, and a store of those that got lost.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Shopee;
use super::acts::{News, ORDER_STATUS, RETURN, Told};
use super::books::{PARTNER_KEY, Push, Side, second};
use super::errors::{self, Error};
use super::routes::{Ask, Reply, text};
use super::sign;
use crate::books::Order;
use crate::clock::SECOND_US;
use crate::lock;
use crate::webhooks::{Notice, Outcome};

/// Lost pushes in one answer, and how long they are kept.
const LOST_MAX: usize = 100;
const LOST_KEPT_US: i64 = 3 * 86_400 * SECOND_US;

fn name(code: i64) -> &'static str {
    match code {
        ORDER_STATUS => "order_status_push",
        RETURN => "return_updates_push",
        super::acts::TRACKING => "order_trackingno_push",
        _ => "shipping_document_status_push",
    }
}

impl Shopee {
    /// Sends what there is to tell of an order.
    pub(super) fn tell(&self, side: &mut Side, order: &Order, told: Told) {
        let at_s = second(self.desk.shop_now_us(order.shop_id));
        for News { code, data, after_s } in told {
            let body = json!({
                "data": data, "shop_id": order.shop_id, "code": code,
                "timestamp": at_s + i64::from(after_s),
            });
            let body = Bytes::from(body.to_string());
            let on = side.codes.contains(&code) && !side.callback_url.is_empty();
            let url = on.then(|| side.callback_url.clone());
            let signature = sign::of_push(PARTNER_KEY, &side.callback_url, &body);
            let push = Push {
                body_sha256: hex::encode(Sha256::digest(&body)),
                shop_id: order.shop_id,
                code,
                at_s,
                data,
            };
            side.pushes.push_back(push);
            if side.pushes.len() > self.desk.config.sizes.webhooks_kept {
                side.pushes.pop_front();
            }
            let notice = Notice {
                kind: name(code),
                shop_id: order.shop_id,
                order_id: order.id.clone(),
                status: order.status().to_owned(),
                url,
                headers: vec![("authorization", signature)],
                body,
                queued_seconds: after_s,
                courier: None,
            };
            self.desk.post.send(&notice, &self.desk.faults);
        }
    }

    /// Where pushes go. The real channel suspends an app whose pushes fail too often; this one never
    /// does.
    pub(super) fn push_config(&self) -> Reply {
        let side = lock(&self.side);
        Reply::response(json!({
            "callback_url": side.callback_url, "live_push_status": "Normal",
            "blocked_shop_id": [], "push_config_on_list": side.codes, "push_config_off_list": [],
        }))
    }

    /// Sets where pushes go, and switches kinds on and off.
    pub(super) fn set_push_config(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let url = text(&body, "callback_url");
        let is_address = url.starts_with("http") && url.parse::<http::Uri>().is_ok();
        if body.get("callback_url").is_some() && !is_address {
            return Err(errors::parameter("callback_url"));
        }
        let codes = |name: &str| {
            let list = body.get(name).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_i64).collect::<Vec<i64>>()
        };
        let (on, off) = (codes("set_push_config_on"), codes("set_push_config_off"));
        let mut side = lock(&self.side);
        if is_address {
            url.clone_into(&mut side.callback_url);
        }
        side.codes.extend(on);
        side.codes.retain(|code| !off.contains(code));
        Ok(Reply::response(json!({"result": "success"})))
    }

    /// The pushes that were tried as often as they are, the oldest first.
    pub(super) fn lost_pushes(&self) -> Reply {
        let side = lock(&self.side);
        let since_us = self.desk.clock.now_us() - LOST_KEPT_US;
        let (_, _, kept) = self.desk.post.list(side.seen, usize::MAX);
        let told: HashMap<&str, &Push> =
            side.pushes.iter().map(|push| (push.body_sha256.as_str(), push)).collect();
        let lost = kept.iter().filter(|it| it.outcome == Outcome::GivenUp);
        let lost: Vec<(u64, &Push)> = lost
            .filter(|it| it.created_us >= since_us)
            .filter_map(|it| Some((it.number, *told.get(it.body_sha256.as_str())?)))
            .collect();
        let here = lost.get(..lost.len().min(LOST_MAX)).unwrap_or_default();
        let rows = here.iter().map(|(_, push)| {
            json!({
                "shop_id": push.shop_id, "code": push.code, "timestamp": push.at_s,
                // As text, not as an object.
                "data": push.data.to_string(),
            })
        });
        Reply::response(json!({
            "push_message_list": rows.collect::<Vec<_>>(),
            "has_next_page": lost.len() > here.len(),
            "last_message_id": here.last().map_or(0, |(number, _)| *number),
        }))
    }

    /// Who asked has seen the lost ones up to this one.
    pub(super) fn confirm_lost(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let last = body.get("last_message_id").and_then(Value::as_u64);
        let last = last.ok_or_else(|| errors::parameter("last_message_id"))?;
        let mut side = lock(&self.side);
        side.seen = side.seen.max(last);
        Ok(Reply::response(Value::Null))
    }
}
