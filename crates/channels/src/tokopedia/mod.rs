//! Tokopedia, as its Open API for one app with many shops has it (`fs.tokopedia.net`).
//!
//! What is known of the wire, and from where, is in this folder's `README.md`.

mod buyer;
mod capabilities;
mod client;
mod commands;
mod detail;
mod errors;
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
    Call, Capabilities, Changes, Channel, Command, Credentials, Done, Error, Fetched,
    Interpretation, ListingPage, Message, ShopNamed, Token, Webhook, What,
};
use dermaga_domain::term::ChannelKind;

/// The channel.
pub(crate) struct Tokopedia;

#[async_trait]
impl Channel for Tokopedia {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("tokopedia")
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

    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        webhook::shop_named(webhook)
    }

    fn interpret(
        &self,
        message: &Message<'_>,
        credentials: &Credentials,
    ) -> Result<Interpretation, Error> {
        match message.kind {
            webhook::NOTIFICATION => webhook::notification(message.body, credentials),
            webhook::STATUS | webhook::CANCELLATION => {
                webhook::status_change(message.kind, message.body)
            }
            webhook::REQUEST_CANCELLATION => webhook::cancel_request(message.body),
            orders::LIST => orders::list(message, credentials),
            detail::DETAIL => detail::interpret(message, credentials),
            returns::TICKETS => returns::tickets(message),
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
        client::execute(call, command).await
    }
}
