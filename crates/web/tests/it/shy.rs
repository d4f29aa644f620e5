//! The toy, sold by somebody who wants to be asked in the browser.

use async_trait::async_trait;
use dermaga_channel::{
    Asked, Call, Capabilities, Changes, Channel, Command, Consent, Credentials, Done, Error,
    Fetched, Grant, GrantedShop, Interpretation, ListingPage, Message, Returned, ShopNamed, Token,
    Webhook,
};
use dermaga_domain::term::ChannelKind;
use dermaga_domain::time::Span;

use crate::toy::{FLOW, Toy};

/// The code with which the page of the channel sends a seller back who owns `satu` and `tiga`.
pub(crate) const CODE: &str = "ya";
/// That of another seller.
pub(crate) const OTHER_CODE: &str = "penjual-lain";

pub(crate) struct Shy(pub(crate) Toy);

fn refused(code: &str) -> Error {
    Error::ConsentNeeded { code: code.to_owned(), message: "ask the seller".to_owned() }
}

#[async_trait]
impl Consent for Shy {
    fn page(&self, credentials: &Credentials, asked: &Asked<'_>) -> Result<String, Error> {
        let app = credentials.get("secret").len();
        let Asked { back, state, .. } = asked;
        Ok(format!("https://shy.example.test/allow?app={app}&back={back}&state={state}"))
    }

    async fn exchange(&self, call: &Call<'_>, returned: &Returned) -> Result<Grant, Error> {
        let names: &[&str] = match returned.get("code").map(String::as_str) {
            Some(CODE) => &["satu", "tiga"],
            Some(OTHER_CODE) => &["sembilan"],
            _ => return Err(refused("S-1")),
        };
        let token = Token {
            access: "token".to_owned().into(),
            refresh: Some("again".to_owned().into()),
            expires_at: call.now.plus(Span::hours(4)),
            renewable_until: Some(call.now.plus(Span::days(10))),
        };
        let shop = |name: &&str| GrantedShop {
            channel_shop_id: (*name).to_owned(),
            name: format!("Toko {name}"),
            key: None,
            token: None,
        };
        Ok(Grant { token: Some(token), shops: names.iter().map(shop).collect() })
    }
}

#[async_trait]
impl Channel for Shy {
    fn kind(&self) -> ChannelKind {
        ChannelKind::new("shy")
    }
    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }
    fn flow_file(&self) -> &'static str {
        FLOW
    }
    fn consent(&self) -> Option<&dyn Consent> {
        Some(self)
    }
    async fn authorise(&self, _: &Call<'_>) -> Result<Token, Error> {
        Err(refused("S-2"))
    }
    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool {
        self.0.verify(webhook, credentials)
    }
    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed {
        self.0.shop_named(webhook)
    }
    fn interpret(
        &self,
        message: &Message<'_>,
        with: &Credentials,
    ) -> Result<Interpretation, Error> {
        self.0.interpret(message, with)
    }
    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error> {
        self.0.list_changes(call, changes).await
    }
    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error> {
        self.0.fetch_orders(call, ids).await
    }
    async fn list_listings(&self, call: &Call<'_>, at: Option<&str>) -> Result<ListingPage, Error> {
        self.0.list_listings(call, at).await
    }
    async fn execute(&self, call: &Call<'_>, command: &Command) -> Result<Done, Error> {
        self.0.execute(call, command).await
    }
}
