//! What a channel can do, as data.

use dermaga_domain::command::Offer;
use dermaga_domain::term::CommandKind;
use dermaga_domain::time::Span;

/// Whether something belongs to the app's connection or to one shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Shared by all shops of a connection.
    Connection,
    /// One for each shop.
    Shop,
}

/// A rate of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second, on average.
    pub per_second: u32,
    /// Requests at once.
    pub burst: u32,
}

/// Words of a channel's own, in both languages: pages show them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// In English.
    pub english: &'static str,
    /// In Indonesian.
    pub indonesian: &'static str,
}

/// One thing that a person enters to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialField {
    /// Its name in the stored credentials and on the command line.
    pub name: &'static str,
    /// What the channel calls it.
    pub label: Wording,
    /// What it is, and where it is read.
    pub help: Wording,
    /// Whether it has several lines, like a certificate.
    pub lines: bool,
    /// Whether it is shown only masked.
    pub secret: bool,
    /// Whether connecting needs it.
    pub required: bool,
}

impl CredentialField {
    /// A line that connecting needs, shown as it is.
    #[must_use]
    pub const fn new(name: &'static str, label: Wording, help: Wording) -> Self {
        Self { name, label, help, lines: false, secret: false, required: true }
    }

    /// The same, shown only masked.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The same, of several lines.
    #[must_use]
    pub const fn lines(self) -> Self {
        Self { lines: true, ..self }
    }

    /// The same, and connecting does without it.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { required: false, ..self }
    }
}

/// A name under which a channel sells, where it sells under more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubPlatformName {
    /// Its key, as the channel's client tells it of an order.
    pub key: &'static str,
    /// As pages show it.
    pub name: &'static str,
}

/// What a channel can do, and its limits. Each limit is documented where the channel sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// What must be done at the channel before, step by step.
    pub before: &'static [Wording],
    /// What is entered to connect.
    pub credentials: &'static [CredentialField],
    /// Where a shop's id is read.
    pub shop_id: Wording,
    /// The names it sells under; empty = only its own.
    pub sub_platforms: &'static [SubPlatformName],
    /// The widest window of an order list; none = any.
    pub order_window_max: Option<Span>,
    /// How far back an order list reaches; none = to the beginning.
    pub order_history_max: Option<Span>,
    /// How long after the time that the order list goes by an order may first stand on it: now and then
    /// the list is read again that far back. None = minutes.
    pub listed_late: Option<Span>,
    /// Orders on a page of an order list.
    pub orders_page_max: u32,
    /// Orders in one fetch of details.
    pub details_batch_max: u32,
    /// Whether returns can be listed.
    pub returns: bool,
    /// Whether the channel lowers its own stock when it takes an order.
    pub decrements_on_order: bool,
    /// Whose webhook registration and secret it is.
    pub webhook_scope: Scope,
    /// Whether the registration of webhooks can be read, so that its loss is noticed.
    pub webhook_watch: bool,
    /// Whether a registration of webhooks can be taken away again without touching anybody else's.
    pub webhook_removal: bool,
    /// Whose the rates are.
    pub rate_scope: Scope,
    /// The rate of an endpoint of which nothing else is known.
    pub rate: Rate,
    /// The endpoints that have a rate of their own.
    pub endpoint_rates: &'static [(&'static str, Rate)],
    /// Whose a token is.
    pub token_scope: Scope,
    /// Renew a token this long before it ends, while it still holds.
    pub token_margin: Span,
    /// Whether the channel has an invoice number of its own besides the order's id.
    pub invoice_number: bool,
    /// Rows in one message of stock; none = it cannot be told what is left.
    pub stock_batch_max: Option<u32>,
    /// The commands that it takes, and when.
    pub offers: &'static [Offer],
}

impl Capabilities {
    /// What the channel takes of a command.
    #[must_use]
    pub fn offer(&self, kind: CommandKind) -> Option<&'static Offer> {
        self.offers.iter().find(|offer| offer.kind == kind)
    }
}
