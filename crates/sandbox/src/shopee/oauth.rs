//! How a seller lets the app in: the page, the code, the tokens.

use std::collections::HashMap;

use http::Method;
use rand::Rng;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::Shopee;
use super::books::{MAIN_ACCOUNT_ID, PARTNER_ID};
use super::errors::{self, Error};
use super::routes::{Ask, Reply, text};
use crate::channel::Refusal;
use crate::clock::SECOND_US;
use crate::lock;
use crate::serve::Request;

/// A code is taken within ten minutes.
const CODE_US: i64 = 600 * SECOND_US;
/// The longest life of an access token, in seconds: four hours.
const ACCESS_S_MAX: u32 = 14_400;
/// A token that renews does so for thirty days.
const REFRESH_US: i64 = 30 * 86_400 * SECOND_US;
/// How long an access token still holds once it was renewed.
const RENEWED_US: i64 = 300 * SECOND_US;

/// How long a seller's consent holds, however often a token was renewed.
const GRANT_US: i64 = 365 * 86_400 * SECOND_US;

/// What every token of the sandbox begins with, so that one that lies about is recognised.
const MARK: &str = "SBXTOKEN";

/// Whom a seller's consent speaks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Granted {
    /// All shops of the account.
    Account,
    Shop(i64),
}

/// The codes and tokens that hold.
#[derive(Debug, Default)]
pub(super) struct Consents {
    /// For whom, and until when each is taken; one that was taken is no longer here.
    codes: HashMap<String, (Granted, i64)>,
    /// Of each token and shop, until when it holds.
    access: HashMap<(String, i64), i64>,
    /// Of each token and shop, until when it renews, once.
    refresh: HashMap<(String, i64), i64>,
    /// When each shop's seller let the app in.
    granted_us: HashMap<i64, i64>,
}

fn random(dice: &mut StdRng) -> String {
    (0..32).map(|_| char::from(dice.sample(Alphanumeric))).collect()
}

impl Consents {
    fn code(&mut self, granted: Granted, now_us: i64, dice: &mut StdRng) -> String {
        let code = format!("SBXCODE{}", random(dice));
        self.codes.insert(code.clone(), (granted, now_us + CODE_US));
        code
    }

    /// New tokens for shops; those that they had hold for a little while.
    fn issue(
        &mut self,
        shops: &[i64],
        now_us: i64,
        life_s: u32,
        dice: &mut StdRng,
    ) -> (String, String) {
        self.access.retain(|_, ends_us| *ends_us > now_us);
        for ((_, shop), ends_us) in &mut self.access {
            if shops.contains(shop) {
                *ends_us = (*ends_us).min(now_us + RENEWED_US);
            }
        }
        let (access, refresh) =
            (format!("{MARK}a{}", random(dice)), format!("{MARK}r{}", random(dice)));
        let ends_us = now_us + i64::from(life_s) * SECOND_US;
        for shop in shops {
            self.access.insert((access.clone(), *shop), ends_us);
            self.refresh.insert((refresh.clone(), *shop), now_us + REFRESH_US);
        }
        (access, refresh)
    }

    /// Whether a token holds for a shop.
    pub(super) fn holds(&self, token: &str, shop: i64, now_us: i64) -> bool {
        self.access.get(&(token.to_owned(), shop)).is_some_and(|ends_us| *ends_us > now_us)
    }

    /// Ends every access token before its time.
    pub(super) fn expire(&mut self) {
        self.access.clear();
    }
}

impl Shopee {
    /// The page a seller's browser is sent to.
    pub(super) fn page(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        self.admit_app(ask, ("", ""))?;
        let redirect = ask.param("redirect").ok_or_else(|| errors::missing("redirect"))?;
        Ok(Reply::page(200, page(&escaped(redirect), &self.linked())))
    }

    /// The seller has pressed a button.
    pub(super) fn page_answer(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let redirect = ask.param("redirect").ok_or_else(|| errors::missing("redirect"))?;
        let shop = ask.param("shop").and_then(|id| id.parse().ok());
        Ok(Reply::back(match (ask.param("answer"), shop) {
            (Some("allow"), None) => self.back_with_code(redirect, Granted::Account),
            (Some("allow"), Some(id)) if self.linked().contains(&id) => {
                self.back_with_code(redirect, Granted::Shop(id))
            }
            // What the real page brings back from a seller who refuses is documented nowhere.
            _ => redirect.to_owned(),
        }))
    }

    /// Does what pressing "Allow" on this page does.
    pub(super) fn press_allow(&self, page: &str) -> Result<String, Refusal> {
        let uri: http::Uri =
            page.parse().map_err(|_| Refusal::Invalid("this is no address".to_owned()))?;
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        let request = Request::local(Method::GET, target, bytes::Bytes::new());
        let refused = |error: Error| {
            Refusal::Invalid(format!("the page answers {}: {}", error.code, error.message))
        };
        let ask = Ask::read(&request).map_err(refused)?;
        self.page(&ask).map_err(refused)?;
        let redirect = ask.param("redirect").unwrap_or_default();
        Ok(self.back_with_code(redirect, Granted::Account))
    }

    fn back_with_code(&self, redirect: &str, granted: Granted) -> String {
        let now_us = self.desk.clock.now_us();
        let code = lock(&self.consents).code(granted, now_us, &mut lock(&self.desk.dice));
        let (whose, id) = match granted {
            Granted::Account => ("main_account_id", MAIN_ACCOUNT_ID),
            Granted::Shop(id) => ("shop_id", id),
        };
        let mark = if redirect.contains('?') { '&' } else { '?' };
        format!("{redirect}{mark}code={code}&{whose}={id}")
    }

    fn linked(&self) -> Vec<i64> {
        let books = lock(&self.desk.books);
        books.shops.values().filter(|shop| shop.linked).map(|shop| shop.id).collect()
    }

    /// Tokens for a code, once.
    pub(super) fn token_for_code(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let number = |name: &str| body.get(name).and_then(Value::as_i64);
        if number("partner_id").map(|id| id.to_string()).as_deref() != Some(PARTNER_ID) {
            return Err(errors::wrong_partner());
        }
        let now_us = self.desk.clock.now_us();
        let known = lock(&self.consents).codes.remove(text(&body, "code"));
        let known = known.filter(|(_, until_us)| *until_us > now_us);
        let (granted, _) = known.ok_or_else(errors::wrong_code)?;
        let shops = match granted {
            Granted::Account if number("main_account_id") == Some(MAIN_ACCOUNT_ID) => self.linked(),
            Granted::Shop(id) if number("shop_id") == Some(id) => vec![id],
            Granted::Account | Granted::Shop(_) if number("shop_id").is_some() => {
                return Err(errors::code_of_other_shop());
            }
            Granted::Account | Granted::Shop(_) => return Err(errors::code_of_other_account()),
        };
        lock(&self.consents).granted_us.extend(shops.iter().map(|shop| (*shop, now_us)));
        let mut fields = self.issue(&shops, now_us);
        fields["shop_id_list"] = json!(shops);
        fields["merchant_id_list"] = json!([]);
        Ok(Reply::flat(fields))
    }

    /// Tokens for a token that renews, once.
    pub(super) fn token_for_refresh(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let body = ask.json()?;
        let number = |name: &str| body.get(name).and_then(Value::as_i64);
        // No merchant and no supplier has let the app in.
        let Some(shop) = number("shop_id") else {
            return Err(match (number("merchant_id"), number("supplier_id")) {
                (Some(_), _) => errors::no_merchant(),
                (None, Some(_)) => errors::no_supplier(),
                (None, None) => errors::parameter("shop_id"),
            });
        };
        let linked = lock(&self.desk.books).shops.get(&shop).map(|shop| shop.linked);
        if linked == Some(false) {
            return Err(errors::not_linked());
        }
        self.stands(shop, "")?;
        let now_us = self.desk.clock.now_us();
        let granted_us = lock(&self.consents).granted_us.get(&shop).copied();
        if granted_us.is_some_and(|at_us| now_us - at_us >= GRANT_US) {
            return Err(errors::grant_ended());
        }
        let key = (text(&body, "refresh_token").to_owned(), shop);
        let until_us = lock(&self.consents).refresh.remove(&key);
        let until_us = until_us.ok_or_else(errors::wrong_refresh)?;
        if until_us <= now_us {
            return Err(errors::refresh_ended());
        }
        let mut fields = self.issue(&[shop], now_us);
        fields["partner_id"] = PARTNER_ID.parse::<i64>().map_or(Value::Null, Value::from);
        fields["shop_id"] = json!(shop);
        Ok(Reply::flat(fields))
    }

    fn issue(&self, shops: &[i64], now_us: i64) -> Value {
        let life_s = self.desk.config.token_seconds.min(ACCESS_S_MAX);
        let mut consents = lock(&self.consents);
        let (access, refresh) = consents.issue(shops, now_us, life_s, &mut lock(&self.desk.dice));
        json!({"access_token": access, "refresh_token": refresh, "expire_in": life_s})
    }

    /// A shop's name and standing, flat.
    pub(super) fn shop_info(&self, shop_id: i64) -> Reply {
        let books = lock(&self.desk.books);
        let name = books.shops.get(&shop_id).map_or("", |shop| shop.name);
        let granted_us = lock(&self.consents).granted_us.get(&shop_id).copied();
        let granted_us = granted_us.unwrap_or_else(|| self.desk.clock.now_us());
        let granted_s = granted_us.div_euclid(SECOND_US);
        Reply::flat(json!({
            "shop_name": name, "region": "ID", "status": "NORMAL", "is_cb": false,
            "is_sip": false, "auth_time": granted_s,
            "expire_time": granted_s + GRANT_US / SECOND_US,
        }))
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

fn page(redirect: &str, shops: &[i64]) -> String {
    let button = |answer: &str, shop: &str, words: &str| {
        format!(
            "<form action=\"/api/v2/shop/auth_partner/answer\" method=\"get\">\
             <input type=\"hidden\" name=\"redirect\" value=\"{redirect}\">\
             <input type=\"hidden\" name=\"shop\" value=\"{shop}\">\
             <button name=\"answer\" value=\"{answer}\">{words}</button></form>"
        )
    };
    let ids = shops.iter().map(i64::to_string);
    let each: Vec<String> =
        ids.map(|id| button("allow", &id, &format!("Allow shop {id} only"))).collect();
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>Shopee (sandbox)</title></head>\
         <body><h1>Penjual Contoh</h1><p>An app asks to read and change your shops.</p>{}{}{}</body></html>",
        button("allow", "", "Allow"),
        each.concat(),
        button("refuse", "", "Refuse")
    )
}
