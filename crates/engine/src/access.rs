//! Access to a channel: credentials, tokens renewed once for all who wait, and one repeated try.

use std::sync::Arc;

use dermaga_channel::http::{Exchange, Http};
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command, Credentials, Done, Error as ChannelError,
    Fetched, ListingPage, Scope, Token,
};
use dermaga_domain::id::{ConnectionId, OrgId, ShopId};
use dermaga_domain::time::{Span, Time};
use dermaga_store::{Aim, Connection, NewExchange, Secret};
use secrecy::ExposeSecret as _;

use crate::engine::Engine;
use crate::error::{Error, Result, channel_code};
use crate::tokens::Tokens;

/// How long one node may take to renew a token before another tries.
const RENEWAL_LEASE: Span = Span::seconds(30);
/// How long nobody tries again to renew a token ahead of time.
const AHEAD_PAUSE: Span = Span::minutes(5);

/// What is asked of a channel.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Changes(Changes),
    Orders(Vec<String>),
    Listings(Option<String>),
    Command(Command),
}

impl Ask {
    /// At whose pace it is asked. A registration of webhooks that all shops of a connection share is
    /// looked at by each of them: what one is told to leave alone the others leave alone.
    const fn pace(&self, can: &Capabilities) -> Scope {
        match self {
            Self::Command(
                Command::RegisterWebhooks { .. }
                | Command::WatchWebhooks { .. }
                | Command::RemoveWebhooks { .. },
            ) if matches!(can.webhook_scope, Scope::Connection) => Scope::Connection,
            Self::Changes(_) | Self::Orders(_) | Self::Listings(_) | Self::Command(_) => {
                can.rate_scope
            }
        }
    }

    /// What it is after, as the transmit log names it.
    fn aim(&self, attempt: i64) -> Aim {
        let aim = Aim { attempt, ..Aim::default() };
        match self {
            Self::Changes(Changes { from, to, page, .. }) => {
                Aim { window: Some((*from, *to)), page: page.clone(), ..aim }
            }
            Self::Orders(ids) => match &ids[..] {
                [only] => Aim { order: Some(only.clone()), ..aim },
                _ => aim,
            },
            Self::Listings(page) => Aim { page: page.clone(), ..aim },
            Self::Command(Command::Order(command)) => {
                Aim { order: Some(command.channel_order_id.clone()), ..aim }
            }
            Self::Command(_) => aim,
        }
    }
}

/// What the channel said.
#[derive(Debug)]
pub(crate) enum Told {
    Fetched(Fetched),
    Listings(ListingPage),
    Done(Done),
}

/// A way to one connection, for one shop of it or none in particular.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) org: OrgId,
    pub(crate) connection: ConnectionId,
    pub(crate) shop: Option<ShopId>,
    pub(crate) channel_shop_id: Option<String>,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) credentials: Credentials,
    pub(crate) tokens: Tokens,
    pub(crate) in_trouble: bool,
    /// Which try of what is asked it is, from 1.
    pub(crate) attempt: i64,
}

impl Access {
    fn token(&self) -> Option<&Token> {
        let scope = self.channel.capabilities().token_scope;
        self.tokens.of(scope, self.channel_shop_id.as_deref())
    }

    fn call<'a>(&'a self, token: Option<&'a Token>, http: &'a Http, now: Time) -> Call<'a> {
        Call {
            credentials: &self.credentials,
            channel_shop_id: self.channel_shop_id.as_deref(),
            shop_key: self.tokens.key(self.channel_shop_id.as_deref()),
            token,
            http,
            now,
        }
    }
}

/// What was entered for a connection.
pub(crate) fn credentials(secret: &Secret) -> Result<Credentials> {
    let fields: std::collections::BTreeMap<String, String> = serde_json::from_str(&secret.0)
        .map_err(|_| Error::Refused("the stored credentials cannot be read".to_owned()))?;
    Ok(Credentials::new(fields))
}

impl Engine {
    /// A way to a connection.
    pub(crate) async fn access(
        &self,
        org: OrgId,
        connection: ConnectionId,
        shop: Option<(ShopId, &str)>,
    ) -> Result<Access> {
        let found = self.store().connections(org, Some(connection)).await?;
        let found = found.into_iter().next().ok_or(dermaga_store::Error::NotFound("connection"))?;
        self.access_of(org, &found, shop)
    }

    pub(crate) fn access_of(
        &self,
        org: OrgId,
        connection: &Connection,
        shop: Option<(ShopId, &str)>,
    ) -> Result<Access> {
        let channel = self.channel(&connection.channel)?;
        let tokens = Tokens::read(connection.token.as_ref());
        // Where each shop has its own token, what is asked for all of them is asked in the name of one.
        let any = || match channel.capabilities().token_scope {
            Scope::Shop => tokens.first_shop(),
            Scope::Connection => None,
        };
        Ok(Access {
            org,
            connection: connection.id,
            shop: shop.map(|(id, _)| id),
            channel_shop_id: shop.map(|(_, name)| name).or_else(any).map(str::to_owned),
            channel: Arc::clone(channel),
            credentials: credentials(&connection.credentials)?,
            tokens,
            in_trouble: connection.trouble.is_some(),
            attempt: 1,
        })
    }

    /// A way out at the pace of the shop, or of the connection.
    fn http(&self, access: &Access, scope: Scope) -> Http {
        let scope = match (scope, access.shop) {
            (Scope::Shop, Some(shop)) => shop.0,
            _ => access.connection.0,
        };
        let rates = self.rates(access.channel.as_ref());
        Http::new(self.client().clone(), self.pacer(scope), rates, self.clock())
    }

    /// Asks, renewing the token first if it has ended, and once more if the channel says it has.
    /// Gives the exchanges whatever came of it; those that together brought one message name it.
    pub(crate) async fn ask(
        &self,
        access: &mut Access,
        ask: &Ask,
    ) -> (Result<Told, ChannelError>, Vec<NewExchange>) {
        let http = self.http(access, ask.pace(access.channel.capabilities()));
        // Tokens are asked for in the app's name, whichever shop needs one.
        let renewing = self.http(access, Scope::Connection);
        self.renew_ahead(access, &renewing).await;
        let mut before = renewing.take_exchanges();
        let mut result = self.ask_once(access, &http, ask).await;
        if matches!(result, Err(ChannelError::AuthExpired)) {
            before.extend(http.take_exchanges());
            let renewed = self.renew(access, &renewing).await;
            before.extend(renewing.take_exchanges());
            result = match renewed {
                Ok(()) => self.ask_once(access, &http, ask).await,
                Err(error) => Err(error),
            };
        }
        if let Err(error) = &result {
            log_failure(Some(access), error);
        }
        self.note_trouble(access, result.as_ref().err()).await;
        let aim = ask.aim(access.attempt);
        let stored = |exchange| NewExchange { aim: aim.clone(), ..stored_exchange(exchange) };
        let mut exchanges: Vec<NewExchange> =
            http.take_exchanges().into_iter().map(stored).collect();
        if let Ok(Told::Fetched(fetched)) = &result
            && fetched.messages.len() == 1
        {
            exchanges.iter_mut().for_each(|exchange| exchange.brought = Some(0));
        }
        (result, before.into_iter().map(stored).chain(exchanges).collect())
    }

    async fn ask_once(
        &self,
        access: &Access,
        http: &Http,
        ask: &Ask,
    ) -> Result<Told, ChannelError> {
        let now = self.now();
        let token = access.token().filter(|token| token.expires_at > now);
        if token.is_none() {
            return Err(ChannelError::AuthExpired);
        }
        let call = access.call(token, http, now);
        let channel = &access.channel;
        match ask {
            Ask::Changes(changes) => channel.list_changes(&call, changes).await.map(Told::Fetched),
            Ask::Orders(ids) => channel.fetch_orders(&call, ids).await.map(Told::Fetched),
            Ask::Listings(page) => {
                channel.list_listings(&call, page.as_deref()).await.map(Told::Listings)
            }
            Ask::Command(command) => channel.execute(&call, command).await.map(Told::Done),
        }
    }

    /// Renews the token soon before it ends, while it still holds: should that fail, there is time to try
    /// again, and to call for a person. Nobody waits for another who does it.
    async fn renew_ahead(&self, access: &mut Access, http: &Http) {
        let (now, margin) = (self.now(), access.channel.capabilities().token_margin);
        let ends_soon =
            |token: &Token| token.expires_at > now && token.expires_at <= now.plus(margin);
        if !access.token().is_some_and(ends_soon) {
            return;
        }
        let lock = self.renewal(access.connection);
        let Ok(mut tried) = lock.try_lock() else { return };
        if tried.is_some_and(|at| now < at.plus(AHEAD_PAUSE)) {
            return;
        }
        *tried = Some(now);
        if let Err(error) = self.renew_alone(access, http).await {
            log_failure(Some(access), &error);
        }
    }

    /// Renews the token: one at a time in this process, and one node at a time. Who waited takes what
    /// the first one stored.
    async fn renew(&self, access: &mut Access, http: &Http) -> Result<(), ChannelError> {
        let lock = self.renewal(access.connection);
        let _alone = lock.lock().await;
        self.renew_alone(access, http).await
    }

    async fn renew_alone(&self, access: &mut Access, http: &Http) -> Result<(), ChannelError> {
        let passing = |error: &dyn std::fmt::Display| ChannelError::Temporary(error.to_string());
        let name = format!("token:{}", access.connection.0);
        let lease = self
            .store()
            .take_lease(access.org, &name, self.holder(), RENEWAL_LEASE)
            .await
            .map_err(|error| passing(&error))?;
        let renewed = self.renew_under(access, http, lease.is_some()).await;
        // Also when it failed: the next who asks shall hear the channel's reason, not ours.
        if let Some(lease) = lease {
            self.store().end_lease(access.org, &lease).await.map_err(|error| passing(&error))?;
        }
        renewed
    }

    async fn renew_under(
        &self,
        access: &mut Access,
        http: &Http,
        ours: bool,
    ) -> Result<(), ChannelError> {
        let passing = |error: &dyn std::fmt::Display| ChannelError::Temporary(error.to_string());
        let spoken = |token: &Token| token.access.expose_secret().to_owned();
        let ended = access.token().map(spoken);
        let stored = self
            .store()
            .connections(access.org, Some(access.connection))
            .await
            .map_err(|error| passing(&error))?;
        access.tokens = Tokens::read(stored.first().and_then(|found| found.token.as_ref()));
        let now = self.now();
        let is_fresh = |token: &Token| Some(spoken(token)) != ended && token.expires_at > now;
        if access.token().is_some_and(is_fresh) {
            return Ok(());
        }
        if !ours {
            return Err(ChannelError::Temporary("another node renews the token".to_owned()));
        }
        let renewed = access.channel.authorise(&access.call(access.token(), http, now)).await?;
        let scope = access.channel.capabilities().token_scope;
        access.tokens.put(scope, access.channel_shop_id.as_deref(), renewed);
        let kept = self.keep_tokens(access.org, access.connection, &access.tokens).await;
        kept.map_err(|error| passing(&error))
    }

    /// Keeps on the connection why it does not work, and that it works again.
    async fn note_trouble(&self, access: &mut Access, error: Option<&ChannelError>) {
        let code = match error {
            None => None,
            Some(
                error @ (ChannelError::AuthExpired
                | ChannelError::AuthRefused { .. }
                | ChannelError::ConsentNeeded { .. }
                | ChannelError::Temporary(_)),
            ) => channel_code(error),
            Some(_) => return,
        };
        if code.is_none() && !access.in_trouble {
            return;
        }
        access.in_trouble = code.is_some();
        let noted = self.store().set_trouble(access.org, access.connection, code).await;
        if let Err(error) = noted {
            tracing::warn!(error = %error, "trouble of a connection could not be noted");
        }
    }
}

/// The one line of a call that did not go well, in our words: the channel's may repeat what was sent.
pub(crate) fn log_failure(access: Option<&Access>, error: &ChannelError) {
    let connection = access.map(|access| tracing::field::display(access.connection));
    let shop = access.and_then(|access| access.shop).map(tracing::field::display);
    let (outcome, code, error) = (error.name(), channel_code(error), error.brief());
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                exchange.outcome = outcome,
                connection.id = connection,
                shop.id = shop,
                code,
                error,
                "the channel does not answer as it should"
            )
        };
    }
    match outcome {
        // An order that the channel does not show, and a rate that is kept by waiting, are everyday.
        "not_found" | "rate_limited" => line!(debug),
        _ => line!(warn),
    }
}

/// Counts an exchange, and gives it as it is kept.
pub(crate) fn stored_exchange(exchange: Exchange) -> NewExchange {
    metrics::counter!(
        "dermaga_exchanges_total",
        "interface" => exchange.interface, "outcome" => exchange.outcome
    )
    .increment(1);
    NewExchange {
        interface: exchange.interface.to_owned(),
        request: exchange.request,
        status: exchange.status,
        outcome: exchange.outcome.to_owned(),
        at: exchange.at,
        duration_us: exchange.duration_us,
        brought: None,
        answer: exchange.answer.map(|body| body.to_vec()),
        aim: Aim::default(),
    }
}
