//! Asking a seller, in the browser, whether this hub may speak for the shop.
//!
//! ```text
//!  ask_consent ──> the channel's page ──> the browser comes back with state and code ──> take_consent
//!      │ what was entered waits under the state's hash                   │ once, in the session that asked
//! ```

use dermaga_channel::{Asked, Channel, Consent, Grant, Returned};
use dermaga_domain::id::{ConnectionId, OrgId, SessionId};
use dermaga_store::command::Giver;
use dermaga_store::{AskedConsent, NewConnection, Secret};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};

use crate::access::credentials;
use crate::engine::Engine;
use crate::error::{Error, NotTaken, Result};
use crate::setup::{Connect, fields_text, missing, new_route, replaced};
use crate::tokens::Tokens;

/// Who asks without a browser's session: the command line.
pub const NO_SESSION: SessionId = SessionId(0);

/// A seller said yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consented {
    /// The connection that speaks for the seller's shops.
    pub connection: ConnectionId,
    /// Whether it was made now.
    pub is_new: bool,
}

/// A shop that a seller's consent opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedShop {
    /// The channel's id of it.
    pub channel_shop_id: String,
    /// What the channel calls it; empty if it does not say.
    pub name: String,
}

impl Engine {
    /// The address of the channel's page that asks a seller, for a connection that is made when the seller
    /// has said yes. `back` is where the browser is sent back to; the answer is taken in this session only.
    ///
    /// # Errors
    /// When something needed was not given, or the channel does not ask sellers.
    pub async fn ask_consent(
        &self,
        org: OrgId,
        session: SessionId,
        new: Connect,
        back: &str,
    ) -> Result<String> {
        let channel = self.channel(&new.channel)?;
        missing(channel.as_ref(), &new.fields)?;
        let asked = AskedConsent {
            session,
            connection: None,
            credentials: Secret(fields_text(&new.fields)?),
            channel: new.channel,
            name: new.name,
        };
        self.keep_asked(org, channel.as_ref(), asked, back).await
    }

    /// The same, for a connection that is there: its consent has ended or soon will, or it is to be made
    /// with other credentials, which are kept once the seller has said yes.
    ///
    /// # Errors
    /// As [`Engine::ask_consent`]; when there is no such connection.
    pub async fn ask_consent_again(
        &self,
        org: OrgId,
        session: SessionId,
        (connection, entered): (ConnectionId, &[(String, Secret)]),
        back: &str,
    ) -> Result<String> {
        let found = self.store().connections(org, Some(connection)).await?;
        let found = found.into_iter().next().ok_or(dermaga_store::Error::NotFound("connection"))?;
        let channel = self.channel(&found.channel)?;
        let fields = replaced(channel.as_ref(), &found, entered)?;
        missing(channel.as_ref(), &fields)?;
        let asked = AskedConsent {
            session,
            connection: Some(connection),
            credentials: Secret(fields_text(&fields)?),
            channel: found.channel,
            name: found.name,
        };
        self.keep_asked(org, channel.as_ref(), asked, back).await
    }

    async fn keep_asked(
        &self,
        org: OrgId,
        channel: &dyn Channel,
        asked: AskedConsent,
        back: &str,
    ) -> Result<String> {
        let mut random = [0_u8; 32];
        rand::rng().fill_bytes(&mut random);
        let state = hex::encode(random);
        let entered = credentials(&asked.credentials)?;
        let page =
            consent(channel)?.page(&entered, &Asked { back, state: &state, now: self.now() })?;
        // Addresses of channels can be entered: one that is a script must not become a link.
        if !page.starts_with("https://") && !page.starts_with("http://") {
            return Err(Error::Refused("the channel's page has no address of the web".to_owned()));
        }
        self.store().keep_consent(org, &hash(&state), &asked).await?;
        Ok(page)
    }

    /// Takes what the browser brought back to a connection that speaks for the seller's shops.
    ///
    /// # Errors
    /// [`NotTaken::NotAsked`] when nobody in this session asked for it, or too long ago, or it was taken
    /// before; [`NotTaken::OtherSeller`] when another seller consented than the one whose shops the
    /// connection has; the channel's refusal.
    pub async fn take_consent(
        &self,
        org: OrgId,
        session: SessionId,
        (state, returned): (&str, &Returned),
        by: Giver,
    ) -> Result<Consented> {
        let asked = self.store().take_consent(org, session, &hash(state)).await?;
        let asked = asked.ok_or(NotTaken::NotAsked)?;
        let channel = self.channel(&asked.channel)?;
        let grant = self.exchange(channel.as_ref(), &asked.credentials, returned).await?;
        let tokens = Tokens::from(grant);
        let token = self.kept(&tokens)?;
        let (connection, is_new) = match asked.connection {
            Some(connection) => {
                self.check_same_seller(org, connection, &tokens).await?;
                let entered = (&asked.credentials, Some(&token));
                self.store().set_credentials(org, connection, entered, by).await?;
                (connection, false)
            }
            None => {
                let new = NewConnection {
                    channel: asked.channel,
                    name: asked.name,
                    credentials: asked.credentials.0,
                    webhook_route: new_route(),
                    token: Some(token),
                };
                (self.store().create_connection(org, new).await?, true)
            }
        };
        self.store().note_consent(org, connection, by).await?;
        self.routes().clear();
        Ok(Consented { connection, is_new })
    }

    async fn exchange(
        &self,
        channel: &dyn Channel,
        entered: &Secret,
        returned: &Returned,
    ) -> Result<Grant> {
        let consent = consent(channel)?;
        let entered = credentials(entered)?;
        let asked = async |call: &dermaga_channel::Call<'_>| consent.exchange(call, returned).await;
        self.unlogged(channel, &entered, asked).await
    }

    /// Refuses tokens that do not open the shops that are reached through a connection.
    async fn check_same_seller(
        &self,
        org: OrgId,
        connection: ConnectionId,
        tokens: &Tokens,
    ) -> Result<()> {
        let shops = self.store().shops(org, None).await?;
        let lost = shops.into_iter().find(|shop| {
            shop.connection == connection
                && shop.disconnected_at.is_none()
                && !tokens.shops().any(|(id, _)| id == shop.channel_shop_id)
        });
        lost.map_or(Ok(()), |shop| Err(NotTaken::OtherSeller(shop.name).into()))
    }

    /// The shops that the seller's consent opens on a connection.
    ///
    /// # Errors
    /// The store's; when there is no such connection.
    pub async fn opened_shops(
        &self,
        org: OrgId,
        connection: ConnectionId,
    ) -> Result<Vec<OpenedShop>> {
        let found = self.store().connections(org, Some(connection)).await?;
        let found = found.into_iter().next().ok_or(dermaga_store::Error::NotFound("connection"))?;
        let tokens = Tokens::read(found.token.as_ref());
        let shops = tokens
            .shops()
            .map(|(id, name)| OpenedShop { channel_shop_id: id.to_owned(), name: name.to_owned() });
        Ok(shops.collect())
    }
}

fn consent(channel: &dyn Channel) -> Result<&dyn Consent> {
    let none = || Error::Refused("this channel asks no seller: enter its credentials".to_owned());
    channel.consent().ok_or_else(none)
}

/// A state is kept as its hash only: who reads the database cannot bring it back.
fn hash(state: &str) -> String {
    hex::encode(Sha256::digest(state))
}
