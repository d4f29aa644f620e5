//! Shopee, by its Open Platform API v2: one app, and the shops of the sellers who let it in, each with a
//! token of its own.
//!
//! What is known of the wire, and from where, is in this folder's `README.md`.

mod capabilities;
mod client;
mod commands;
mod consent;
mod errors;
mod label;
mod listings;
mod orders;
mod packages;
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
pub(crate) struct Shopee;

#[async_trait]
impl Channel for Shopee {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("shopee")
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
            orders::DETAIL => orders::detail(message),
            returns::RETURNS => returns::returns(message),
            webhook::PUSH => webhook::push(message),
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
            Command::RegisterWebhooks { base_url } => registration::register(call, base_url).await,
            Command::WatchWebhooks { base_url } => registration::watch(call, base_url).await,
            Command::RemoveWebhooks { .. } => {
                Err(Error::Unsupported("the registration is one for all shops of the app"))
            }
            Command::SetStock(rows) => stock::set(call, rows).await,
            Command::Order(command) => commands::execute(call, command).await,
        }
    }
}
