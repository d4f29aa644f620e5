//! A WooCommerce shop: WordPress with its REST API v3, on a server of the seller's own.
//!
//! One site is one shop. Over plain HTTP a request is signed (OAuth 1.0a), over HTTPS it carries the
//! key as a password. The site's clock is Jakarta's. A call passes, in this order: faults, key,
//! parameters, the thing asked for.

mod acts;
mod books;
mod errors;
mod gate;
mod hooks;
mod lives;
mod made;
mod oauth;
mod orders;
mod pages;
mod placing;
mod products;
mod refunds;
mod routes;
mod show;

use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use serde_json::{Value, json};

use self::books::{KEYS, SHOP_ID, Site};
use self::errors::Error;
use self::routes::{Ask, Endpoint, Reply};
use crate::books::Order;
use crate::calls::Call;
use crate::channel::{Act, Channel, Life, Refusal, Wish};
use crate::desk::Desk;
use crate::lock;
use crate::serve::{Answer, Fate, Request};

/// The channel's name in the registry, in addresses of the control API and in the configuration.
pub(crate) const NAME: &str = "woocommerce";

/// Opens the channel's side.
pub(crate) fn open(desk: Desk) -> Arc<dyn Channel> {
    let mut site = Site::default();
    books::open(&mut lock(&desk.books), &mut site, desk.clock.now_us());
    Arc::new_cyclic(|itself| WooCommerce {
        desk: Arc::new(desk),
        site: Mutex::new(site),
        itself: Weak::clone(itself),
    })
}

/// The channel's side. Books are locked before the site.
#[derive(Debug)]
struct WooCommerce {
    desk: Arc<Desk>,
    site: Mutex<Site>,
    /// For webhooks that are written later.
    itself: Weak<WooCommerce>,
}

impl Channel for WooCommerce {
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
            shop_id: SHOP_ID,
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

    fn is_otherwise_over_tls(&self) -> bool {
        true
    }

    /// The fixed, invented credentials; `docs/sandbox.md` prints the same.
    fn credentials(&self, base_url: &str) -> Value {
        let books = lock(&self.desk.books);
        let site = lock(&self.site);
        let products = books.products.values().filter_map(|product| {
            let ware = site.wares.get(&product.id).filter(|ware| !ware.variable)?;
            let counted = books::counting(&site, product.id).and_then(|id| books.products.get(&id));
            let id = match ware.parent {
                Some(parent) => format!("{parent}-{}", product.id),
                None => product.id.to_string(),
            };
            let parts = product.components.iter();
            Some(json!({
                "product_id": id, "shop_id": SHOP_ID, "sku": product.sku, "name": product.name,
                "price": product.price, "stock": counted.map_or(0, |it| it.stock),
                "counts_itself": counted.is_some_and(|it| it.id == product.id),
                "components": parts
                    .map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}))
                    .collect::<Vec<_>>(),
            }))
        });
        json!({
            "base_url": base_url, "site_url": base_url,
            "consumer_key": KEYS[0].0, "consumer_secret": KEYS[0].1,
            "readonly": {"consumer_key": KEYS[1].0, "consumer_secret": KEYS[1].1},
            "writeonly": {"consumer_key": KEYS[2].0, "consumer_secret": KEYS[2].1},
            "customer": {"consumer_key": KEYS[3].0, "consumer_secret": KEYS[3].1},
            "gateway_refunds": site.gateway_refunds,
            "shops": books.shops.values().collect::<Vec<_>>(),
            "products": products.collect::<Vec<_>>(),
        })
    }

    fn disable_webhooks(&self) -> Result<usize, Refusal> {
        Ok(self.disable_hooks())
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
        self.cancel_unpaid(order_id, status);
    }

    fn lives(&self) -> &'static [Life] {
        &lives::LIVES
    }
}

impl WooCommerce {
    fn route(&self, request: &Request, call: &mut Call) -> Answer {
        let segments = request.segments();
        if segments == ["wp-json"] {
            return Answer::json(200, index(request).to_string());
        }
        let Some(ask) = Ask::read(request, &segments) else {
            return if segments.first() == Some(&"wp-json") {
                errors::no_route().answer()
            } else {
                Answer::html(404, "<html><body><h1>Halaman tidak ditemukan</h1></body></html>")
            };
        };
        call.endpoint = ask.endpoint.name();
        call.order_id = ask.order_named();
        if let Some(answer) = self.fails_before(call) {
            return answer;
        }
        let outcome = self.admit(&ask).and_then(|()| self.respond(&ask));
        let answer = match outcome {
            Ok(reply) => {
                call.effect = reply.effect;
                reply.answer(&ask)
            }
            Err(error) => {
                call.error_code = error.code.to_owned();
                error.answer()
            }
        };
        self.fails_after(answer, call)
    }

    fn respond(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        match ask.endpoint {
            Endpoint::Orders => self.list_orders(ask),
            Endpoint::Order => self.order_detail(ask),
            Endpoint::OrderCreate => self.create_order(ask),
            Endpoint::OrderUpdate => self.update_order(ask),
            Endpoint::OrderDelete => self.delete_order(ask),
            Endpoint::Notes => self.list_notes(ask),
            Endpoint::NoteCreate => self.create_note(ask),
            Endpoint::Refunds => self.list_refunds(ask),
            Endpoint::RefundCreate => self.create_refund(ask),
            Endpoint::Products => self.list_products(ask),
            Endpoint::Product => self.product(ask),
            Endpoint::ProductCreate => self.create_product(ask),
            Endpoint::ProductDelete => self.delete_product(ask),
            Endpoint::ProductUpdate => self.update_product(ask),
            Endpoint::ProductBatch => self.batch_products(ask),
            Endpoint::Variations => self.list_variations(ask),
            Endpoint::Variation => self.variation(ask),
            Endpoint::VariationUpdate => self.update_variation(ask),
            Endpoint::VariationBatch => self.batch_variations(ask),
            Endpoint::Webhooks => self.list_hooks(ask),
            Endpoint::Webhook => self.hook(ask),
            Endpoint::WebhookCreate => self.create_hook(ask),
            Endpoint::WebhookUpdate => self.update_hook(ask),
            Endpoint::WebhookDelete => self.delete_hook(ask),
            Endpoint::StatusTotals => Ok(self.status_totals()),
        }
    }
}

/// What the site tells everybody of itself.
fn index(request: &Request) -> Value {
    let scheme = if request.secure { "https" } else { "http" };
    let home = format!("{scheme}://{}", request.header("host").unwrap_or_default());
    json!({
        "name": "Warung Kopi Contoh", "description": "", "url": home, "home": home,
        "gmt_offset": "7", "timezone_string": "Asia/Jakarta", "namespaces": ["wc/v3", "wp/v2"],
    })
}
