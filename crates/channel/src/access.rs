//! What a call to a channel is made with.

use std::collections::BTreeMap;
use std::fmt;

use dermaga_domain::time::Time;
use secrecy::{ExposeSecret, SecretString};

use crate::http::Http;

/// What a person entered to connect, by field name. Never printed.
#[derive(Clone, Default)]
pub struct Credentials(BTreeMap<String, SecretString>);

impl Credentials {
    /// Credentials of these fields.
    pub fn new<K: Into<String>, V: Into<String>>(fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let sealed = |(name, value): (K, V)| (name.into(), SecretString::from(value.into()));
        Self(fields.into_iter().map(sealed).collect())
    }

    /// A field's value; empty if it was not entered.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.expose_secret())
    }

    /// The names of the fields that were entered.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish_non_exhaustive()
    }
}

/// A token of a channel.
#[derive(Clone)]
pub struct Token {
    /// What requests carry.
    pub access: SecretString,
    /// What renews it, where the channel has such a thing. Some channels take each but once.
    pub refresh: Option<SecretString>,
    /// When it ends.
    pub expires_at: Time,
    /// When it can no longer be renewed, so that the seller must consent anew; none = never, or not
    /// told.
    pub renewable_until: Option<Time>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Everything one call needs; made anew for each.
#[derive(Debug)]
pub struct Call<'a> {
    /// What was entered to connect.
    pub credentials: &'a Credentials,
    /// The channel's id of the shop that is spoken for; none for calls of the whole connection.
    pub channel_shop_id: Option<&'a str>,
    /// What the channel wants to be told of the shop besides its id ([`GrantedShop::key`]).
    ///
    /// [`GrantedShop::key`]: crate::GrantedShop::key
    pub shop_key: Option<&'a str>,
    /// The current token; none when asking for one.
    pub token: Option<&'a Token>,
    /// The way out: paces, times out, and keeps every exchange for the transmit log.
    pub http: &'a Http,
    /// The present.
    pub now: Time,
}

impl Call<'_> {
    /// The token to send; asking without one is answered like an expired one.
    ///
    /// # Errors
    /// [`crate::Error::AuthExpired`] when there is none.
    pub fn bearer(&self) -> Result<&str, crate::Error> {
        self.token.map(|token| token.access.expose_secret()).ok_or(crate::Error::AuthExpired)
    }
}
