//! How a seller lets the hub in: a page of the channel's, a code, a token.
//!
//! The token speaks for one seller account. An account sells in one country, or (cross-border) in
//! several: then one token speaks for all of its shops, and each shop is granted with its country, which
//! decides where its requests go.

use async_trait::async_trait;
use dermaga_channel::{
    Asked, Call, Consent, Credentials, Error, Grant, GrantedShop, Returned, Token,
};
use dermaga_domain::time::{Span, Time};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{self, app};
use super::hosts;
use super::sign::{self, Params};
use super::wire::{Text, read_object};

const CREATE: &str = "/auth/token/create";
const REFRESH: &str = "/auth/token/refresh";

/// The channel's consent.
pub(super) struct Page;

#[async_trait]
impl Consent for Page {
    fn page(&self, credentials: &Credentials, asked: &Asked<'_>) -> Result<String, Error> {
        let (key, _) = app(credentials)?;
        let params: Params = [
            ("response_type", "code"),
            // Asks for the account each time, whoever is logged in.
            ("force_auth", "true"),
            // Exactly as it is registered with the app.
            ("redirect_uri", asked.back),
            ("client_id", key),
            ("state", asked.state),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into();
        let place = hosts::of_tokens(credentials);
        Ok(format!("{place}/oauth/authorize?{}", sign::encoded(&params)))
    }

    async fn exchange(&self, call: &Call<'_>, returned: &Returned) -> Result<Grant, Error> {
        let code = returned.get("code").map(|code| code.trim()).filter(|code| !code.is_empty());
        let Some(code) = code else {
            let said = returned.get("error").map_or("no_code", String::as_str);
            return Err(needed(said, "the seller did not let the hub in"));
        };
        let answer = client::ask_tokens(call, CREATE, &[("code", code)]).await?;
        let granted = Granted::read(&answer)?;
        let token = granted.token(call.now, None)?;
        let shops = granted.shops(&token);
        if shops.is_empty() {
            return Err(needed("country", "the channel named no shop of a country that is known"));
        }
        Ok(Grant { token: None, shops })
    }
}

fn needed(code: &str, message: &str) -> Error {
    Error::ConsentNeeded { code: code.to_owned(), message: message.to_owned() }
}

/// Renews the token of a call.
pub(super) async fn renew(call: &Call<'_>) -> Result<Token, Error> {
    app(call.credentials)?;
    let Some(refresh) = client::renewing(call) else {
        return Err(needed("no_refresh_token", "there is nothing to renew the token with"));
    };
    let answer = client::ask_tokens(call, REFRESH, &[("refresh_token", refresh)]).await?;
    let until = call.token.and_then(|token| token.renewable_until);
    Granted::read(&answer)?.token(call.now, until)
}

/// The answer of both endpoints.
#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    access_token: Text,
    #[serde(default)]
    refresh_token: Text,
    /// Seconds from now.
    #[serde(default)]
    expires_in: Text,
    /// Seconds from now; 0 where the app may not renew.
    #[serde(default)]
    refresh_expires_in: Text,
    /// The same list has another name when a token is renewed.
    #[serde(default, alias = "country_user_info_list")]
    country_user_info: Vec<OfCountry>,
}

#[derive(Deserialize)]
struct OfCountry {
    #[serde(default)]
    country: Text,
    #[serde(default)]
    seller_id: Text,
    #[serde(default)]
    short_code: Text,
}

impl Granted {
    fn read(answer: &RawValue) -> Result<Self, Error> {
        // Nothing was lost by it: asking again is all that can be done.
        read_object("token", answer.get().as_bytes())
            .map_err(|error| Error::Temporary(error.to_string()))
    }

    /// The token. Its renewal does not prolong the time in which it can be renewed, whatever the answer
    /// says: `until` is what was told first.
    fn token(&self, now: Time, until: Option<Time>) -> Result<Token, Error> {
        let seconds = |text: &Text| text.0.parse().ok().filter(|&seconds: &i64| seconds >= 0);
        let unreadable = || Error::Temporary("the token cannot be read".to_owned());
        if self.access_token.0.is_empty() {
            return Err(unreadable());
        }
        let lives = seconds(&self.expires_in).ok_or_else(unreadable)?;
        let told = seconds(&self.refresh_expires_in).map(|left| now.plus(Span::seconds(left)));
        let refresh = self.refresh_token.clone().some().filter(|_| told != Some(now));
        Ok(Token {
            access: SecretString::from(self.access_token.0.clone()),
            refresh: refresh.map(SecretString::from),
            expires_at: now.plus(Span::seconds(lives)),
            renewable_until: [told, until].into_iter().flatten().min(),
        })
    }

    /// The shops that the token speaks for, of the countries that are known.
    fn shops(&self, token: &Token) -> Vec<GrantedShop> {
        let known = self
            .country_user_info
            .iter()
            .filter(|shop| hosts::host(&shop.country.0).is_some() && !shop.seller_id.0.is_empty());
        known
            .map(|shop| GrantedShop {
                channel_shop_id: shop.seller_id.0.clone(),
                name: shop.short_code.0.clone(),
                key: Some(SecretString::from(shop.country.0.to_ascii_lowercase())),
                token: Some(token.clone()),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const NOW: Time = Time::from_seconds(1_795_140_000);

    fn granted(list: &str, refresh_seconds: i64) -> Granted {
        let info = r#"[{"country":"ID","user_id":"9","seller_id":"1009990001","short_code":"ID1DEMO0"},
            {"country":"sg","user_id":"9","seller_id":1009990002,"short_code":"SG1DEMO0"},
            {"country":"xx","seller_id":"3"}]"#;
        let json = format!(
            r#"{{"access_token":"a","refresh_token":"r","expires_in":604800,
               "refresh_expires_in":{refresh_seconds},"country":"cb","{list}":{info},"code":"0"}}"#
        );
        read_object("token", json.as_bytes()).unwrap()
    }

    #[test]
    fn one_token_opens_a_shop_of_each_country_under_both_names_of_the_list() {
        for list in ["country_user_info", "country_user_info_list"] {
            let granted = granted(list, 1_209_600);
            let token = granted.token(NOW, None).unwrap();
            assert_eq!(token.expires_at, NOW.plus(Span::days(7)));
            assert_eq!(token.renewable_until, Some(NOW.plus(Span::days(14))));
            let shops: Vec<(String, String)> = granted
                .shops(&token)
                .into_iter()
                .map(|shop| {
                    assert_eq!(shop.token.unwrap().access.expose_secret(), "a");
                    (shop.channel_shop_id, shop.key.unwrap().expose_secret().to_owned())
                })
                .collect();
            let wanted = [("1009990001", "id"), ("1009990002", "sg")];
            assert_eq!(shops, wanted.map(|(id, country)| (id.to_owned(), country.to_owned())));
        }
    }

    #[test]
    fn a_renewal_does_not_prolong_the_time_in_which_it_can_be_renewed() {
        let first = NOW.plus(Span::days(10));
        let token = granted("country_user_info_list", 1_209_600).token(NOW, Some(first)).unwrap();
        assert_eq!(token.renewable_until, Some(first));
        let earlier = granted("country_user_info_list", 60).token(NOW, Some(first)).unwrap();
        assert_eq!(earlier.renewable_until, Some(NOW.plus(Span::minutes(1))));
        let never = granted("country_user_info", 0).token(NOW, None).unwrap();
        assert!(never.refresh.is_none());
        assert_eq!(never.renewable_until, Some(NOW));
    }
}
