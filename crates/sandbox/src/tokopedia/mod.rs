//! Tokopedia's side of the wire: the classic open API with its FS ids.
//!
//! One app (FS id), several shops, one webhook registration for all of them. A call passes, in
//! this order: faults, token, FS id, rate, shop link, parameters, the order's state.

mod acts;
mod answers;
mod books;
mod commands;
mod detail;
mod errors;
mod gate;
mod lives;
mod orders;
mod placing;
mod products;
mod routes;
mod seal;
mod shops;
mod sign;
mod statuses;
mod subscriptions;
mod token;
mod wire;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::answers::{refuse, render, with_rate};
use self::errors::Error;
use self::routes::{Ask, Endpoint, Reply};
use self::seal::Sealer;
use self::subscriptions::Subscription;
use self::token::Tokens;
use crate::books::Order;
use crate::calls::Call;
use crate::channel::{Act, Channel, Life, Refusal, Wish};
use crate::desk::Desk;
use crate::faults::{EVERY_SHOP, Fault};
use crate::lock;
use crate::serve::{Answer, Fate, Request};

/// The channel's name in the registry, in addresses of the control API and in the configuration.
pub(crate) const NAME: &str = "tokopedia";

/// Opens the channel's side.
pub(crate) fn open(desk: Desk) -> Arc<dyn Channel> {
    books::open(&mut lock(&desk.books), desk.clock.now_us());
    let sealer = Sealer::new(desk.config.seed);
    Arc::new(Tokopedia {
        desk: Arc::new(desk),
        tokens: Tokens::default(),
        subscription: Mutex::default(),
        sealer,
        request_ids: Mutex::default(),
    })
}

/// The channel's side.
#[derive(Debug)]
struct Tokopedia {
    desk: Arc<Desk>,
    tokens: Tokens,
    subscription: Mutex<Subscription>,
    sealer: Sealer,
    /// The idempotency keys of stock changes that were made.
    request_ids: Mutex<HashSet<String>>,
}

impl Channel for Tokopedia {
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
        let answer = self.route(request, &mut call, begun);
        call.status = match answer.fate {
            Fate::Whole | Fate::Cut => answer.status,
            Fate::Hang(_) | Fate::Drop => 0,
        };
        call.took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.desk.calls.record(call);
        answer
    }

    fn credentials(&self, base_url: &str) -> Value {
        shops::credentials(&lock(&self.desk.books), base_url)
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

impl Tokopedia {
    fn route(&self, request: &Request, call: &mut Call, begun: Instant) -> Answer {
        let segments = request.segments();
        let Some(ask) = Ask::read(request, &segments) else {
            return Answer::json(404, r#"{"error":"404 page not found"}"#);
        };
        call.endpoint = ask.endpoint.name();
        call.shop_id = self.shop_of(&ask);
        call.order_id = ask.order_named();
        if let Some(answer) = self.fails_before(&ask, call, begun) {
            return answer;
        }
        let mut headers = None;
        let outcome = self.admit(&ask, call, &mut headers);
        let outcome = outcome.and_then(|()| self.respond(&ask, call.shop_id));
        call.effect = matches!(&outcome, Ok(reply) if !matches!(reply, Reply::Already(_)));
        let mut answer = match outcome {
            Ok(reply) => render(reply, begun),
            Err(error) => {
                call.error_code = error.code.to_owned();
                refuse(error, begun)
            }
        };
        if ask.endpoint.counts_rows() {
            headers = self.look_at_rate(&ask);
        }
        if let Some(verdict) = headers {
            answer = with_rate(answer, &verdict);
        }
        self.fails_after(answer, &ask, call, begun)
    }

    /// The shop a call is about, for its faults and the log; 0 if it names none.
    fn shop_of(&self, ask: &Ask<'_>) -> i64 {
        if let Some(shop_id) = ask.request.param("shop_id").and_then(|text| text.parse().ok()) {
            return shop_id;
        }
        let books = lock(&self.desk.books);
        let invoice = ask.request.param("invoice_num").and_then(|text| books.find_invoice(text));
        let id = if ask.order.is_empty() { ask.request.param("order_id") } else { Some(ask.order) };
        let order = invoice.or_else(|| books.find_order(id?));
        let body_shop = || {
            let about_one = matches!(ask.endpoint, Endpoint::PickUp);
            let body = about_one.then(|| ask.json().ok()).flatten()?;
            body.get("shop_id").and_then(Value::as_i64)
        };
        order.map(|order| order.shop_id).or_else(body_shop).unwrap_or(EVERY_SHOP)
    }

    fn respond(&self, ask: &Ask<'_>, shop_id: i64) -> Result<Reply, Error> {
        match ask.endpoint {
            Endpoint::Token => self.token(ask),
            Endpoint::OrderList => self.list_orders(ask, shop_id),
            Endpoint::OrderDetail => self.order_detail(ask),
            Endpoint::Booking => self.bookings(ask),
            Endpoint::Ack => self.ack(ask),
            Endpoint::Partial => self.request_partial(ask),
            Endpoint::Nack => self.nack(ask),
            Endpoint::RejectCancel => self.reject_cancel(ask),
            Endpoint::PickUp => self.pick_up(ask),
            Endpoint::Ship => self.ship(ask),
            Endpoint::Label => self.label(ask),
            Endpoint::WebhookPayload => self.payload_of(ask),
            Endpoint::ProductInfo => self.product_info(ask, shop_id),
            Endpoint::StockUpdate | Endpoint::StockIncrement | Endpoint::StockDecrement => {
                self.change_stock(ask)
            }
            Endpoint::ShopInfo => self.shop_info(ask),
            Endpoint::Tickets => self.tickets(ask),
            Endpoint::Register => self.register(ask),
            Endpoint::ListWebhooks => Ok(self.list_subscriptions()),
            Endpoint::Trigger => self.trigger(ask),
        }
    }

    fn token(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let basic =
            ask.request.header("authorization").and_then(|text| text.strip_prefix("Basic "));
        let pair = basic.and_then(|text| STANDARD.decode(text.trim()).ok());
        let known = format!("{}:{}", books::CLIENT_ID, books::CLIENT_SECRET);
        let grant = ask.request.param("grant_type").map(str::to_owned).or_else(|| {
            let form = crate::serve::pairs(&ask.request.body);
            form.into_iter().find(|(key, _)| key == "grant_type").map(|(_, value)| value)
        });
        if pair.as_deref() != Some(known.as_bytes()) {
            let wrong = json!({"error": "invalid_client", "error_description": "Client authentication failed"});
            return Ok(Reply::Raw(401, wrong));
        }
        if grant.as_deref() != Some("client_credentials") {
            return Ok(Reply::Raw(400, json!({"error": "unsupported_grant_type"})));
        }
        let now_us = self.desk.clock.now_us();
        let lifetime_s = self.desk.config.token_seconds;
        let (token, left_s) = self.tokens.issue(now_us, lifetime_s, &mut lock(&self.desk.dice));
        Ok(Reply::Raw(
            200,
            json!({
                "access_token": token, "expires_in": left_s, "token_type": "Bearer",
                "event_code": "", "last_login_type": "10", "sq_check": false,
            }),
        ))
    }

    /// Whether the channel answers for this order at all.
    fn shows(&self, order: &Order) -> bool {
        let early = [statuses::CREATED, statuses::PAYMENT_PENDING].contains(&statuses::code(order));
        let reached = || {
            order
                .history
                .iter()
                .any(|step| step.status.parse::<i64>().is_ok_and(|code| code >= statuses::PAID))
        };
        self.desk.config.lists_early_statuses || (!early && (order.paid_us.is_some() || reached()))
    }

    /// An order by id, if the channel answers for it and its shop is linked.
    fn own_order(&self, ask: &Ask<'_>, id: &str) -> Result<Arc<Order>, Error> {
        if id.parse::<i64>().is_err() {
            return Err(errors::ORDER_BAD);
        }
        let books = lock(&self.desk.books);
        let order = books.find_order(id).filter(|order| self.shows(order));
        let order = order.ok_or(errors::ORDER_UNKNOWN)?;
        if ask.request.param("shop_id").is_some_and(|shop| shop != order.shop_id.to_string()) {
            return Err(errors::ORDER_UNKNOWN);
        }
        Ok(Arc::clone(order))
    }

    /// The order as a lagging replica would show it, when that fault fires.
    fn maybe_stale(&self, order: Arc<Order>) -> Arc<Order> {
        if let Some(earlier) = order.before()
            && self.shows(&earlier)
            && self.desk.faults.fires(order.shop_id, Fault::StaleRead)
        {
            return Arc::new(earlier);
        }
        order
    }
}
