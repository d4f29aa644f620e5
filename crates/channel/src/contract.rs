//! The trait, and what its methods take and give.

use async_trait::async_trait;
use dermaga_domain::command::Words;
use dermaga_domain::term::{ChannelKind, CommandKind};
use dermaga_domain::time::Time;
use http::HeaderMap;

use crate::{Call, Capabilities, Consent, Credentials, Error, Interpretation, ListingPage, Token};

/// A webhook as it came in.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    /// The last part of the path it came to: channels without a type in the body say it there.
    pub kind: &'a str,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, untouched.
    pub body: &'a [u8],
}

/// Which shop a signed webhook names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopNamed {
    /// This one, by the channel's id.
    Shop(String),
    /// None, and none is needed: a connection of this channel has but one shop.
    Only,
    /// None: it is found by its order.
    Nobody,
    /// The body cannot be read.
    Malformed,
}

/// Raw bytes from a channel, as the inbox keeps them.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// What it is, in the channel's words (`order_status`, `order_detail`, …).
    pub kind: &'a str,
    /// The bytes.
    pub body: &'a [u8],
    /// Whether we fetched it (rather than it being pushed).
    pub fetched: bool,
    /// The channel's id of the shop it was fetched for, where we asked for a shop.
    pub channel_shop_id: Option<&'a str>,
}

/// Raw bytes that an answer brings; they go through the inbox like any message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// What it is; [`Channel::interpret`] understands it.
    pub kind: &'static str,
    /// The bytes.
    pub body: bytes::Bytes,
}

/// What is to be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Orders, placed or changed, as the channel has it.
    Orders,
    /// Returns and complaints.
    Returns,
}

/// A request for a page of changes in a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Of what.
    pub what: What,
    /// From when, inclusive.
    pub from: Time,
    /// To when, exclusive.
    pub to: Time,
    /// Where the last page of this window ended; none = from its start.
    pub page: Option<String>,
}

/// What a fetch brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fetched {
    /// Messages for the inbox.
    pub messages: Vec<Raw>,
    /// How to ask for the next page; none = that was the last.
    pub next: Option<String>,
    /// Of the orders asked for, those that the channel does not know.
    pub not_found: Vec<String>,
}

impl Fetched {
    /// A page of a list, as one message or none, and how to ask for the next one.
    #[must_use]
    pub fn page(message: Option<Raw>, next: Option<String>) -> Self {
        Self { messages: message.into_iter().collect(), next, not_found: Vec::new() }
    }
}

/// An instruction to a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send webhooks to addresses that begin with this one; the message's kind is appended.
    /// Repeatable: it sets all addresses at once.
    RegisterWebhooks {
        /// The address up to and with its last slash.
        base_url: String,
    },
    /// Look whether webhooks still go to addresses that begin with this one, and register again what
    /// is missing or goes elsewhere. Repeatable. Only where [`Capabilities::webhook_watch`].
    WatchWebhooks {
        /// The address up to and with its last slash.
        base_url: String,
    },
    /// Send no more webhooks to addresses that begin with this one. Repeatable. Only where
    /// [`Capabilities::webhook_removal`].
    RemoveWebhooks {
        /// The address up to and with its last slash.
        base_url: String,
    },
    /// Do something with an order.
    Order(OrderCommand),
    /// Show these units, at most [`Capabilities::stock_batch_max`] rows of one shop. Repeatable: the
    /// values are absolute.
    SetStock(Vec<StockRow>),
}

/// What a listing is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// The channel's id of the product or variant.
    pub channel_product_id: String,
    /// Units.
    pub value: i64,
}

/// A row that the channel did not take, while it took others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The channel's id of the product or variant.
    pub channel_product_id: String,
    /// The channel's words.
    pub message: String,
}

/// A command about one order, one of [`Capabilities::offers`], complete and allowed when it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCommand {
    /// What to do.
    pub kind: CommandKind,
    /// The channel's id of the order.
    pub channel_order_id: String,
    /// The package, where the channel has several.
    pub package: Option<String>,
    /// What is said with it.
    pub words: Words,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// The channel's answer in a few words, for the log.
    pub answer: String,
    /// Whether anything is now otherwise than before, at the channel.
    pub changed: bool,
    /// What it gave: a label.
    pub paper: Option<Paper>,
    /// Rows that were not taken.
    pub refused: Vec<RefusedRow>,
}

/// Something to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub body: bytes::Bytes,
}

/// A channel. Object-safe; one instance serves every connection.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its name, the key of the registry.
    fn kind(&self) -> ChannelKind;

    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Its flow file.
    fn flow_file(&self) -> &'static str;

    /// How the seller lets this hub in with the browser; none = what is entered gives a token.
    fn consent(&self) -> Option<&dyn Consent> {
        None
    }

    /// Asks for a token, new or renewed. Where the seller consents, it only renews the call's.
    ///
    /// # Errors
    /// [`Error::ConsentNeeded`] when only the seller can give another.
    async fn authorise(&self, call: &Call<'_>) -> Result<Token, Error>;

    /// Whether the webhook is signed by the channel for these credentials.
    fn verify(&self, webhook: &Webhook<'_>, credentials: &Credentials) -> bool;

    /// Whether it only asks if somebody listens here, as some channels do when webhooks are
    /// registered: it is not signed, says nothing, and is answered with 200 and not kept.
    fn is_greeting(&self, _webhook: &Webhook<'_>) -> bool {
        false
    }

    /// Which shop a verified webhook names. Cheap: runs before the body is kept.
    fn shop_named(&self, webhook: &Webhook<'_>) -> ShopNamed;

    /// What a message says. Pure; the credentials serve to open what the channel has encrypted.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the bytes cannot be understood.
    fn interpret(
        &self,
        message: &Message<'_>,
        credentials: &Credentials,
    ) -> Result<Interpretation, Error>;

    /// One page of what changed in a window.
    async fn list_changes(&self, call: &Call<'_>, changes: &Changes) -> Result<Fetched, Error>;

    /// Details of orders, at most as many as [`Capabilities::details_batch_max`].
    async fn fetch_orders(&self, call: &Call<'_>, ids: &[String]) -> Result<Fetched, Error>;

    /// A page of what the shop offers.
    async fn list_listings(
        &self,
        call: &Call<'_>,
        page: Option<&str>,
    ) -> Result<ListingPage, Error>;

    /// Does what a command says.
    async fn execute(&self, call: &Call<'_>, command: &Command) -> Result<Done, Error>;
}
