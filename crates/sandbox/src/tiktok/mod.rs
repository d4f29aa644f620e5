//! TikTok Shop's side of the wire: the open API whose paths name their versions, with its consent page,
//! its tokens, its parcels and its cancellations.
//!
//! One app, one seller with several shops. A call passes, in this order: faults, path and version, app,
//! time, signature, token, shop, rate, parameters, the order's state.

mod acts;
mod books;
mod errors;
mod gate;
mod hooks;
mod lives;
mod oauth;
mod orders;
mod pages;
mod parcels;
mod placing;
mod products;
mod reverse;
mod routes;
mod show;
mod sign;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use self::books::Side;
use self::errors::Error;
use self::oauth::{Consents, REDIRECT};
use self::routes::{Ask, Endpoint, Reply};
use crate::books::Order;
use crate::calls::Call;
use crate::channel::{Act, Channel, Life, Refusal, Wish};
use crate::desk::Desk;
use crate::serve::{Answer, Fate, Request};
use crate::webhooks::{Manner, Post};
use crate::{Config, lock};

/// The channel's name in the registry, in addresses of the control API and in the configuration.
pub(crate) const NAME: &str = "tiktok";

/// Seconds to wait before each further try of a webhook: 2 minutes, half an hour, 3 and 12 hours.
const RETRY_SECONDS: [u32; 4] = [120, 1_800, 10_800, 43_200];
/// How long a webhook's answer may take, in real milliseconds.
const ANSWER_WITHIN_MS: u64 = 3_000;

/// Opens the channel's side.
pub(crate) fn open(mut desk: Desk) -> Arc<dyn Channel> {
    let usual = Config::default();
    // Where nothing else was asked for, webhooks are sent in this channel's own manner.
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
    Arc::new(TikTok {
        desk: Arc::new(desk),
        side: Mutex::new(side),
        consents: Mutex::default(),
        redirect: Mutex::new(REDIRECT.to_owned()),
    })
}

/// The channel's side. Books are locked before the side.
#[derive(Debug)]
struct TikTok {
    desk: Arc<Desk>,
    side: Mutex<Side>,
    consents: Mutex<Consents>,
    /// Where browsers are sent after a consent: a setting of the app.
    redirect: Mutex<String>,
}

impl Channel for TikTok {
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
            json!({
                "product_id": format!("{}-{}", side.product_of(product.id), product.id),
                "shop_id": product.shop_id, "sku": product.sku, "name": product.name,
                "price": product.price, "stock": product.stock,
                "components": parts
                    .map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}))
                    .collect::<Vec<_>>(),
            })
        });
        json!({
            "base_url": base_url, "token_url": base_url,
            "page_url": format!("{base_url}/open/authorize"),
            "app_key": books::APP_KEY, "app_secret": books::APP_SECRET,
            "service_id": books::SERVICE_ID, "redirect_url": lock(&self.redirect).clone(),
            "shops": books.shops.values().collect::<Vec<_>>(),
            "products": products.collect::<Vec<_>>(),
        })
    }

    fn consent(&self, page: &str) -> Result<String, Refusal> {
        self.press_allow(page)
    }

    fn set_redirect(&self, url: &str) -> Result<(), Refusal> {
        if url.parse::<http::Uri>().map_or(true, |url| url.scheme().is_none()) {
            return Err(Refusal::Invalid(format!("{url:?} is no address")));
        }
        url.clone_into(&mut lock(&self.redirect));
        Ok(())
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

impl TikTok {
    fn route(&self, request: &Request, call: &mut Call) -> Answer {
        let ask = match Ask::read(request) {
            Ok(ask) => ask,
            Err(error) => {
                call.error_code = error.code.to_string();
                return error.answer();
            }
        };
        call.endpoint = ask.endpoint.name();
        call.shop_id = self.shop_named(&ask);
        if let Some(answer) = self.fails_before(ask.endpoint, call) {
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
                call.error_code = error.code.to_string();
                error.answer()
            }
        };
        self.fails_after(ask.endpoint, answer, call)
    }

    fn respond(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        match ask.endpoint {
            Endpoint::Page => Ok(self.page(ask)),
            Endpoint::PageAnswer => Ok(self.page_answer(ask)),
            Endpoint::TokenGet => self.token_for_code(ask),
            Endpoint::TokenRefresh => self.token_for_refresh(ask),
            Endpoint::Shops => Ok(self.shops()),
            Endpoint::OrderSearch => self.search_orders(ask, shop_id),
            Endpoint::OrderDetail => self.order_details(ask, shop_id),
            Endpoint::ProductSearch => self.search_products(ask, shop_id),
            Endpoint::InventorySearch => self.search_inventory(ask, shop_id),
            Endpoint::InventoryUpdate => self.update_inventory(ask, shop_id),
            Endpoint::Warehouses => Ok(self.warehouses(shop_id)),
            Endpoint::Providers => Ok(parcels::providers()),
            Endpoint::Package => self.package(ask, shop_id),
            Endpoint::Slots => self.slots(ask, shop_id),
            Endpoint::Ship => self.ship_one(ask, shop_id),
            Endpoint::ShipSeveral => self.ship_several(ask, shop_id),
            Endpoint::Document => self.document(ask, shop_id),
            Endpoint::LabelFile => self.label_file(ask),
            Endpoint::Cancel => self.cancel_order(ask, shop_id),
            Endpoint::CancelSearch => self.search_cancels(ask, shop_id),
            Endpoint::CancelApprove => self.answer_cancel(ask, shop_id, true),
            Endpoint::CancelReject => self.answer_cancel(ask, shop_id, false),
            Endpoint::ReturnSearch => self.search_returns(ask, shop_id),
            Endpoint::Hooks => Ok(self.list_hooks(shop_id)),
            Endpoint::HookSet => self.set_hook(ask, shop_id),
            Endpoint::HookDelete => self.delete_hook(ask, shop_id),
        }
    }
}
