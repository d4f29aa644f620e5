//! What a channel's folder gives to the generic parts: control API, page, stream.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::books::{Actor, Order};
use crate::desk::Desk;
use crate::serve::{Answer, Request};

/// An order a buyer wants to place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// The channel's first shop if it is left out.
    pub(crate) shop_id: Option<i64>,
    pub(crate) lines: Vec<WishLine>,
    /// Whether the order is paid at once.
    #[serde(default = "yes")]
    pub(crate) paid: bool,
    /// How many such orders.
    #[serde(default = "one")]
    pub(crate) count: u32,
    /// How long ago the order was placed (and paid), in seconds.
    #[serde(default)]
    pub(crate) seconds_ago: u32,
    /// Whether an order for more than the channel still offers is refused.
    #[serde(default)]
    pub(crate) check_stock: bool,
    /// Whether the channel itself stores and sends the goods.
    #[serde(default)]
    pub(crate) fulfilled_by_channel: bool,
    #[serde(default)]
    pub(crate) buyer: WishBuyer,
}

/// One line of a wish.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WishLine {
    pub(crate) sku: String,
    pub(crate) quantity: i64,
    #[serde(default)]
    pub(crate) note: String,
}

/// What is known of the buyer; the rest is invented.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WishBuyer {
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) address: Option<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// Something a buyer, a seller, a courier or the channel does to an order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Act {
    Pay,
    Accept,
    Ship,
    Deliver,
    Complete,
    /// `status` overrides the code the channel would take for `by`.
    Cancel {
        by: Actor,
        status: Option<String>,
    },
    RequestCancel {
        reason: String,
    },
    Return {
        reason: String,
    },
    /// The buyer agrees to get less of one product.
    Partial {
        sku: String,
        quantity_deliver: i64,
    },
    /// Whatever status, known to the channel or not, from wherever.
    Status {
        status: String,
        by: Actor,
    },
    /// The seller deletes it for good.
    Delete,
}

/// Why something could not be done through the control API.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    WrongStatus(String),
    #[error("{0}")]
    OutOfStock(String),
}

/// At which percentage of a life something happens, and what.
pub(crate) type LifeStep = (u32, fn() -> Act);

/// One way an order of the stream may live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// How often, next to the other lives.
    pub(crate) weight: u32,
    /// Whether it is paid at once.
    pub(crate) paid: bool,
    pub(crate) steps: &'static [LifeStep],
}

/// One channel's side of the wire.
pub(crate) trait Channel: Send + Sync + 'static {
    /// What the channel shares with the generic parts.
    fn desk(&self) -> &Arc<Desk>;

    /// Answers a call on the channel's own port.
    fn answer(&self, request: &Request) -> Answer;

    /// Whether it behaves otherwise over TLS, so that it has a port for that as well.
    fn is_otherwise_over_tls(&self) -> bool {
        false
    }

    /// The invented credentials and shops, with everything a client needs to call `base_url`.
    fn credentials(&self, base_url: &str) -> Value;

    /// Does what a seller does who presses "Allow" on the page of consent at this address; returns where
    /// the browser is sent then.
    fn consent(&self, _page: &str) -> Result<String, Refusal> {
        Err(Refusal::Invalid("this channel asks nobody for consent".to_owned()))
    }

    /// Sets where browsers are sent after a consent, where that is entered in the app's own settings.
    fn set_redirect(&self, _url: &str) -> Result<(), Refusal> {
        Err(Refusal::Invalid("this channel is told that in the page's address".to_owned()))
    }

    /// Sets where webhooks go, where a person enters that at the channel.
    fn set_push_address(&self, _url: &str) -> Result<(), Refusal> {
        Err(Refusal::Invalid("this channel has calls of its own for that".to_owned()))
    }

    /// Has the channel hold something against a shop or the app, by the code of what it then refuses with;
    /// "" lets it go.
    fn set_standing(&self, _shop_id: Option<i64>, _code: &str) -> Result<(), Refusal> {
        Err(Refusal::Invalid("this channel holds nothing against anybody".to_owned()))
    }

    /// Disables its webhooks, as a shop does that could not deliver them; returns how many were active.
    fn disable_webhooks(&self) -> Result<usize, Refusal> {
        Err(Refusal::Invalid("this channel never disables webhooks".to_owned()))
    }

    /// Places orders; returns their ids.
    fn place(&self, wish: &Wish) -> Result<Vec<String>, Refusal>;

    /// Does something to an order.
    fn act(&self, order_id: &str, act: Act) -> Result<(), Refusal>;

    /// The acts a person may press a button for, in this order's status.
    fn acts(&self, order: &Order) -> Vec<(&'static str, Act)>;

    /// Does what the channel does by itself when a time of an order has come.
    fn due(&self, order_id: &str, status: &str);

    /// The lives orders of the stream may have.
    fn lives(&self) -> &'static [Life];
}
