//! How a seller lets this hub in, and how the tokens are renewed. Neither is signed.
//!
//! The page names the app's service and the state alone: where the browser comes back to is entered once
//! in the app's own settings. The answer's ends of life are moments, not durations.

use async_trait::async_trait;
use dermaga_channel::{
    Asked, Call, Consent, Credentials, Error, Grant, GrantedShop, Returned, Token,
};
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::client::{Client, Said, app, base, harmless, wrong_credential};
use super::endpoints::{self, Effect};
use super::errors;
use super::wire::{Count, Moment, SomeId, Text, read};

/// Where the seller consents, unless the credentials name another place: sellers of the United States
/// have one of their own.
const PAGE_URL: &str = "https://services.tiktokshop.com/open/authorize";
/// Where tokens come from, unless the credentials name another place.
const TOKEN_URL: &str = "https://auth.tiktok-shops.com";
/// A seller: creators and partners have tokens too, which open no shop.
const SELLER: i64 = 0;
/// How often the shops are asked for once the code is spent.
const TRIES: usize = 3;

/// Asking the seller.
pub(super) struct SellersConsent;

#[async_trait]
impl Consent for SellersConsent {
    fn page(&self, credentials: &Credentials, asked: &Asked<'_>) -> Result<String, Error> {
        let service_id = credentials.get("service_id").trim();
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if service_id.is_empty() || !plain(service_id) || !plain(asked.state) {
            return Err(wrong_credential("service_id", "the service id is of letters and digits"));
        }
        let page = base(credentials.get("page_url"), PAGE_URL);
        Ok(format!("{page}?service_id={service_id}&state={}", asked.state))
    }

    async fn exchange(&self, call: &Call<'_>, returned: &Returned) -> Result<Grant, Error> {
        let code = code_in(call.credentials, returned)?;
        let token =
            ask(call, "get", [("auth_code", code), ("grant_type", "authorized_code")]).await?;
        let with_token = Call { token: Some(&token), channel_shop_id: None, ..*call };
        let client = Client::new(&with_token)?;
        let mut tried = 1;
        let shops = loop {
            match client.shops().await {
                // The code is spent, so that the seller would have to be asked again.
                Err(Error::Temporary(_) | Error::RateLimited { .. }) if tried < TRIES => tried += 1,
                told => break told?,
            }
        };
        let shops = shops.into_iter().map(Shop::granted).collect();
        Ok(Grant { token: Some(token), shops })
    }
}

/// The code that the browser brought back.
fn code_in<'a>(credentials: &Credentials, returned: &'a Returned) -> Result<&'a str, Error> {
    let given = |name: &str| returned.get(name).map(String::as_str).filter(|it| !it.is_empty());
    let needed = |code: &str, message: &str| {
        Err(Error::ConsentNeeded { code: code.to_owned(), message: message.to_owned() })
    };
    if let Some(error) = given("error") {
        return needed(error, "the seller did not consent");
    }
    if given("app_key").is_some_and(|key| key != credentials.get("app_key").trim()) {
        return needed("app_key", "the seller consented to another app");
    }
    match given("code") {
        // Who refuses brings back the word.
        None | Some("null") => needed("no_code", "the browser brought no code"),
        Some(code) => Ok(code),
    }
}

/// Renews the call's token.
pub(super) async fn renew(call: &Call<'_>) -> Result<Token, Error> {
    let refresh = call.token.and_then(|token| token.refresh.as_ref());
    let Some(refresh) = refresh else {
        let message = "there is nothing to renew a token with".to_owned();
        return Err(Error::ConsentNeeded { code: "no_token".to_owned(), message });
    };
    let said = [("refresh_token", refresh.expose_secret()), ("grant_type", "refresh_token")];
    ask(call, "refresh", said).await
}

#[derive(Deserialize)]
struct Granted {
    access_token: Text,
    #[serde(default)]
    access_token_expire_in: Moment,
    #[serde(default)]
    refresh_token: Text,
    #[serde(default)]
    refresh_token_expire_in: Moment,
    #[serde(default)]
    user_type: Count,
}

async fn ask(call: &Call<'_>, verb: &str, said: [(&str, &str); 2]) -> Result<Token, Error> {
    let (app_key, app_secret) = app(call)?;
    let place = base(call.credentials.get("token_url"), TOKEN_URL);
    let url = format!("{place}/api/v2/token/{verb}");
    let query = [("app_key", app_key), ("app_secret", app_secret), said[0], said[1]];
    let request = call.http.request(Method::GET, &url).query(&query);
    // A code is taken once. Whether it was cannot be told without an answer; it is asked again, and
    // then the channel says so.
    let answer = call.http.send("token", request).await.map_err(harmless)?;
    let data = errors::data(&answer, Effect::Reads).map_err(errors::of_token);
    let token = data.and_then(|data| {
        let granted: Granted = read("token", data.get().as_bytes())
            .map_err(|error| Error::Temporary(error.to_string()))?;
        granted.token()
    });
    token.inspect_err(|error| call.http.note_outcome(error, None))
}

impl Granted {
    fn token(self) -> Result<Token, Error> {
        let (Some(access), Some(expires_at)) =
            (self.access_token.some(), self.access_token_expire_in.0)
        else {
            return Err(Error::Temporary("the answer has no token".to_owned()));
        };
        if self.user_type.0 != SELLER {
            let message = "who consented is not a seller".to_owned();
            return Err(Error::ConsentNeeded { code: "user_type".to_owned(), message });
        }
        Ok(Token {
            access: SecretString::from(access),
            refresh: self.refresh_token.some().map(SecretString::from),
            expires_at,
            renewable_until: self.refresh_token_expire_in.0,
        })
    }
}

/// A shop that the token opens.
#[derive(Deserialize)]
pub(super) struct Shop {
    pub(super) id: SomeId,
    #[serde(default)]
    name: Text,
    pub(super) cipher: Text,
}

impl Shop {
    fn granted(self) -> GrantedShop {
        GrantedShop {
            channel_shop_id: self.id.0,
            name: self.name.0,
            key: self.cipher.some().map(SecretString::from),
            token: None,
        }
    }
}

impl Client<'_> {
    /// The shops that the token opens.
    pub(super) async fn shops(&self) -> Result<Vec<Shop>, Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            shops: Option<Vec<Shop>>,
        }
        let data = self.ask(&endpoints::SHOPS, Said::default()).await?;
        let answer: Option<Answer> = read("shops", data.get().as_bytes())?;
        Ok(answer.unwrap_or_default().shops.unwrap_or_default())
    }
}
