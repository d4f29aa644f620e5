//! The tokens of a connection, in their stored form: its own and those of its shops.

use std::collections::BTreeMap;

use dermaga_channel::{Grant, Scope, Token};
use dermaga_domain::id::{ConnectionId, OrgId};
use dermaga_domain::time::Time;
use dermaga_store::{KeptToken, Secret};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::{Error, Result};

/// What a connection may speak with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    shared: Option<Token>,
    shops: BTreeMap<String, OfShop>,
}

#[derive(Debug, Clone, Default)]
struct OfShop {
    name: String,
    key: Option<SecretString>,
    token: Option<Token>,
}

impl Tokens {
    /// What is stored; nothing if it cannot be read, so that it is asked for anew.
    pub(crate) fn read(stored: Option<&Secret>) -> Self {
        let stored: Option<Stored> = stored.and_then(|stored| serde_json::from_str(&stored.0).ok());
        stored.map(Self::from).unwrap_or_default()
    }

    /// Its stored form.
    pub(crate) fn written(&self) -> Result<Secret> {
        serde_json::to_string(&Stored::from(self))
            .map(Secret)
            .map_err(|_| Error::Refused("the tokens cannot be written".to_owned()))
    }

    /// The one that speaks for a shop, or for the connection.
    pub(crate) fn of(&self, scope: Scope, channel_shop_id: Option<&str>) -> Option<&Token> {
        match scope {
            Scope::Connection => self.shared.as_ref(),
            Scope::Shop => self.shops.get(channel_shop_id?)?.token.as_ref(),
        }
    }

    /// A shop that can be spoken for.
    pub(crate) fn first_shop(&self) -> Option<&str> {
        self.shops.iter().find(|(_, shop)| shop.token.is_some()).map(|(id, _)| id.as_str())
    }

    /// What requests for a shop carry besides its id.
    pub(crate) fn key(&self, channel_shop_id: Option<&str>) -> Option<&str> {
        let key = self.shops.get(channel_shop_id?)?.key.as_ref()?;
        Some(key.expose_secret())
    }

    /// Puts a renewed one in the place of the old.
    pub(crate) fn put(&mut self, scope: Scope, channel_shop_id: Option<&str>, token: Token) {
        match (scope, channel_shop_id) {
            (Scope::Shop, Some(id)) => {
                self.shops.entry(id.to_owned()).or_default().token = Some(token);
            }
            (Scope::Connection | Scope::Shop, _) => self.shared = Some(token),
        }
    }

    /// The shops that the seller's consent opened: their ids, and what the channel calls them.
    pub(crate) fn shops(&self) -> impl Iterator<Item = (&str, &str)> {
        self.shops.iter().map(|(id, shop)| (id.as_str(), shop.name.as_str()))
    }

    fn all(&self) -> impl Iterator<Item = &Token> {
        self.shared.iter().chain(self.shops.values().filter_map(|shop| shop.token.as_ref()))
    }

    /// When the first of them ends: there is none = now.
    pub(crate) fn first_end(&self) -> Option<Time> {
        self.all().map(|token| token.expires_at).min()
    }

    /// When the first of them can no longer be renewed; none = that is not known.
    pub(crate) fn renewable_until(&self) -> Option<Time> {
        self.all().filter_map(|token| token.renewable_until).min()
    }
}

impl Engine {
    /// Keeps the renewed tokens of a connection; its trouble is over.
    pub(crate) async fn keep_tokens(
        &self,
        org: OrgId,
        connection: ConnectionId,
        tokens: &Tokens,
    ) -> Result<()> {
        Ok(self.store().set_token(org, connection, &self.kept(tokens)?).await?)
    }

    /// Tokens as the store keeps them.
    pub(crate) fn kept(&self, tokens: &Tokens) -> Result<KeptToken> {
        Ok(KeptToken {
            text: tokens.written()?,
            expires_at: tokens.first_end().unwrap_or(self.now()),
            renewable_until: tokens.renewable_until(),
        })
    }
}

impl From<Token> for Tokens {
    fn from(token: Token) -> Self {
        Self { shared: Some(token), shops: BTreeMap::new() }
    }
}

impl From<Grant> for Tokens {
    fn from(grant: Grant) -> Self {
        let shops = grant.shops.into_iter().map(|shop| {
            let of = OfShop { name: shop.name, key: shop.key, token: shop.token };
            (shop.channel_shop_id, of)
        });
        Self { shared: grant.token, shops: shops.collect() }
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    shared: Option<StoredToken>,
    shops: BTreeMap<String, StoredShop>,
}

#[derive(Serialize, Deserialize)]
struct StoredShop {
    name: String,
    key: Option<String>,
    token: Option<StoredToken>,
}

#[derive(Serialize, Deserialize)]
struct StoredToken {
    access: String,
    refresh: Option<String>,
    expires_at: i64,
    renewable_until: Option<i64>,
}

fn exposed(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

impl From<&Token> for StoredToken {
    fn from(token: &Token) -> Self {
        Self {
            access: token.access.expose_secret().to_owned(),
            refresh: exposed(token.refresh.as_ref()),
            expires_at: token.expires_at.0,
            renewable_until: token.renewable_until.map(|at| at.0),
        }
    }
}

impl From<StoredToken> for Token {
    fn from(stored: StoredToken) -> Self {
        Self {
            access: stored.access.into(),
            refresh: stored.refresh.map(SecretString::from),
            expires_at: Time(stored.expires_at),
            renewable_until: stored.renewable_until.map(Time),
        }
    }
}

impl From<&Tokens> for Stored {
    fn from(tokens: &Tokens) -> Self {
        let shops = tokens.shops.iter().map(|(id, shop)| {
            let stored = StoredShop {
                name: shop.name.clone(),
                key: exposed(shop.key.as_ref()),
                token: shop.token.as_ref().map(StoredToken::from),
            };
            (id.clone(), stored)
        });
        Self { shared: tokens.shared.as_ref().map(StoredToken::from), shops: shops.collect() }
    }
}

impl From<Stored> for Tokens {
    fn from(stored: Stored) -> Self {
        let shops = stored.shops.into_iter().map(|(id, shop)| {
            let of = OfShop {
                name: shop.name,
                key: shop.key.map(SecretString::from),
                token: shop.token.map(Token::from),
            };
            (id, of)
        });
        Self { shared: stored.shared.map(Token::from), shops: shops.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dermaga_channel::GrantedShop;

    fn token(access: &str, expires_at: i64) -> Token {
        Token {
            access: access.to_owned().into(),
            refresh: Some(format!("again {access}").into()),
            expires_at: Time(expires_at),
            renewable_until: Some(Time(expires_at * 10)),
        }
    }

    fn access(token: Option<&Token>) -> Option<&str> {
        token.map(|token| token.access.expose_secret())
    }

    #[test]
    fn each_shop_keeps_its_own_through_the_store() {
        let shop = |id: &str, ends| GrantedShop {
            channel_shop_id: id.to_owned(),
            name: format!("shop {id}"),
            key: Some(format!("key {id}").into()),
            token: Some(token(id, ends)),
        };
        let grant = Grant { token: None, shops: vec![shop("7", 70), shop("8", 60)] };
        let mut tokens = Tokens::read(Some(&Tokens::from(grant).written().unwrap()));
        assert_eq!(access(tokens.of(Scope::Shop, Some("8"))), Some("8"));
        assert_eq!(access(tokens.of(Scope::Shop, Some("9"))), None);
        assert_eq!((tokens.first_shop(), access(tokens.of(Scope::Shop, None))), (Some("7"), None));
        assert_eq!(access(tokens.of(Scope::Connection, Some("8"))), None);
        assert_eq!(tokens.key(Some("7")), Some("key 7"));
        assert_eq!(tokens.first_end(), Some(Time(60)));
        assert_eq!(tokens.renewable_until(), Some(Time(600)));
        assert_eq!(tokens.shops().collect::<Vec<_>>(), [("7", "shop 7"), ("8", "shop 8")]);

        tokens.put(Scope::Shop, Some("8"), token("new", 90));
        assert_eq!(access(tokens.of(Scope::Shop, Some("8"))), Some("new"));
        assert_eq!(access(tokens.of(Scope::Shop, Some("7"))), Some("7"));
        assert_eq!(tokens.key(Some("8")), Some("key 8"));
    }

    #[test]
    fn what_cannot_be_read_is_asked_for_anew() {
        assert!(Tokens::read(None).first_end().is_none());
        let old = Secret(r#"{"access":"a","refresh":null,"expires_at":5}"#.to_owned());
        assert!(Tokens::read(Some(&old)).first_end().is_none());
    }
}
