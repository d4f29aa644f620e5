//! Lazada, the Lazada Open Platform: one app, accounts that let it in, a host for each country.
//!
//! A host is the first part of a path here: `/api.lazada.co.id/rest/orders/get`. Errors are HTTP 200 with
//! a code. A call passes, in this order: faults, system parameters, time, signature, token, rate, the
//! thing asked for. Every unit of an order is a row with a status of its own.

mod acts;
mod books;
mod cancels;
mod consent;
mod errors;
mod fulfil;
mod gate;
mod lives;
mod orders;
mod papers;
mod placing;
mod products;
mod pushes;
mod reverses;
mod routes;
mod show;
mod sign;
mod tokens;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use self::books::{APP_KEY, APP_SECRET, Floor};
use self::errors::Error;
use self::routes::{Ask, Endpoint, Reply};
use crate::books::Order;
use crate::calls::Call;
use crate::channel::{Act, Channel, Life, Refusal, Wish};
use crate::desk::Desk;
use crate::lock;
use crate::serve::{Answer, Fate, Request};

/// The channel's name in the registry, in addresses of the control API and in the configuration.
pub(crate) const NAME: &str = "lazada";

/// Opens the channel's side.
pub(crate) fn open(mut desk: Desk) -> Arc<dyn Channel> {
    desk.post = Arc::new(pushes::post(&desk));
    let mut floor = Floor::default();
    books::open(&mut lock(&desk.books), &mut floor, desk.clock.now_us());
    Arc::new(Lazada { desk: Arc::new(desk), floor: Mutex::new(floor), requests: AtomicU64::new(0) })
}

/// The channel's side. Chance is locked before the books, the books before the floor.
#[derive(Debug)]
struct Lazada {
    desk: Arc<Desk>,
    floor: Mutex<Floor>,
    /// How many requests were answered.
    requests: AtomicU64,
}

impl Channel for Lazada {
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
        let floor = lock(&self.floor);
        let products = books.products.values().filter_map(|product| {
            let ware = floor.wares.get(&product.id)?;
            let parts = product.components.iter();
            Some(json!({
                "product_id": format!("{}-{}", ware.item, product.id), "shop_id": product.shop_id,
                "sku": product.sku, "name": product.name, "price": product.price,
                "stock": product.stock,
                "components": parts
                    .map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}))
                    .collect::<Vec<_>>(),
            }))
        });
        json!({
            "base_url": base_url, "api_url": base_url, "token_url": base_url,
            "app_key": APP_KEY, "app_secret": APP_SECRET,
            // The last part of the address that a person enters for pushes.
            "push_path": "push",
            "shops": books.shops.values().collect::<Vec<_>>(),
            "products": products.collect::<Vec<_>>(),
        })
    }

    fn consent(&self, page: &str) -> Result<String, Refusal> {
        self.press_allow(page)
    }

    fn set_push_address(&self, url: &str) -> Result<(), Refusal> {
        self.enter_push_address(url)
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
        self.time_has_come(order_id, status);
    }

    fn lives(&self) -> &'static [Life] {
        &lives::LIVES
    }
}

impl Lazada {
    /// The number of an answer, which every answer has.
    fn request_id(&self) -> String {
        format!("0ba2{:028x}", self.requests.fetch_add(1, Ordering::Relaxed))
    }

    fn route(&self, request: &Request, call: &mut Call) -> Answer {
        if let Some(answer) = self.consent_page(request) {
            call.endpoint = "consent";
            return answer;
        }
        if let Some(answer) = self.document(request) {
            call.endpoint = "document_file";
            return answer;
        }
        let Some(mut ask) = Ask::read(request) else {
            let error = errors::no_api();
            call.error_code = error.code.to_owned();
            return Answer::json(200, error.body(&self.request_id()).to_string());
        };
        ask.shop_id = self.shop_of(&ask);
        call.endpoint = ask.name;
        call.shop_id = ask.shop_id;
        call.order_id = ask.order_named();
        if let Some(answer) = self.fails_before(call) {
            return answer;
        }
        let outcome = self.admit(&ask, call).and_then(|()| self.respond(&ask));
        let answer = match outcome {
            Ok(reply) => {
                call.effect = reply.effect;
                if !reply.order_id.is_empty() {
                    call.order_id.clone_from(&reply.order_id);
                }
                reply.answer(&self.request_id())
            }
            Err(error) => {
                call.error_code = error.code.to_owned();
                Answer::json(200, error.body(&self.request_id()).to_string())
            }
        };
        self.fails_after(answer, call)
    }

    fn respond(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        match ask.endpoint {
            Endpoint::TokenCreate => self.create_token(ask),
            Endpoint::TokenRefresh => self.refresh_token(ask),
            Endpoint::Seller => Ok(self.seller(ask)),
            Endpoint::Orders => self.list_orders(ask),
            Endpoint::Order => self.order_detail(ask),
            Endpoint::Units => self.units_of_one(ask),
            Endpoint::ManyUnits => self.units_of_many(ask),
            Endpoint::Couriers => self.couriers(ask),
            Endpoint::Pack => self.pack(ask),
            Endpoint::Document => self.documents(ask),
            Endpoint::Ready => self.ready(ask),
            Endpoint::Repack => self.repack(ask),
            Endpoint::CancelValidate => self.validate_cancel(ask),
            Endpoint::CancelCreate => self.create_cancel(ask),
            Endpoint::CancelDecide => self.decide_cancel(ask),
            Endpoint::Reverses => self.list_reverses(ask),
            Endpoint::Products => self.list_products(ask),
            Endpoint::SellableUpdate => self.set_sellable(ask, products::Change::Sellable),
            Endpoint::SellableAdjust => self.set_sellable(ask, products::Change::ByDelta),
            Endpoint::PriceQuantity => self.set_sellable(ask, products::Change::Total),
        }
    }
}
