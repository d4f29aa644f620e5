//! The page on which a seller lets the hub in, and the tokens that follow.

use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};

use super::Lazada;
use super::books::{ACCOUNTS, APP_KEY, Account, country_of, short_code};
use super::errors::{self, Error};
use super::routes::{AUTH_HOST, Ask, Reply};
use super::tokens::Pair;
use crate::channel::Refusal;
use crate::lock;
use crate::page::escape;
use crate::serve::{Answer, Request, pairs};

/// The path of the page.
const PATH: [&str; 3] = [AUTH_HOST, "oauth", "authorize"];

/// What the page was asked with.
struct Asked {
    redirect_uri: String,
    state: String,
    country: String,
}

impl Asked {
    /// Reads the parameters; what is wrong with them if they ask for nothing.
    fn read(params: &[(String, String)]) -> Result<Self, &'static str> {
        let param = |name: &str| {
            let found = params.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        if param("client_id") != APP_KEY {
            return Err("client_id is not that of an app");
        }
        if param("response_type") != "code" {
            return Err("response_type must be code");
        }
        let redirect_uri = param("redirect_uri");
        let place = redirect_uri.parse::<http::Uri>().ok();
        if place.is_none_or(|place| place.scheme().is_none() || place.authority().is_none()) {
            return Err("redirect_uri is not the callback address of the app");
        }
        Ok(Self { redirect_uri, state: param("state"), country: param("country") })
    }

    /// Where the browser goes with these.
    fn back(&self, pairs: &[(&str, &str)]) -> String {
        let mark = if self.redirect_uri.contains('?') { '&' } else { '?' };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        if !self.state.is_empty() {
            query.append_pair("state", &self.state);
        }
        format!("{}{mark}{}", self.redirect_uri, query.finish())
    }

    /// The account that logs in where nobody chooses: the first of the country that is asked for.
    fn account(&self) -> &'static Account {
        let sells =
            |account: &&Account| account.shops.iter().any(|(country, _)| *country == self.country);
        ACCOUNTS.iter().find(sells).unwrap_or(&ACCOUNTS[0])
    }
}

impl Lazada {
    /// Answers on the path of the page; None if the request is for something else.
    pub(super) fn consent_page(&self, request: &Request) -> Option<Answer> {
        if request.segments() != PATH {
            return None;
        }
        let form = pairs(&request.body);
        let pressed = request.method == Method::POST;
        let asked = match Asked::read(if pressed { &form } else { &request.query }) {
            Ok(asked) => asked,
            Err(wrong) => return Some(Answer::html(400, format!("<p>{}</p>", escape(wrong)))),
        };
        if !pressed {
            return Some(Answer::html(200, shown(&asked)));
        }
        let field =
            |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, it)| it.as_str());
        let account = ACCOUNTS.iter().find(|it| field("account") == Some(&it.id.to_string()));
        let back = match (field("answer"), account) {
            (Some("allow"), Some(account)) => self.allow(&asked, account),
            _ => asked.back(&[("error", "access_denied")]),
        };
        Some(Answer::html(303, "").with_header("location", &back))
    }

    /// A code for an account, on the way back.
    fn allow(&self, asked: &Asked, account: &Account) -> String {
        let now_us = self.desk.clock.now_us();
        let mut dice = lock(&self.desk.dice);
        let code = lock(&self.floor).tokens.code(APP_KEY, account.id, now_us, &mut dice);
        asked.back(&[("code", &code)])
    }

    /// What pressing "Allow" does on the page at this address, whatever its host.
    pub(super) fn press_allow(&self, page: &str) -> Result<String, Refusal> {
        let wrong = |what: &str| Refusal::Invalid(what.to_owned());
        let address: http::Uri = page.parse().map_err(|_| wrong("the page is no address"))?;
        let segments: Vec<&str> = address.path().split('/').filter(|it| !it.is_empty()).collect();
        if segments != PATH {
            return Err(wrong("the address is not that of the page of consent"));
        }
        let query = pairs(address.query().unwrap_or_default().as_bytes());
        let asked = Asked::read(&query).map_err(wrong)?;
        Ok(self.allow(&asked, asked.account()))
    }

    /// A token for a code.
    pub(super) fn create_token(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let code = ask.needed("code")?;
        let (now_us, lifetime_s) = (self.desk.clock.now_us(), self.desk.config.token_seconds);
        let mut dice = lock(&self.desk.dice);
        let mut books = lock(&self.desk.books);
        let pair = lock(&self.floor).tokens.exchange(code, now_us, lifetime_s, &mut dice);
        let pair = pair.ok_or_else(errors::auth_code)?;
        for (_, shop_id) in shops_of(pair.account) {
            books.shops.entry(*shop_id).and_modify(|shop| shop.linked = true);
        }
        Ok(granted(&pair, "country_user_info"))
    }

    /// Another token for what renews one.
    pub(super) fn refresh_token(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let refresh = ask.needed("refresh_token")?;
        let (now_us, lifetime_s) = (self.desk.clock.now_us(), self.desk.config.token_seconds);
        let mut dice = lock(&self.desk.dice);
        let pair = lock(&self.floor).tokens.renew(refresh, now_us, lifetime_s, &mut dice);
        let pair = pair.ok_or_else(errors::refresh_token)?;
        Ok(granted(&pair, "country_user_info_list"))
    }
}

/// Country and seller id of each shop of an account.
fn shops_of(account: i64) -> &'static [(&'static str, i64)] {
    ACCOUNTS.iter().find(|known| known.id == account).map_or(&[], |account| account.shops)
}

/// A pair as it is answered; the list of countries has another name when a token is renewed.
fn granted(pair: &Pair, list: &str) -> Reply {
    let account = ACCOUNTS.iter().find(|account| account.id == pair.account);
    let shops = shops_of(pair.account);
    let infos = shops.iter().map(|(country, shop_id)| {
        json!({
            "country": country, "user_id": shop_id.to_string(), "seller_id": shop_id.to_string(),
            "short_code": short_code(*shop_id),
        })
    });
    let infos: Vec<Value> = infos.collect();
    let country = match shops {
        [(_, shop_id)] => country_of(*shop_id).name,
        _ => "cb",
    };
    let mut body = json!({
        "access_token": pair.access, "refresh_token": pair.refresh,
        "expires_in": pair.access_seconds, "refresh_expires_in": pair.refresh_seconds,
        "country": country, "account_platform": "seller_center",
        "account": account.map_or("", |account| account.email),
        "account_id": pair.account.to_string(),
    });
    body[list] = Value::Array(infos);
    Reply::whole(body).with_effect(true)
}

/// The page: who logs in, and two buttons.
fn shown(asked: &Asked) -> String {
    let mut options = String::new();
    for account in &ACCOUNTS {
        let chosen = if account.id == asked.account().id { " selected" } else { "" };
        // Writing to a text cannot fail.
        write!(options, "<option value=\"{}\"{chosen}>{}</option>", account.id, account.email).ok();
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><title>Consent</title></head><body>\
         <h1>Let this app into your shop?</h1><form method=\"post\">\
         <label>Account <select name=\"account\">{options}</select></label>\
         <input type=\"hidden\" name=\"client_id\" value=\"{APP_KEY}\">\
         <input type=\"hidden\" name=\"response_type\" value=\"code\">\
         <input type=\"hidden\" name=\"redirect_uri\" value=\"{}\">\
         <input type=\"hidden\" name=\"state\" value=\"{}\">\
         <button name=\"answer\" value=\"allow\">Allow</button>\
         <button name=\"answer\" value=\"refuse\">Refuse</button></form></body></html>",
        escape(&asked.redirect_uri),
        escape(&asked.state),
    )
}
