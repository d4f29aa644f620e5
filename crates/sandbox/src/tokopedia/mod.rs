//! Tokopedia's side of the wire: the classic open API with its FS ids.
//!
//! One app (FS id), several shops, one webhook registration for all of them. A call passes, in
//! this order: faults, token, FS id, rate, shop link, parameters, the order's state.

mod acts;
mod books;
mod commands;
mod detail;
mod errors;
mod lives;
mod orders;
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

use self::errors::Error;
use self::routes::{Ask, Endpoint, Reply};
use self::seal::Sealer;
use self::subscriptions::Subscription;
use self::token::Tokens;
use crate::books::Order;
use crate::calls::Call;
use crate::channel::{Act, Channel, Life, Refusal, Wish};
use crate::clock::SECOND_US;
use crate::desk::Desk;
use crate::faults::{EVERY_SHOP, Fault};
use crate::rates::{Verdict, seconds_text};
use crate::serve::{Answer, Fate, Request};
use crate::{Rates, lock};

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
        if let Some(answer) = self.fails_before(&ask, call, begun) {
            return answer;
        }
        let mut headers = None;
        let outcome = self.admit(&ask, call, &mut headers);
        let outcome = outcome.and_then(|()| self.respond(&ask, call.shop_id));
        let mut answer = match outcome {
            Ok(reply) => render(reply, begun),
            Err(error) => {
                call.error_code = error.code.to_owned();
                refuse(error, begun)
            }
        };
        if let Some(verdict) = headers {
            answer = with_rate(answer, ask.endpoint, &verdict);
        }
        self.fails_after(answer, call)
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

    /// What goes wrong before the channel does anything.
    fn fails_before(&self, ask: &Ask<'_>, call: &mut Call, begun: Instant) -> Option<Answer> {
        let shop_id = call.shop_id;
        let mut fires = |fault: Fault| {
            let fired = self.desk.faults.fires(shop_id, fault);
            if fired {
                call.faults.push(fault.name());
            }
            fired
        };
        if fires(Fault::ConnectDrop) {
            return Some(ended(Fate::Drop));
        }
        if fires(Fault::TimeoutBefore) {
            return Some(ended(Fate::Hang(self.desk.faults.profile(shop_id).timeout_ms)));
        }
        if fires(Fault::HtmlBody) {
            let page = "<html><body><h1>Sedang dalam pemeliharaan</h1></body></html>";
            return Some(Answer::html(200, page));
        }
        if fires(Fault::ServerError) {
            let error = ask.endpoint.upstream();
            call.error_code = error.code.to_owned();
            return Some(refuse(error, begun));
        }
        if fires(Fault::RateLimitedBare) {
            return Some(too_many(begun));
        }
        if fires(Fault::RateLimited) {
            let verdict = Verdict {
                passes: false,
                remaining: 0,
                reset_after_us: 185_000,
                full_reset_after_us: SECOND_US,
            };
            return Some(with_rate(too_many(begun), ask.endpoint, &verdict));
        }
        None
    }

    /// What goes wrong after the channel has done it.
    fn fails_after(&self, mut answer: Answer, call: &mut Call) -> Answer {
        let faults = &self.desk.faults;
        if faults.fires(call.shop_id, Fault::TimeoutAfter) {
            answer.fate = Fate::Hang(faults.profile(call.shop_id).timeout_ms);
            call.faults.push(Fault::TimeoutAfter.name());
        } else if faults.fires(call.shop_id, Fault::CutBody) {
            answer.fate = Fate::Cut;
            call.faults.push(Fault::CutBody.name());
        }
        answer
    }

    /// Token, FS id, rate and shop link.
    fn admit(
        &self,
        ask: &Ask<'_>,
        call: &mut Call,
        headers: &mut Option<Verdict>,
    ) -> Result<(), Error> {
        if ask.endpoint == Endpoint::Token {
            return Ok(());
        }
        let bearer =
            ask.request.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        if self.desk.faults.fires(call.shop_id, Fault::TokenExpiry) {
            self.tokens.expire();
            call.faults.push(Fault::TokenExpiry.name());
        }
        let now_us = self.desk.clock.now_us();
        if !bearer.is_some_and(|token| self.tokens.holds(token, now_us)) {
            return Err(errors::UNAUTHORIZED);
        }
        match ask.fs.parse::<i64>() {
            Ok(books::FS_ID) => {}
            Ok(_) => return Err(errors::UNLINKED),
            Err(_) if ask.fs.is_empty() => return Err(errors::FS_EMPTY),
            Err(_) => return Err(errors::FS_BAD),
        }
        if self.desk.config.rates == Rates::Documented && !ask.endpoint.counts_rows() {
            let key = (ask.endpoint.name(), books::FS_ID);
            let verdict = self.desk.buckets.take(key, ask.endpoint.limit(), now_us);
            *headers = Some(verdict);
            if !verdict.passes {
                return Err(errors::TOO_MANY);
            }
        }
        let linked = lock(&self.desk.books).shops.get(&call.shop_id).map(|shop| shop.linked);
        if call.shop_id != EVERY_SHOP && linked != Some(true) {
            let refuses_cancel = ask.endpoint == Endpoint::RejectCancel;
            return Err(if refuses_cancel { errors::SHOP_NOT_LINKED } else { errors::UNLINKED });
        }
        Ok(())
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
        self.desk.config.lists_early_statuses || (!early && reached())
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

fn ended(fate: Fate) -> Answer {
    let mut answer = Answer::json(500, "");
    answer.fate = fate;
    answer
}

fn too_many(begun: Instant) -> Answer {
    refuse(errors::TOO_MANY, begun)
}

fn render(reply: Reply, begun: Instant) -> Answer {
    match reply {
        Reply::Html(page) => Answer::html(200, page),
        Reply::Raw(status, body) => Answer::json(status, body.to_string()),
        Reply::Data(data) => {
            let words = "Your request has been processed successfully";
            let head = json!({"process_time": begun.elapsed().as_secs_f64(), "messages": words});
            let mut body = format!(r#"{{"header":{head},"data":"#).into_bytes();
            body.extend_from_slice(&data);
            body.push(b'}');
            Answer::json(200, body)
        }
    }
}

fn refuse(error: Error, begun: Instant) -> Answer {
    let words = if error.status >= 500 {
        "Our server encounters an error, please try again later"
    } else {
        "We could not process your request due to malformed request, please check again"
    };
    let head = json!({
        "process_time": begun.elapsed().as_secs_f64(), "messages": words,
        "reason": error.reason, "error_code": error.code,
    });
    Answer::json(error.status, json!({"header": head, "data": null}).to_string())
}

/// Adds the four rate headers.
fn with_rate(answer: Answer, endpoint: Endpoint, verdict: &Verdict) -> Answer {
    let limit = endpoint.limit();
    let reset = if verdict.reset_after_us == 0 {
        "-0.000000".to_owned()
    } else {
        seconds_text(verdict.reset_after_us)
    };
    answer
        .with_header(
            "x-ratelimit-limit",
            &format!("{} req/s (burst {})", limit.per_second, limit.burst),
        )
        .with_header("x-ratelimit-remaining", &verdict.remaining.to_string())
        .with_header("x-ratelimit-reset-after", &reset)
        .with_header("x-ratelimit-full-reset-after", &seconds_text(verdict.full_reset_after_us))
}
