//! The control API: plain JSON to act as buyer, seller, courier and channel, and to look behind the wire.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::books::{Actor, Order};
use crate::channel::{Act, Channel, Refusal, Wish};
use crate::clock::Clock;
use crate::faults::{EVERY_SHOP, Fault, Profile};
use crate::serve::{Answer, Handler, Request};
use crate::stream::{self, Pace};
use crate::{lock, page, tls};

/// The control port.
pub(crate) struct Control {
    channels: BTreeMap<&'static str, Arc<dyn Channel>>,
    urls: BTreeMap<&'static str, String>,
    /// Where channels answer over TLS too.
    secure_urls: BTreeMap<&'static str, String>,
    pub(crate) clock: Clock,
    streams: Mutex<BTreeMap<&'static str, CancellationToken>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("urls", &self.urls).finish_non_exhaustive()
    }
}

/// Where channels answer, by name.
type Addrs = BTreeMap<&'static str, SocketAddr>;

/// What an address of the control API gives: an HTTP status and JSON.
type Outcome = Result<(u16, Value), (u16, Value)>;

impl Control {
    pub(crate) fn new(
        channels: BTreeMap<&'static str, Arc<dyn Channel>>,
        (addrs, secure_addrs): (&Addrs, &Addrs),
        clock: Clock,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let urls = addrs.iter().map(|(name, addr)| (*name, format!("http://{addr}"))).collect();
        let secure = secure_addrs.iter().map(|(name, addr)| (*name, format!("https://{addr}")));
        Self {
            channels,
            urls,
            secure_urls: secure.collect(),
            clock,
            streams: Mutex::default(),
            tasks,
            stop,
        }
    }

    /// The channels by name.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &Arc<dyn Channel>> {
        self.channels.values()
    }

    /// A channel's address.
    pub(crate) fn url(&self, channel: &str) -> &str {
        self.urls.get(channel).map_or("", String::as_str)
    }

    fn route(&self, request: &Request) -> Outcome {
        let segments = request.segments();
        let get = request.method == Method::GET;
        let post = request.method == Method::POST;
        match *segments {
            ["control", "clock"] if get => Ok(self.show_clock()),
            ["control", "clock"] if post => {
                let step: Step = read(request)?;
                self.clock.advance(step.advance_seconds);
                Ok(self.show_clock())
            }
            ["control"] if get => Ok((
                200,
                json!({
                    "channels": self.urls, "secure": self.secure_urls,
                    "certificate_authority": tls::AUTHORITY,
                }),
            )),
            ["control", channel, ref rest @ ..] => {
                let Some(channel) = self.channels.get(channel) else {
                    return Err(refused(404, "not_found", &format!("no channel {channel:?}")));
                };
                self.route_channel(channel, request, rest)
            }
            _ => Err(no_address(request)),
        }
    }

    fn route_channel(
        &self,
        channel: &Arc<dyn Channel>,
        request: &Request,
        rest: &[&str],
    ) -> Outcome {
        let desk = channel.desk();
        match (request.method.as_str(), rest) {
            ("POST", ["orders"]) => place(&**channel, request),
            ("GET", ["orders"]) => list_orders(&**channel, request),
            ("GET", ["orders", id]) => show_order(&**channel, id),
            ("POST", ["orders", id, act]) => {
                let act = read_act(act, request)?;
                let gone = act == Act::Delete;
                channel.act(id, act).map_err(|no| refusal(&no))?;
                if gone { Ok((200, json!({"order_id": id}))) } else { show_order(&**channel, id) }
            }
            ("GET", ["stock", sku]) => stock(&**channel, request, sku, None),
            ("PUT", ["stock", sku]) => {
                let level: Level = read(request)?;
                stock(&**channel, request, sku, Some(level))
            }
            ("PUT", ["faults"]) => set_faults(&**channel, request),
            ("GET", ["faults"]) => Ok(show_faults(&**channel)),
            ("GET", ["calls"]) => {
                let (after, limit) = (number(request, "after")?, limit(request)?);
                let banned = request.param("banned") == Some("true");
                let (total, calls) = desk.calls.list(after, limit, banned);
                Ok((200, json!({"total": total, "calls": calls})))
            }
            ("GET", ["webhooks"]) => {
                let (after, limit) = (number(request, "after")?, limit(request)?);
                let (total, counts, kept) = desk.post.list(after, limit);
                Ok((200, json!({"total": total, "outcomes": counts, "webhooks": kept})))
            }
            ("POST", ["webhooks", "disable"]) => {
                let disabled = channel.disable_webhooks().map_err(|no| refusal(&no))?;
                Ok((200, json!({"disabled": disabled})))
            }
            ("GET", ["credentials"]) => Ok((200, channel.credentials(self.url(desk.name)))),
            ("POST", ["consent"]) => consent(&**channel, request),
            ("PUT", ["redirect"]) => {
                let redirect: Redirect = read(request)?;
                channel.set_redirect(&redirect.url).map_err(|no| refusal(&no))?;
                Ok((200, json!({"url": redirect.url})))
            }
            ("PUT", ["push-address"]) => {
                let address: Address = read(request)?;
                channel.set_push_address(&address.url).map_err(|no| refusal(&no))?;
                Ok((200, json!({"url": address.url})))
            }
            ("PUT", ["standing"]) => {
                let held: Held = read(request)?;
                channel.set_standing(held.shop_id, &held.code).map_err(|no| refusal(&no))?;
                Ok((200, json!({"shop_id": held.shop_id, "code": held.code})))
            }
            ("POST", ["stream"]) => self.set_stream(channel, request),
            _ => Err(no_address(request)),
        }
    }

    fn show_clock(&self) -> (u16, Value) {
        (200, json!({"now_us": self.clock.now_us(), "speed": self.clock.speed()}))
    }

    fn set_stream(&self, channel: &Arc<dyn Channel>, request: &Request) -> Outcome {
        let pace: Pace = read(request)?;
        self.stream(channel, pace);
        Ok((200, json!({"running": !pace.stop})))
    }

    /// Starts a channel's stream anew, or ends it.
    pub(crate) fn stream(&self, channel: &Arc<dyn Channel>, pace: Pace) {
        let mut streams = lock(&self.streams);
        if let Some(running) = streams.remove(channel.desk().name) {
            running.cancel();
        }
        if pace.stop || pace.orders_per_minute == 0 {
            return;
        }
        let stop = self.stop.child_token();
        streams.insert(channel.desk().name, stop.clone());
        self.tasks.spawn(stream::run(Arc::clone(channel), pace, stop));
    }
}

impl Handler for Control {
    fn handle(&self, request: Request) -> Answer {
        if request.segments().first() != Some(&"control") {
            return page::answer(self, &request);
        }
        let (status, body) = self.route(&request).unwrap_or_else(|refused| refused);
        Answer::json(status, body.to_string())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    advance_seconds: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    #[serde(default)]
    shop_id: Option<i64>,
    stock: i64,
}

/// Where webhooks are to go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    url: String,
}

/// What the channel is to hold against a shop or the app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    #[serde(default)]
    shop_id: Option<i64>,
    #[serde(default)]
    code: String,
}

/// The page that a client sends the seller's browser to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    page: String,
}

/// Where browsers are to be sent after a consent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirect {
    url: String,
}

/// The bodies of acts; each act takes some of these fields.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ActBody {
    by: Option<Actor>,
    status: Option<Value>,
    reason: Option<String>,
    sku: Option<String>,
    quantity_deliver: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FaultsBody {
    shop_id: Option<i64>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

fn refused(status: u16, error: &str, message: &str) -> (u16, Value) {
    (status, json!({"error": error, "message": message}))
}

fn no_address(request: &Request) -> (u16, Value) {
    let what = format!("{} {} is no address of the control API", request.method, request.path);
    refused(404, "not_found", &what)
}

fn refusal(refusal: &Refusal) -> (u16, Value) {
    let message = refusal.to_string();
    match refusal {
        Refusal::NotFound(_) => refused(404, "not_found", &message),
        Refusal::Invalid(_) => refused(400, "invalid", &message),
        Refusal::WrongStatus(_) => refused(409, "wrong_status", &message),
        Refusal::OutOfStock(_) => refused(409, "out_of_stock", &message),
    }
}

/// The body as JSON; an empty one counts as `{}`.
fn read<T: DeserializeOwned>(request: &Request) -> Result<T, (u16, Value)> {
    let body = if request.body.is_empty() { b"{}".as_slice() } else { &request.body };
    serde_json::from_slice(body).map_err(|error| refused(400, "invalid", &error.to_string()))
}

fn number(request: &Request, name: &str) -> Result<u64, (u16, Value)> {
    let Some(text) = request.param(name) else { return Ok(0) };
    text.parse().map_err(|_| refused(400, "invalid", &format!("{name} must be a whole number")))
}

/// The `limit` of a list; without one, everything.
fn limit(request: &Request) -> Result<usize, (u16, Value)> {
    let limit = number(request, "limit")?;
    Ok(if limit == 0 { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) })
}

fn consent(channel: &dyn Channel, request: &Request) -> Outcome {
    let page: Page = read(request)?;
    let back = channel.consent(&page.page).map_err(|no| refusal(&no))?;
    Ok((200, json!({"back": back})))
}

fn place(channel: &dyn Channel, request: &Request) -> Outcome {
    let wish: Wish = read(request)?;
    let ids = channel.place(&wish).map_err(|no| refusal(&no))?;
    Ok((201, json!({"order_id": ids.first(), "order_ids": ids})))
}

fn list_orders(channel: &dyn Channel, request: &Request) -> Outcome {
    let (after, limit) = (number(request, "after")?, limit(request)?);
    let shop_id = request.param("shop_id").and_then(|text| text.parse::<i64>().ok());
    let books = lock(&channel.desk().books);
    let mut found: Vec<_> = books
        .orders()
        .filter(|order| shop_id.is_none_or(|id| order.shop_id == id))
        .filter(|order| request.param("status").is_none_or(|status| order.status() == status))
        .filter(|order| u64::try_from(order.number).is_ok_and(|number| number > after))
        .cloned()
        .collect();
    let total = books.orders_len();
    drop(books);
    found.sort_by_key(|order| order.number);
    let shown: Vec<_> = found.iter().take(limit).map(|order| shown(order)).collect();
    Ok((200, json!({"total": total, "orders": shown})))
}

fn show_order(channel: &dyn Channel, id: &str) -> Outcome {
    let order = lock(&channel.desk().books).find_order(id).cloned();
    match order {
        Some(order) => Ok((200, shown(&order))),
        None => Err(refused(404, "not_found", &format!("there is no order {id}"))),
    }
}

/// An order as the control API shows it.
fn shown(order: &Order) -> Value {
    let lines = order.lines.iter().map(|line| {
        json!({
            "line_id": line.id, "product_id": line.product_id, "sku": line.sku, "name": line.name,
            "quantity": line.quantity, "quantity_deliver": line.quantity_deliver(),
            "quantity_reject": line.quantity_reject, "price": line.price,
            "total": line.price * line.quantity,
        })
    });
    json!({
        "order_id": order.id, "number": order.number, "shop_id": order.shop_id, "warehouse_id": order.warehouse_id,
        "invoice": order.invoice, "status": order.status(), "paid": order.paid_us.is_some(),
        "created_us": order.created_us, "paid_us": order.paid_us, "updated_us": order.updated_us,
        "lines": lines.collect::<Vec<_>>(),
        "money": {"currency": "IDR", "goods": order.goods_total(),
                  "shipping": order.shipping_cost, "total": order.total()},
        "history": order.history, "carrier": order.carrier, "booking_code": order.booking_code,
        "awb": order.awb, "pickup_asked_us": order.pickup_asked_us,
        "label_printed": order.label_printed, "buyer": order.buyer,
        "cancel_request": order.cancel_request, "returns": order.complaints,
        "fulfilled_by_channel": order.fulfilled_by_channel,
    })
}

/// The act of an address's last word, with its body.
fn read_act(word: &str, request: &Request) -> Result<Act, (u16, Value)> {
    let body: ActBody = read(request)?;
    let status = body
        .status
        .as_ref()
        .map(|status| status.as_str().map_or_else(|| status.to_string(), str::to_owned));
    let missing = |field: &str| refused(400, "invalid", &format!("{word} needs {field:?}"));
    let reason = || body.reason.clone().unwrap_or_default();
    Ok(match word {
        "pay" => Act::Pay,
        "accept" => Act::Accept,
        "ship" => Act::Ship,
        "deliver" => Act::Deliver,
        "complete" => Act::Complete,
        "delete" => Act::Delete,
        "cancel" => Act::Cancel { by: body.by.ok_or_else(|| missing("by"))?, status },
        "request-cancel" => Act::RequestCancel { reason: reason() },
        "return" => Act::Return { reason: reason() },
        "partial" => Act::Partial {
            sku: body.sku.ok_or_else(|| missing("sku"))?,
            quantity_deliver: body.quantity_deliver.ok_or_else(|| missing("quantity_deliver"))?,
        },
        "status" => Act::Status {
            status: status.ok_or_else(|| missing("status"))?,
            by: body.by.unwrap_or(Actor::System),
        },
        _ => return Err(refused(404, "not_found", &format!("{word:?} is no act"))),
    })
}

fn stock(channel: &dyn Channel, request: &Request, sku: &str, level: Option<Level>) -> Outcome {
    let unknown = |what: &str| refused(404, "not_found", what);
    let asked = request.param("shop_id").and_then(|text| text.parse().ok());
    let desk = channel.desk();
    let mut books = lock(&desk.books);
    let named = level.as_ref().and_then(|level| level.shop_id).or(asked);
    let sold_by = |id: &i64| books.find_sku(*id, sku).is_some();
    let shop_id = named.or_else(|| books.shops.keys().copied().find(sold_by));
    let shop_id = shop_id.ok_or_else(|| unknown(&format!("no shop sells {sku}")))?;
    if let Some(level) = level {
        if level.stock < 0 {
            return Err(refused(400, "invalid", "stock must not be negative"));
        }
        let now_us = desk.clock.now_us();
        if let Some(product) = books.find_sku_mut(shop_id, sku) {
            product.stock = level.stock;
            product.active = level.stock > 0;
            product.updated_us = now_us;
        }
    }
    let product = books.find_sku(shop_id, sku);
    let product = product.ok_or_else(|| unknown(&format!("shop {shop_id} does not sell {sku}")))?;
    Ok((200, json!(product)))
}

fn set_faults(channel: &dyn Channel, request: &Request) -> Outcome {
    let body: FaultsBody = read(request)?;
    let profile: Profile = serde_json::from_value(Value::Object(body.rest))
        .map_err(|error| refused(400, "invalid", &error.to_string()))?;
    if let Some(name) = profile.out_of_range() {
        return Err(refused(400, "invalid", &format!("the chance of {name} must be 0 to 1")));
    }
    channel.desk().faults.set(body.shop_id.unwrap_or(EVERY_SHOP), profile);
    Ok(show_faults(channel))
}

fn show_faults(channel: &dyn Channel) -> (u16, Value) {
    let faults = &channel.desk().faults;
    let own: BTreeMap<String, Profile> = faults
        .profiles()
        .into_iter()
        .filter(|(shop_id, _)| *shop_id != EVERY_SHOP)
        .map(|(shop_id, profile)| (shop_id.to_string(), profile))
        .collect();
    let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    (
        200,
        json!({
            "every_shop": faults.profile(EVERY_SHOP), "shops": own, "fired": faults.fired(),
            "names": names,
        }),
    )
}
