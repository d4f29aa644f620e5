//! The kinds of scheduled tasks.

use dermaga_domain::time::Span;

use crate::engine::Settings;

/// A kind of scheduled task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKind {
    /// Lists what is new.
    OrderPull,
    /// Reads every order again that is not finished, however old.
    StatusUpdate,
    /// Lists returns and complaints.
    ReturnPull,
    /// Lists what the shop offers.
    SkuPull,
    /// Looks whether the channel still sends webhooks here.
    WebhookWatch,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::OrderPull, Self::StatusUpdate, Self::ReturnPull, Self::SkuPull, Self::WebhookWatch];

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderPull => "order_pull",
            Self::StatusUpdate => "status_update",
            Self::ReturnPull => "return_pull",
            Self::SkuPull => "sku_pull",
            Self::WebhookWatch => "webhook_watch",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// How often it runs unless a shop says otherwise.
    #[must_use]
    pub const fn interval(self, settings: &Settings) -> Span {
        match self {
            Self::OrderPull => settings.pull_interval,
            Self::StatusUpdate => settings.status_interval,
            Self::ReturnPull => settings.return_interval,
            Self::SkuPull => settings.listing_interval,
            Self::WebhookWatch => settings.watch_interval,
        }
    }
}
