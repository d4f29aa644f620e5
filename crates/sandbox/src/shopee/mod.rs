//! Shopee's side of the wire: the Open Platform API v2, with its signed consent page, a pair of tokens
//! for each shop, parcels with numbers and documents that come later, and pushes to one address.
//!
//! One app, one account with two shops. A call passes, in this order: faults, path, parameters, app,
//! time, signature, token, rate, the order's state.

mod acts;
mod books;
mod errors;
mod gate;
mod hooks;
mod lives;
mod logistics;
mod oauth;
mod orders;
mod papers;
mod placing;
mod products;
mod returns;
mod routes;
mod show;
mod sign;
mod standing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use self::books::Side;
use self::errors::Error;
use self::oauth::Consents;
use self::routes::{Ask, Endpoint, Reply};
use self::standing::Standing;
use crate::books::Order;
use crate::calls::Call;
use crate::channel::{Act, Channel, Life, Refusal, Wish};
use crate::desk::Desk;
use crate::serve::{Answer, Fate, Request};
use crate::webhooks::{Manner, Post};
use crate::{Config, lock};

/// The channel's name in the registry, in addresses of the control API and in the configuration.
pub(crate) const NAME: &str = "shopee";

/// Seconds to wait before each further try of a push: 5 minutes, half an hour, 3 hours.
const RETRY_SECONDS: [u32; 3] = [300, 1_800, 10_800];
/// How long a push's answer may take, in real milliseconds.
const ANSWER_WITHIN_MS: u64 = 3_000;

/// Opens the channel's side.
pub(crate) fn open(mut desk: Desk) -> Arc<dyn Channel> {
    let usual = Config::default();
    // Where nothing else was asked for, pushes are sent in this channel's own manner.
    if desk.config.webhook_retry_seconds == usual.webhook_retry_seconds
        && desk.config.webhook_timeout_ms == usual.webhook_timeout_ms
    {
        let manner = Manner {
            retry_seconds: RETRY_SECONDS.to_vec(),
            timeout_ms: ANSWER_WITHIN_MS,
            kept_max: desk.config.sizes.webhooks_kept,
        };
        desk.post = Arc::new(Post::new(desk.clock.clone(), manner));
    }
    let mut side = Side::default();
    books::open(&mut lock(&desk.books), &mut side, desk.clock.now_us());
    Arc::new(Shopee {
        desk: Arc::new(desk),
        side: Mutex::new(side),
        consents: Mutex::default(),
        standings: Mutex::default(),
    })
}

/// The channel's side. Books are locked before the side.
#[derive(Debug)]
struct Shopee {
    desk: Arc<Desk>,
    side: Mutex<Side>,
    consents: Mutex<Consents>,
    /// What the channel holds against a shop, or against the app.
    standings: Mutex<HashMap<i64, &'static Standing>>,
}

impl Channel for Shopee {
    fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    fn answer(&self, request: &Request) -> Answer {
        let begun = Instant::now();
        let query = if request.query_text.is_empty() { "" } else { "?" };
        let mut call = Call {
            at_us: self.desk.clock.now_us(),
            method: request.method.to_string(),
            target: format!("{}{query}{}", request.path, request.query_text),
            endpoint: "unknown",
            ..Call::default()
        };
        let answer = self.route(request, &mut call);
        call.status = match answer.fate {
            Fate::Whole | Fate::Cut => answer.status,
            Fate::Hang(_) | Fate::Drop => 0,
        };
        call.took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.desk.calls.record(call);
        answer
    }

    /// The fixed, invented credentials; `docs/sandbox.md` prints the same.
    fn credentials(&self, base_url: &str) -> Value {
        let books = lock(&self.desk.books);
        let side = lock(&self.side);
        let products = books.products.values().map(|product| {
            let parts = product.components.iter();
            let named = side.named(product.id);
            json!({
                "product_id": format!("{}-{}", named.item_id, named.model_id),
                "shop_id": product.shop_id, "sku": product.sku, "name": product.name,
                "price": product.price, "stock": product.stock,
                "components": parts
                    .map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}))
                    .collect::<Vec<_>>(),
            })
        });
        json!({
            "base_url": base_url, "api_url": base_url, "partner_id": books::PARTNER_ID,
            "partner_key": books::PARTNER_KEY,
            "shops": books.shops.values().collect::<Vec<_>>(),
            "products": products.collect::<Vec<_>>(),
        })
    }

    fn consent(&self, page: &str) -> Result<String, Refusal> {
        self.press_allow(page)
    }

    fn set_standing(&self, shop_id: Option<i64>, code: &str) -> Result<(), Refusal> {
        self.hold_against(shop_id, code)
    }

    fn place(&self, wish: &Wish) -> Result<Vec<String>, Refusal> {
        self.place_orders(wish)
    }

    fn act(&self, order_id: &str, act: Act) -> Result<(), Refusal> {
        self.do_act(order_id, act)
    }

    fn acts(&self, order: &Order) -> Vec<(&'static str, Act)> {
        lives::acts(order)
    }

    fn due(&self, order_id: &str, status: &str) {
        self.pass_deadline(order_id, status);
    }

    fn lives(&self) -> &'static [Life] {
        &lives::LIVES
    }
}

impl Shopee {
    fn route(&self, request: &Request, call: &mut Call) -> Answer {
        let ask = match Ask::read(request) {
            Ok(ask) => ask,
            Err(error) => {
                error.code.clone_into(&mut call.error_code);
                return error.answer();
            }
        };
        call.endpoint = ask.endpoint.name();
        call.shop_id = self.shop_named(&ask);
        if let Some(answer) = self.fails_before(call) {
            return answer;
        }
        let outcome = self.admit(&ask, call).and_then(|()| self.respond(&ask, call.shop_id));
        let answer = match outcome {
            Ok(reply) => {
                call.effect = reply.effect;
                call.order_id.clone_from(&reply.order_id);
                reply.answer()
            }
            Err(error) => {
                error.code.clone_into(&mut call.error_code);
                error.answer()
            }
        };
        self.fails_after(answer, call)
    }

    fn respond(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        match ask.endpoint {
            Endpoint::Page => self.page(ask),
            Endpoint::PageAnswer => self.page_answer(ask),
            Endpoint::TokenGet => self.token_for_code(ask),
            Endpoint::TokenRefresh => self.token_for_refresh(ask),
            Endpoint::ShopInfo => Ok(self.shop_info(shop_id)),
            Endpoint::Warehouses => Ok(self.warehouses(shop_id)),
            Endpoint::OrderList => self.list_orders(ask, shop_id),
            Endpoint::OrderDetail => self.order_details(ask, shop_id),
            Endpoint::PackageDetail => self.package_details(ask, shop_id),
            Endpoint::Cancel => self.cancel_order(ask, shop_id),
            Endpoint::CancelAnswer => self.answer_cancel(ask, shop_id),
            Endpoint::ShipParameter => self.ship_parameter(ask, shop_id),
            Endpoint::Ship => self.ship(ask, shop_id),
            Endpoint::ShipAgain => self.ship_again(ask, shop_id),
            Endpoint::Tracking => self.tracking_number(ask, shop_id),
            Endpoint::PaperKinds => self.paper_kinds(ask, shop_id),
            Endpoint::PaperMake => self.make_papers(ask, shop_id),
            Endpoint::PaperState => self.paper_states(ask, shop_id),
            Endpoint::Paper => self.paper(ask, shop_id),
            Endpoint::Returns => self.list_returns(ask, shop_id),
            Endpoint::Items => self.list_items(ask, shop_id),
            Endpoint::ItemDetail => self.item_details(ask, shop_id),
            Endpoint::Models => self.list_models(ask, shop_id),
            Endpoint::Stock => self.update_stock(ask, shop_id),
            Endpoint::PushConfig => Ok(self.push_config()),
            Endpoint::PushSet => self.set_push_config(ask),
            Endpoint::PushLost => Ok(self.lost_pushes()),
            Endpoint::PushSeen => self.confirm_lost(ask),
        }
    }
}
