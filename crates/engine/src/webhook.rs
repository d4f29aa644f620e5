//! Webhooks: verify, keep, and only then say 200. Nothing else happens here.

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
}

impl Received {
    /// The name under which it is counted.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Repeated => "repeated",
            Self::Malformed => "malformed",
            Self::UnknownShop => "unknown_shop",
            Self::UnknownRoute => "unknown_route",
            Self::BadSignature => "bad_signature",
            Self::Busy { .. } => "busy",
            Self::Full => "full",
        }
    }
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
    /// [`Received::Malformed`] and [`Received::UnknownShop`].
    pub async fn receive(
        &self,
        route: &str,
        kind: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Received {
        let received = self.take_in(route, kind, headers, body).await;
        metrics::counter!("dermaga_webhooks_total", "outcome" => received.name()).increment(1);
        received
    }

    async fn take_in(&self, route: &str, kind: &str, headers: &HeaderMap, body: Bytes) -> Received {
        let route = match self.route(route).await {
            Ok(Some(route)) => route,
            Ok(None) => return Received::UnknownRoute,
            Err(error) => return self.not_kept(&error),
        };
        let webhook = Webhook { kind, headers, body: &body };
        if !route.channel.verify(&webhook, &route.credentials) {
            tracing::warn!(connection.id = %route.connection, "webhook refused: wrong signature (DMG-0301)");
            return Received::BadSignature;
        }
        let (shop, malformed) = match route.channel.shop_named(&webhook) {
            ShopNamed::Shop(named) => {
                match route.shops.iter().find(|(channel_id, _)| *channel_id == named) {
                    Some(&(_, shop)) => (Some(shop), false),
                    None => {
                        tracing::warn!(connection.id = %route.connection, "webhook for a shop that is not connected (DMG-0303)");
                        return Received::UnknownShop;
                    }
                }
            }
            ShopNamed::Nobody => (None, false),
            ShopNamed::Malformed => (None, true),
        };
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
            drop(tokio::spawn(async move { store.receive(message).await }));
            return Received::Kept;
        }
        match self.store().receive(message).await {
            Ok(_) if malformed => Received::Malformed,
            Ok((_, true)) => Received::Repeated,
            Ok((_, false)) => Received::Kept,
            Err(error) => self.not_kept(&error.into()),
        }
    }

    fn not_kept(&self, error: &crate::Error) -> Received {
        tracing::error!(error = %error, "webhook not kept");
        if let crate::Error::Store(dermaga_store::Error::Database(
            dermaga_store::DatabaseError::Busy { retry_after_ms },
        )) = error
        {
            return Received::Busy { retry_after_ms: *retry_after_ms };
        }
        Received::Full
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
