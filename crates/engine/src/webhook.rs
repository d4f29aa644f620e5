//! Webhooks: verify, keep, and only then say 200. Nothing else happens here.
//!
//! Whatever becomes of one, it is counted once and has one line in the log: its outcome and whose it
//! was, never what it said.

use std::sync::Arc;

use bytes::Bytes;
use dermaga_channel::{Channel, ShopNamed, Webhook};
use dermaga_domain::id::{ConnectionId, OrgId, ShopId};
use dermaga_domain::planted::{Bug, heard_before, planted};
use http::HeaderMap;

use crate::access::credentials;
use crate::engine::Engine;

/// What became of a webhook; each is counted by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Kept.
    Kept,
    /// Kept before; it will be looked at again.
    Repeated,
    /// Kept, although it cannot be read: it becomes a dead letter.
    Malformed,
    /// It only asked whether somebody listens: not kept.
    Greeted,
    /// Signed, but for a shop that is not connected: not kept.
    UnknownShop,
    /// Nothing listens at this address.
    UnknownRoute,
    /// Not signed by the channel: not kept.
    BadSignature,
    /// Not kept: come again.
    Busy {
        /// When, in milliseconds.
        retry_after_ms: u64,
    },
    /// Not kept: the disk is full, or the database is in trouble. Come again.
    Full,
    /// Larger than is taken: not read.
    TooLarge,
    /// Packed, which no channel does: not read.
    Encoded,
    /// The sender left before the end.
    BrokenOff,
}

impl Received {
    /// The name under which it is counted.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Repeated => "repeated",
            Self::Malformed => "malformed",
            Self::Greeted => "greeted",
            Self::UnknownShop => "unknown_shop",
            Self::UnknownRoute => "unknown_route",
            Self::BadSignature => "bad_signature",
            Self::Busy { .. } => "busy",
            Self::Full => "full",
            Self::TooLarge => "too_large",
            Self::Encoded => "encoded",
            Self::BrokenOff => "broken_off",
        }
    }
}

/// Whose webhook it was, as far as it was found out, and what the database said.
#[derive(Default)]
struct Whose {
    connection: Option<ConnectionId>,
    shop: Option<ShopId>,
    error: Option<crate::Error>,
}

/// Where a webhook belongs, with what verifying it needs.
pub(crate) struct Route {
    pub(crate) org: OrgId,
    pub(crate) connection: ConnectionId,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) credentials: dermaga_channel::Credentials,
    /// The connection's shops: the channel's id and ours.
    pub(crate) shops: Vec<(String, ShopId)>,
}

impl Engine {
    /// Takes a webhook: the answer may be 2xx only for [`Received::Kept`], [`Received::Repeated`],
    /// [`Received::Malformed`], [`Received::UnknownShop`] and [`Received::Greeted`].
    pub async fn receive(
        &self,
        route: &str,
        kind: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Received {
        let mut whose = Whose::default();
        let received = self.take_in(route, kind, headers, body, &mut whose).await;
        note(received, &whose);
        received
    }

    /// Notes a webhook that was refused before its body was read.
    pub fn refuse(&self, route: &str, received: Received) {
        // Only what is at hand: who is refused unread shall cost nothing.
        let connection = self.routes().get(route).map(|route| route.connection);
        note(received, &Whose { connection, ..Whose::default() });
    }

    async fn take_in(
        &self,
        route: &str,
        kind: &str,
        headers: &HeaderMap,
        body: Bytes,
        whose: &mut Whose,
    ) -> Received {
        let route = match self.route(route).await {
            Ok(Some(route)) => route,
            Ok(None) => return Received::UnknownRoute,
            Err(error) => return not_kept(error, whose),
        };
        whose.connection = Some(route.connection);
        let webhook = Webhook { kind, headers, body: &body };
        if route.channel.is_greeting(&webhook) {
            return Received::Greeted;
        }
        if !route.channel.verify(&webhook, &route.credentials) {
            return Received::BadSignature;
        }
        let (shop, malformed) = match route.channel.shop_named(&webhook) {
            ShopNamed::Shop(named) => {
                match route.shops.iter().find(|(channel_id, _)| *channel_id == named) {
                    Some(&(_, shop)) => (Some(shop), false),
                    None => return Received::UnknownShop,
                }
            }
            ShopNamed::Only => (route.shops.first().map(|&(_, shop)| shop), false),
            ShopNamed::Nobody => (None, false),
            ShopNamed::Malformed => (None, true),
        };
        whose.shop = shop;
        if planted(Bug::DedupeByDeliveryId)
            && headers
                .get("x-delivery-id")
                .and_then(|id| id.to_str().ok())
                .is_some_and(heard_before)
        {
            return Received::Repeated;
        }
        let message = dermaga_store::Received {
            org: route.org,
            connection: route.connection,
            shop,
            kind: kind.to_owned(),
            body: body.to_vec(),
        };
        if planted(Bug::AckBeforeCommit) {
            let store = self.store().clone();
            drop(tokio::spawn(async move {
                // A buffer that is written every so often, as who answers early would have one.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                store.receive(message).await
            }));
            return Received::Kept;
        }
        match self.store().receive(message).await {
            Ok(_) if malformed => Received::Malformed,
            Ok((_, true)) => Received::Repeated,
            Ok((_, false)) => Received::Kept,
            Err(error) => not_kept(error.into(), whose),
        }
    }

    /// Finds where a webhook belongs; what was found is remembered until a shop changes.
    async fn route(&self, route: &str) -> crate::Result<Option<Arc<Route>>> {
        if let Some(known) = self.routes().get(route) {
            return Ok(Some(known));
        }
        let Some(found) = self.store().find_webhook_route(route).await? else { return Ok(None) };
        let Some(channel) = self.registry().find(&found.channel) else { return Ok(None) };
        let connections = self.store().connections(found.org, Some(found.connection)).await?;
        let Some(connection) = connections.into_iter().next() else { return Ok(None) };
        let shops = self.store().shops(found.org, None).await?;
        let found = Arc::new(Route {
            org: found.org,
            connection: found.connection,
            channel: Arc::clone(channel),
            credentials: credentials(&connection.credentials)?,
            shops: shops
                .into_iter()
                .filter(|shop| shop.connection == found.connection)
                .map(|shop| (shop.channel_shop_id, shop.id))
                .collect(),
        });
        self.routes().put(route, Arc::clone(&found));
        Ok(Some(found))
    }
}

fn not_kept(error: crate::Error, whose: &mut Whose) -> Received {
    use dermaga_store::{DatabaseError::Busy, Error::Database};
    let received = if let crate::Error::Store(Database(Busy { retry_after_ms })) = &error {
        Received::Busy { retry_after_ms: *retry_after_ms }
    } else {
        Received::Full
    };
    whose.error = Some(error);
    received
}

/// Counts what became of a webhook, and writes its line.
fn note(received: Received, whose: &Whose) {
    let outcome = received.name();
    metrics::counter!("dermaga_webhooks_total", "outcome" => outcome).increment(1);
    let connection = whose.connection.map(tracing::field::display);
    let shop = whose.shop.map(tracing::field::display);
    let error = whose.error.as_ref().map(tracing::field::display);
    macro_rules! line {
        ($level:ident, $text:literal) => {
            tracing::$level!(
                webhook.outcome = outcome,
                connection.id = connection,
                shop.id = shop,
                error,
                $text
            )
        };
    }
    match received {
        Received::Kept => line!(debug, "webhook kept"),
        Received::Greeted => line!(debug, "webhook that only asks if somebody listens"),
        // The dead letter that it becomes has the line that asks for a person.
        Received::Malformed => line!(debug, "webhook kept that cannot be read (DMG-0302)"),
        Received::Repeated => line!(info, "webhook kept before"),
        Received::UnknownShop => {
            line!(warn, "webhook for a shop that is not connected (DMG-0303)");
        }
        Received::UnknownRoute => line!(warn, "webhook to an address nobody listens at"),
        Received::BadSignature => line!(warn, "webhook refused: wrong signature (DMG-0301)"),
        Received::Busy { .. } => line!(error, "webhook not kept: too much at once (DMG-0606)"),
        Received::Full => line!(error, "webhook not kept: the database cannot write (DMG-0103)"),
        Received::TooLarge | Received::Encoded | Received::BrokenOff => {
            line!(warn, "webhook refused before it was read");
        }
    }
}
