//! How a seller lets this hub in, where the channel asks the seller in the browser.
//!
//! The hub sends the browser to the channel's page; there the seller consents, and the channel sends the
//! browser back with a code, which is exchanged for tokens. Who asked is known by the state, which comes
//! back with the code: the hub makes it, binds it to who asked, and takes it once.

use std::collections::BTreeMap;

use async_trait::async_trait;
use dermaga_domain::time::Time;
use secrecy::SecretString;

use crate::{Call, Credentials, Error, Token};

/// What the channel's page is asked with.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The address the browser is to come back to: `https://host/consent`, without a slash at its end.
    /// With the state as a query parameter `state` or as one more part of its path, it is taken.
    pub back: &'a str,
    /// What comes back with the answer: once, and hard to guess; letters and digits.
    pub state: &'a str,
    /// The present.
    pub now: Time,
}

/// The query parameters the browser came back with, the state left out.
pub type Returned = BTreeMap<String, String>;

/// The last part of the path that browsers come back to.
pub const BACK: &str = "consent";
/// The query parameter in which a channel brings the state back, unless it was in the path.
pub const STATE: &str = "state";

/// Reads an address that a browser came back to: the state, and what came with it. None if it has no
/// state.
#[must_use]
pub fn came_back(address: &str) -> Option<(String, Returned)> {
    let url = reqwest::Url::parse(address).ok()?;
    let mut returned: Returned = url.query_pairs().into_owned().collect();
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    let in_path = last.filter(|last| *last != BACK).map(str::to_owned);
    let state = returned.remove(STATE).or(in_path).filter(|state| !state.is_empty())?;
    Some((state, returned))
}

/// What a seller's consent gave.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// The token of the whole connection, where [`Capabilities::token_scope`] is the connection.
    ///
    /// [`Capabilities::token_scope`]: crate::Capabilities::token_scope
    pub token: Option<Token>,
    /// The shops that may be spoken for.
    pub shops: Vec<GrantedShop>,
}

/// A shop that a seller's consent opens.
#[derive(Debug, Clone)]
pub struct GrantedShop {
    /// The channel's id of it.
    pub channel_shop_id: String,
    /// What the channel calls it; empty if it does not say.
    pub name: String,
    /// What requests for it carry besides its id, as some channels want; [`Call::shop_key`] hands it
    /// back.
    pub key: Option<SecretString>,
    /// Its own token, where [`Capabilities::token_scope`] is the shop.
    ///
    /// [`Capabilities::token_scope`]: crate::Capabilities::token_scope
    pub token: Option<Token>,
}

/// Asking a seller for consent.
#[async_trait]
pub trait Consent: Send + Sync {
    /// The address of the channel's page.
    ///
    /// # Errors
    /// [`Error::AuthRefused`] when what was entered makes no address.
    fn page(&self, credentials: &Credentials, asked: &Asked<'_>) -> Result<String, Error>;

    /// Exchanges what the browser brought back.
    ///
    /// # Errors
    /// [`Error::ConsentNeeded`] when the seller refused, or the code is used, too old or another's.
    async fn exchange(&self, call: &Call<'_>, returned: &Returned) -> Result<Grant, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_found_where_a_channel_put_it() {
        let code = Returned::from([("code".to_owned(), "a b".to_owned())]);
        for address in [
            "https://hub.example.test/consent?code=a+b&state=5e",
            "http://[::1]/consent/5e?code=a%20b",
        ] {
            assert_eq!(came_back(address), Some(("5e".to_owned(), code.clone())), "{address}");
        }
        for address in ["https://hub.example.test/consent?code=a", "5e", "https://h.test/?state="] {
            assert_eq!(came_back(address), None, "{address}");
        }
    }
}
