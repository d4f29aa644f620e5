//! TikTok Shop, by its Open API of the 202309 family; sellers of Tokopedia who have moved sell through it
//! too.
//!
//! What is known of the wire, and from where, is in this folder's `README.md`.

mod capabilities;
mod client;
mod commands;
mod consent;
mod endpoints;
mod errors;
mod listings;
mod money;
mod orders;
mod packages;
mod place;
mod reading;
mod registration;
mod returns;
mod sign;
mod stock;
mod webhook;
mod wire;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use dermaga_channel::{
    Call, Capabilities, Changes, Channel, Command, Consent, Credentials, Done, Error, Fetched,
    Interpretation, ListingPage, Message, ShopNamed, Token, Webhook, What,
};
use dermaga_domain::term::ChannelKind;

/// The channel.
pub(crate) struct TikTok;

#[async_trait]
impl Channel for TikTok {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("tiktok")
    }

    fn capabilities(&self) -> &Capabilities {
        &capabilities::CAPABILITIES
    }

    fn flow_file(&self) -> &'static str {
        include_str!("flow.toml")
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(&consent::SellersConsent)
    }

    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error> {
        consent::renew(call).await
    }

    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        sign::verify(webhook, credentials)
    }

    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        webhook::shop_named(webhook)
    }

    fn interpret(&self, message: &Message<'_>, _: &Credentials) -> Result<Interpretation, Error> {
        match message.kind {
            orders::LIST => orders::list(message),
            orders::DETAIL => orders::detail(message),
            returns::RETURNS => returns::returns(message),
            returns::CANCELLATIONS => returns::cancellations(message),
            kind if webhook::TOPICS.contains(&kind) => webhook::interpret(message),
            _ => Err(Error::Unsupported("a message of this kind")),
        }
    }

    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
        match changes.what {
            What::Orders => reading::list_orders(call, changes).await,
            What::Returns => returns::list(call, changes).await,
        }
    }

    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
        reading::fetch_orders(call, ids).await
    }

    async fn list_listings(
        &self,
        call: &Call<'_>,
        page: Option<&str>,
    ) -> Result<ListingPage, Error> {
        listings::list(call, page).await
    }

    async fn execute(&self, call: &Call<'_>, command: &Command) -> Result<Done, Error> {
        match command {
            Command::RegisterWebhooks { base_url } | Command::WatchWebhooks { base_url } => {
                registration::stand(
                    call,
                    base_url,
                    matches!(command, Command::RegisterWebhooks { .. }),
                )
                .await
            }
            Command::RemoveWebhooks { base_url } => registration::remove(call, base_url).await,
            Command::SetStock(rows) => stock::set(call, rows).await,
            Command::Order(command) => commands::execute(call, command).await,
        }
    }
}
