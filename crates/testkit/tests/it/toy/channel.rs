//! The channel: everything is told by webhook, nothing can be asked for.

use std::sync::Arc;

use async_trait::async_trait;
use dermaga_channel::sign::is_hmac_sha256_hex;
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command, CredentialField, Credentials, Done, Error,
    Fetched, Heard, HeardFact, Interpretation, Listing, ListingPage, Message, Rate, Refetch, Scope,
    ShopNamed, Token, Webhook, Wording,
};
use dermaga_domain::money::Currency;
use dermaga_domain::order::{Line, LineKey, Money, Part, Snapshot, UnitKey};
use dermaga_domain::term::ChannelKind;
use dermaga_domain::time::{Span, Time};
use secrecy::SecretString;
use serde_json::Value;

/// What one costs, in rupiah.
const PRICE: i64 = 25_000;

const NAMELESS: Wording = Wording { english: "", indonesian: "" };

const CAPABILITIES: Capabilities = Capabilities {
    before: &[],
    credentials: &[CredentialField {
        name: "secret",
        label: NAMELESS,
        help: NAMELESS,
        lines: false,
        secret: true,
        required: true,
    }],
    shop_id: NAMELESS,
    sub_platforms: &[],
    order_window_max: None,
    order_history_max: None,
    listed_late: None,
    orders_page_max: 1,
    details_batch_max: 1,
    returns: false,
    decrements_on_order: false,
    webhook_scope: Scope::Shop,
    webhook_watch: false,
    webhook_removal: false,
    rate_scope: Scope::Shop,
    rate: Rate { per_second: 1, burst: 1 },
    endpoint_rates: &[],
    token_scope: Scope::Connection,
    token_margin: Span(0),
    invoice_number: false,
    stock_batch_max: None,
    offers: &[],
};

pub(super) struct Toy;

fn read(body: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Malformed(error.to_string()))
}

fn text(value: &Value, name: &str) -> Result<String, Error> {
    let found = value[name].as_str().map(str::to_owned);
    found.ok_or_else(|| Error::Malformed(format!("lacks {name}")))
}

fn line(unit: &Value) -> Result<Line, Error> {
    let (key, sku) = (text(unit, "unit")?, text(unit, "sku")?);
    Ok(Line {
        key: LineKey(Arc::from(key.as_str())),
        channel_product_id: sku.clone(),
        channel_sku: sku.clone(),
        name: sku,
        quantity: 1,
        cancelled: 0,
        unit_price: PRICE,
        units: vec![UnitKey(Arc::from(key.as_str()))],
    })
}

#[async_trait]
impl Channel for Toy {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("toy")
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn flow_file(&self) -> &'static str {
        include_str!("flow.toml")
    }

    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error> {
        let access = SecretString::from("toy-token".to_owned());
        Ok(Token {
            access,
            refresh: None,
            expires_at: call.now.plus(Span::days(365)),
            renewable_until: None,
        })
    }

    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        let given = webhook.headers.get("x-toy-signature").and_then(|text| text.to_str().ok());
        let secret = credentials.get("secret").as_bytes();
        given.is_some_and(|given| is_hmac_sha256_hex(secret, webhook.body, given))
    }

    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        match read(webhook.body).and_then(|body| text(&body, "shop")) {
            Ok(shop) => ShopNamed::Shop(shop),
            Err(_) => ShopNamed::Malformed,
        }
    }

    fn interpret(&self, message: &Message<'_>, _: &Credentials) -> Result<Interpretation, Error> {
        let body = read(message.body)?;
        let at = body["at"].as_i64().map(|seconds| Time(seconds * 1_000_000));
        let status = text(&body, "status")?;
        let units = body["units"].as_array().cloned().unwrap_or_default();
        let facts = units.iter().filter_map(Value::as_str).map(|unit| HeardFact {
            unit: Some(UnitKey(Arc::from(unit))),
            ..HeardFact::of_order(&status, at)
        });
        let all = body["all"].as_array().cloned().unwrap_or_default();
        let lines = all.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let goods = lines.iter().map(|line| line.unit_price).sum();
        let currency: Currency =
            "IDR".parse().map_err(|_| Error::Malformed("currency".to_owned()))?;
        let money = Money { currency, goods, shipping: 0, fees: 0, discount: 0, total: goods };
        let heard = Heard {
            channel_shop_id: Some(text(&body, "shop")?),
            channel_order_id: text(&body, "order")?,
            facts: facts.collect(),
            snapshot: Snapshot {
                lines: Some(Part::seen(lines, true, at, false)),
                money: Some(Part::seen(money, true, at, false)),
                ..Snapshot::default()
            },
            refetch: Refetch::Never,
        };
        Ok(Interpretation { orders: vec![heard], ..Interpretation::default() })
    }

    async fn list_changes(&self, _: &Call<'_>, _: &Changes) -> Result<Fetched, Error> {
        Ok(Fetched::default())
    }

    async fn fetch_orders(&self, _: &Call<'_>, _: &[String]) -> Result<Fetched, Error> {
        Err(Error::NotFound)
    }

    async fn list_listings(&self, _: &Call<'_>, _: Option<&str>) -> Result<ListingPage, Error> {
        let listing = Listing {
            channel_product_id: "TOY-1".to_owned(),
            channel_sku: "TOY-1".to_owned(),
            name: "Mainan".to_owned(),
            stock: Some(5),
            active: true,
        };
        Ok(ListingPage { listings: vec![listing], next: None })
    }

    async fn execute(&self, _: &Call<'_>, _: &Command) -> Result<Done, Error> {
        Ok(Done { answer: "registered".to_owned(), changed: true, ..Done::default() })
    }
}
