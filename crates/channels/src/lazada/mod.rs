//! Lazada, by the Lazada Open Platform: one app for all countries, a seller's consent for each account.
//!
//! What is known of the wire, and from where, is in this folder's `README.md`.

mod buyer;
mod cancel;
mod capabilities;
mod client;
mod commands;
mod consent;
mod errors;
mod hosts;
mod label;
mod list;
mod listings;
mod orders;
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
pub(crate) struct Lazada;

#[async_trait]
impl Channel for Lazada {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("lazada")
    }

    fn capabilities(&self) -> &Capabilities {
        &capabilities::CAPABILITIES
    }

    fn flow_file(&self) -> &'static str {
        include_str!("flow.toml")
    }

    fn consent(&self) -> Option<&dyn Consent> {
        Some(&consent::Page)
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
            // Whatever the last part of the address that a person entered.
            _ if !message.fetched => webhook::push(message),
            _ => Err(Error::Unsupported("a message of this kind")),
        }
    }

    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
        match changes.what {
            What::Orders => list::changed(call, changes).await,
            What::Returns => returns::list(call, changes).await,
        }
    }

    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
        list::fetch(call, ids).await
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
            // The address is entered by a person in the app console; no endpoint sets or tells it.
            Command::RegisterWebhooks { base_url } => Ok(Done {
                answer: format!("enter in the app console: {base_url}{}", webhook::PUSH),
                ..Done::default()
            }),
            Command::WatchWebhooks { .. } => {
                Err(Error::Unsupported("the registration of pushes cannot be read"))
            }
            Command::RemoveWebhooks { .. } => {
                Err(Error::Unsupported("the address of pushes is entered in the app console"))
            }
            Command::SetStock(rows) => stock::set(call, rows).await,
            Command::Order(command) => commands::execute(call, command).await,
        }
    }
}
