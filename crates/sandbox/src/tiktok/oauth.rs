//! How a seller lets the app in: the page, the code, the tokens.

use std::collections::HashMap;

use rand::Rng;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::TikTok;
use super::books::{APP_KEY, APP_SECRET, SERVICE_ID, cipher};
use super::errors::{self, Error};
use super::routes::{Ask, Reply};
use crate::channel::Refusal;
use crate::clock::SECOND_US;
use crate::lock;
use crate::serve::pairs;

/// Where browsers are sent after a consent, until the control API says otherwise.
pub(super) const REDIRECT: &str = "https://hub.example.test/consent";

/// A code is taken within half an hour.
const CODE_US: i64 = 30 * 60 * SECOND_US;
/// The longest life of an access token, in seconds: seven days.
const ACCESS_S_MAX: u32 = 7 * 86_400;
/// What a seller chose on the page: the app may speak for the shops for a year.
const CONSENT_US: i64 = 365 * 86_400 * SECOND_US;

/// How long an access token that ended is still known as one.
const ENDED_KEPT_US: i64 = 30 * 86_400 * SECOND_US;

/// What every token of the sandbox begins with, so that one that lies about is recognised.
const MARK: &str = "ROW_SBXTOKEN";

/// What a token of this channel may be good for.
const SCOPES: [&str; 7] = [
    "seller.order.info",
    "seller.product.basic",
    "seller.product.write",
    "seller.fulfillment.basic",
    "seller.logistics",
    "seller.return_refund.basic",
    "seller.authorization.info",
];

/// How long a code or a token holds, and for what.
#[derive(Clone, Debug)]
struct Grant {
    until_us: i64,
    /// The scope that the seller did not give; "" if all were given.
    without: String,
}

/// The codes and tokens that are known.
#[derive(Debug, Default)]
pub(super) struct Consents {
    /// One that was taken is no longer here.
    codes: HashMap<String, Grant>,
    /// Also those that ended: they are refused in other words than what never was a token.
    access: HashMap<String, Grant>,
    /// Each renews once.
    refresh: HashMap<String, Grant>,
}

/// New tokens, with their ends in microseconds.
struct Issued {
    access: (String, i64),
    refresh: (String, i64),
}

fn random(dice: &mut StdRng) -> String {
    (0..32).map(|_| char::from(dice.sample(Alphanumeric))).collect()
}

impl Consents {
    fn code(&mut self, now_us: i64, without: &str, dice: &mut StdRng) -> String {
        let code = format!("ROW_SBXCODE{}", random(dice));
        let grant = Grant { until_us: now_us + CODE_US, without: without.to_owned() };
        self.codes.insert(code.clone(), grant);
        code
    }

    fn issue(&mut self, now_us: i64, life_s: u32, consent: Grant, dice: &mut StdRng) -> Issued {
        self.access.retain(|_, grant| grant.until_us > now_us - ENDED_KEPT_US);
        let ends_us = (now_us + i64::from(life_s) * SECOND_US).min(consent.until_us);
        let access = (format!("{MARK}a{}", random(dice)), ends_us);
        let refresh = (format!("{MARK}r{}", random(dice)), consent.until_us);
        let grant = Grant { until_us: ends_us, without: consent.without.clone() };
        self.access.insert(access.0.clone(), grant);
        self.refresh.insert(refresh.0.clone(), consent);
        Issued { access, refresh }
    }

    /// Whether a token holds, and for this scope.
    pub(super) fn admit(&self, token: &str, scope: &str, now_us: i64) -> Result<(), Error> {
        let grant = self.access.get(token).ok_or_else(errors::no_token)?;
        if grant.until_us <= now_us {
            return Err(errors::token_ended());
        }
        if grant.without == scope { Err(errors::no_scope(scope)) } else { Ok(()) }
    }

    /// Ends every access token before its time.
    pub(super) fn expire(&mut self, now_us: i64) {
        for grant in self.access.values_mut() {
            grant.until_us = grant.until_us.min(now_us);
        }
    }
}

impl TikTok {
    /// The page a seller's browser is sent to.
    pub(super) fn page(&self, ask: &Ask<'_>) -> Reply {
        let service = ask.param("service_id").filter(|id| *id == SERVICE_ID);
        let app = ask.param("app_key").filter(|key| *key == APP_KEY);
        let (None, None) = (service, app) else {
            let state = escaped(ask.param("state").unwrap_or_default());
            return Reply::page(200, page(&state));
        };
        Reply::page(400, "<html><body><h1>No such service</h1></body></html>".to_owned())
    }

    /// The seller has pressed a button.
    pub(super) fn page_answer(&self, ask: &Ask<'_>) -> Reply {
        let state = ask.param("state").unwrap_or_default();
        if ask.param("answer") == Some("allow") {
            return Reply::back(self.back_with_code(state, ""));
        }
        Reply::back(self.back(&[("code", "null"), ("error", "auth_denied"), ("state", state)]))
    }

    /// Does what pressing "Allow" on this page does.
    pub(super) fn press_allow(&self, page: &str) -> Result<String, Refusal> {
        let query = page.split_once('?').map_or("", |(_, query)| query);
        let given = pairs(query.as_bytes());
        let field = |name: &str| {
            let found = given.iter().find(|(key, _)| key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        if field("service_id") != SERVICE_ID && field("app_key") != APP_KEY {
            return Err(Refusal::NotFound("the page names no service of the sandbox".to_owned()));
        }
        let without = field("without");
        if !without.is_empty() && !SCOPES.contains(&without) {
            return Err(Refusal::Invalid(format!("{without:?} is no scope")));
        }
        Ok(self.back_with_code(field("state"), without))
    }

    fn back_with_code(&self, state: &str, without: &str) -> String {
        let now_us = self.desk.clock.now_us();
        let code = lock(&self.consents).code(now_us, without, &mut lock(&self.desk.dice));
        self.back(&[("app_key", APP_KEY), ("code", &code), ("locale", "id-ID"), ("state", state)])
    }

    fn back(&self, said: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
        let redirect = lock(&self.redirect);
        let mark = if redirect.contains('?') { '&' } else { '?' };
        format!("{redirect}{mark}{query}")
    }

    fn app_asks(ask: &Ask<'_>, grant: &str) -> Result<(), Error> {
        if ask.param("app_key") != Some(APP_KEY) {
            return Err(errors::wrong_app());
        }
        if ask.param("app_secret") != Some(APP_SECRET) {
            return Err(errors::wrong_secret());
        }
        if ask.param("grant_type") != Some(grant) {
            return Err(errors::parameter("grant_type"));
        }
        Ok(())
    }

    /// Tokens for a code, once.
    pub(super) fn token_for_code(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        Self::app_asks(ask, "authorized_code")?;
        let code = ask.param("auth_code").ok_or_else(errors::wrong_code)?;
        let now_us = self.desk.clock.now_us();
        let mut consents = lock(&self.consents);
        let grant = consents.codes.remove(code).filter(|grant| grant.until_us > now_us);
        let grant = grant.ok_or_else(errors::wrong_code)?;
        let consent = Grant { until_us: now_us + CONSENT_US, ..grant };
        Ok(self.issue(&mut consents, now_us, consent))
    }

    /// Tokens for a token that renews, once; the seller's consent ends when it ends.
    pub(super) fn token_for_refresh(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        Self::app_asks(ask, "refresh_token")?;
        let token = ask.param("refresh_token").ok_or_else(errors::wrong_refresh)?;
        let now_us = self.desk.clock.now_us();
        let mut consents = lock(&self.consents);
        let consent = consents.refresh.remove(token).filter(|grant| grant.until_us > now_us);
        let consent = consent.ok_or_else(errors::wrong_refresh)?;
        Ok(self.issue(&mut consents, now_us, consent))
    }

    fn issue(&self, consents: &mut Consents, now_us: i64, consent: Grant) -> Reply {
        let life_s = self.desk.config.token_seconds.min(ACCESS_S_MAX);
        let granted: Vec<_> =
            SCOPES.into_iter().filter(|scope| *scope != consent.without).collect();
        let issued = consents.issue(now_us, life_s, consent, &mut lock(&self.desk.dice));
        Reply::data(json!({
            "access_token": issued.access.0,
            "access_token_expire_in": issued.access.1.div_euclid(SECOND_US),
            "refresh_token": issued.refresh.0,
            "refresh_token_expire_in": issued.refresh.1.div_euclid(SECOND_US),
            "open_id": "sandboxOpenId", "seller_name": "Penjual Contoh",
            "seller_base_region": "ID", "user_type": 0,
            "granted_scopes": granted,
        }))
    }

    /// The shops that the seller's consent opens.
    pub(super) fn shops(&self) -> Reply {
        let books = lock(&self.desk.books);
        let shops = books.shops.values().filter(|shop| shop.linked).map(|shop| {
            json!({
                "id": shop.id.to_string(), "name": shop.name, "region": "ID",
                "seller_type": "LOCAL", "cipher": cipher(shop.id),
                "code": format!("IDSANDBOX{}", shop.id % 1_000),
            })
        });
        Reply::data(json!({"shops": shops.collect::<Vec<Value>>()}))
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn page(state: &str) -> String {
    let button = |answer: &str, words: &str| {
        format!(
            "<form action=\"/open/authorize/answer\" method=\"get\">\
             <input type=\"hidden\" name=\"state\" value=\"{state}\">\
             <button name=\"answer\" value=\"{answer}\">{words}</button></form>"
        )
    };
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>TikTok Shop (sandbox)</title></head>\
         <body><h1>Penjual Contoh</h1><p>An app asks to read and change your shops.</p>{}{}</body></html>",
        button("allow", "Allow"),
        button("refuse", "Refuse")
    )
}
