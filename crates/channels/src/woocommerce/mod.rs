//! WooCommerce: a shop on the seller's own server, by its REST API v3.
//!
//! One connection is one site, and one site is one shop. What is known of the wire, and from where, is
//! in this folder's `README.md`.

mod capabilities;
mod client;
mod commands;
mod errors;
mod listings;
mod orders;
mod place;
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
    Call, Capabilities, Changes, Channel, Command, Credentials, Done, Error, Fetched,
    Interpretation, ListingPage, Message, ShopNamed, Token, Webhook, What,
};
use dermaga_domain::term::ChannelKind;

/// The channel.
pub(crate) struct WooCommerce;

#[async_trait]
impl Channel for WooCommerce {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("woocommerce")
    }

    fn capabilities(&self) -> &Capabilities {
        &capabilities::CAPABILITIES
    }

    fn flow_file(&self) -> &'static str {
        include_str!("flow.toml")
    }

    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error> {
        client::authorise(call).await
    }

    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        sign::verify(webhook, credentials)
    }

    fn is_greeting(&self, webhook: &Webhook<'_>) -> bool {
        webhook::is_ping(webhook)
    }

    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        webhook::shop_named(webhook)
    }

    fn interpret(&self, message: &Message<'_>, _: &Credentials) -> Result<Interpretation, Error> {
        match message.kind {
            orders::LIST => orders::list(message),
            orders::DETAIL => orders::detail(message),
            returns::REFUNDS => returns::refunds(message),
            kind if webhook::TOPICS.contains(&kind) => webhook::order(message),
            _ => Err(Error::Unsupported("a message of this kind")),
        }
    }

    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
        match changes.what {
            What::Orders => client::list_orders(call, changes).await,
            What::Returns => returns::list(call, changes).await,
        }
    }

    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
        client::fetch_orders(call, ids).await
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
            Command::RemoveWebhooks { base_url } => registration::remove(call, base_url).await,
            Command::SetStock(rows) => stock::set(call, rows).await,
            Command::Order(command) => commands::execute(call, command).await,
        }
    }
}
