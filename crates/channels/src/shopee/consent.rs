//! How a seller lets this hub in, and how the tokens are renewed.
//!
//! The page's address is signed and holds for five minutes. The state does not come back as a parameter:
//! it is a part of the path that the browser comes back to. A token is of one shop; what renews it is
//! taken once, and gives both anew.

use async_trait::async_trait;
use dermaga_channel::{
    Asked, Call, Consent, Credentials, Error, Grant, GrantedShop, Returned, Token,
};
use dermaga_domain::time::Span;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{self, Client, Endpoint};
use super::errors;
use super::wire::{Count, Text, read};

/// Where the seller consents.
const PAGE: &str = "/api/v2/shop/auth_partner";
/// How long a token that renews holds (authorization guide); the answer does not tell.
const REFRESH_HOLDS: Span = Span::days(30);

/// Asking the seller.
pub(super) struct SellersConsent;

#[async_trait]
impl Consent for SellersConsent {
    fn page(&self, credentials: &Credentials, asked: &Asked<'_>) -> Result<String, Error> {
        let signer = client::signer(credentials, asked.now)?;
        let host = client::base(credentials.get("api_url"));
        let page = format!("{host}{PAGE}");
        let signature = signer.sign(PAGE, None);
        let redirect = format!("{}/{}", asked.back, asked.state);
        let timestamp = signer.timestamp.to_string();
        let query = [
            ("partner_id", signer.partner_id),
            ("timestamp", &timestamp),
            ("sign", &signature),
            ("redirect", &redirect),
        ];
        let address: http::Uri = page
            .parse()
            .map_err(|_| client::wrong_credential("api_url", "the address begins with https://"))?;
        Ok(format!("{address}?{}", query_text(&query)))
    }

    async fn exchange(&self, call: &Call<'_>, returned: &Returned) -> Result<Grant, Error> {
        let given = |name: &str| returned.get(name).map(String::as_str).filter(|it| !it.is_empty());
        let code = given("code").ok_or_else(|| needed("no_code", "the browser brought no code"))?;
        let number = |name: &str| given(name).and_then(|id| id.parse::<i64>().ok());
        let (whose, id) = match (number("main_account_id"), number("shop_id")) {
            (Some(account), _) => ("main_account_id", account),
            (None, Some(shop)) => ("shop_id", shop),
            (None, None) => return Err(needed("no_shop", "the browser brought no shop")),
        };
        let client = Client::new(call)?;
        let mut body = json!({"code": code, "partner_id": client.partner_id()?});
        body[whose] = Value::from(id);
        let granted = ask(&client, &client::TOKEN_GET, &body).await?;
        let token = granted.token(call)?;
        let mut ids: Vec<i64> = granted.shop_id_list.iter().flatten().map(|id| id.0).collect();
        if ids.is_empty() && whose == "shop_id" {
            ids.push(id);
        }
        let mut shops = Vec::with_capacity(ids.len());
        for id in ids {
            let channel_shop_id = id.to_string();
            let name = name_of(call, &token, &channel_shop_id).await;
            // The first token is of all shops of an account; from then on each renews its own.
            let token = Some(token.clone());
            shops.push(GrantedShop { channel_shop_id, name, key: None, token });
        }
        Ok(Grant { token: None, shops })
    }
}

/// Parameters as an address has them.
fn query_text(pairs: &[(&str, &str)]) -> String {
    let letter = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let encoded = |text: &str| text.bytes().map(letter).collect::<String>();
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn needed(code: &str, message: &str) -> Error {
    Error::ConsentNeeded { code: code.to_owned(), message: message.to_owned() }
}

/// What a shop is called; nothing if that cannot be told just now: the code is spent, and the seller
/// would have to be asked again.
async fn name_of(call: &Call<'_>, token: &Token, shop: &str) -> String {
    #[derive(Deserialize)]
    struct Shop {
        #[serde(default)]
        shop_name: Text,
    }
    let with_token = Call { token: Some(token), channel_shop_id: Some(shop), ..*call };
    let Ok(client) = Client::new(&with_token) else { return String::new() };
    let told = client.get(&client::SHOP, &[]).await;
    let shop = told.and_then(|told| read::<Shop>("shop", told.get().as_bytes()));
    shop.map(|shop| shop.shop_name.0).unwrap_or_default()
}

/// Renews the token of the call's shop.
pub(super) async fn renew(call: &Call<'_>) -> Result<Token, Error> {
    let refresh = call.token.and_then(|token| token.refresh.as_ref());
    let refresh =
        refresh.ok_or_else(|| needed("no_token", "there is nothing to renew a token with"))?;
    let shop: Option<i64> = call.channel_shop_id.and_then(|id| id.parse().ok());
    let shop =
        shop.ok_or_else(|| needed("shop_id", "a token is of a shop, whose id is a number"))?;
    let client = Client::new(call)?;
    let body = json!({
        "refresh_token": refresh.expose_secret(), "partner_id": client.partner_id()?,
        "shop_id": shop,
    });
    ask(&client, &client::TOKEN_RENEW, &body).await?.token(call)
}

/// Both tokens are flat in their answer.
#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    access_token: Text,
    #[serde(default)]
    refresh_token: Text,
    /// Seconds.
    #[serde(default)]
    expire_in: Count,
    #[serde(default)]
    shop_id_list: Option<Vec<Count>>,
}

async fn ask(client: &Client<'_>, endpoint: &Endpoint, body: &Value) -> Result<Granted, Error> {
    let told = client.secret_post(endpoint, body).await.map_err(errors::of_token)?;
    read("token", told.get().as_bytes()).map_err(|error| Error::Temporary(error.to_string()))
}

impl Granted {
    fn token(&self, call: &Call<'_>) -> Result<Token, Error> {
        let access = self.access_token.clone().some();
        let access = access.filter(|_| self.expire_in.0 > 0);
        let access =
            access.ok_or_else(|| Error::Temporary("the answer has no token".to_owned()))?;
        let refresh = self.refresh_token.clone().some().map(SecretString::from);
        Ok(Token {
            access: SecretString::from(access),
            renewable_until: refresh.as_ref().map(|_| call.now.plus(REFRESH_HOLDS)),
            refresh,
            expires_at: call.now.plus(Span::seconds(self.expire_in.0)),
        })
    }
}
