//! TikTok Shop: heard by itself, a completed order is not paid; asked for by a person, it is.

use super::{Market, Statuses};

pub(super) static MARKET: Market = Market {
    channel: "tiktok",
    lives: &[
        &["accept", "ship", "ship", "deliver", "complete"],
        &["pay", "accept", "ship", "ship", "deliver", "complete"],
        &["accept", "ship", "ship", "deliver", "return"],
        &["accept", "ship", "ship"],
        &["accept", "ship"],
        &["accept"],
        &[],
        &["cancel buyer"],
        &["accept", "cancel seller"],
        &["accept", "request-cancel", "cancel system"],
        &["accept", "partial", "ship", "ship", "deliver"],
    ],
    hub_lives: &[
        &["accept", "pickup!", "ship", "deliver", "complete"],
        &["accept", "pickup!", "label!", "ship", "deliver", "complete"],
        &["cancel!"],
        &["accept", "cancel!"],
        &["accept", "request-cancel", "agree_cancel!"],
        &["accept", "request-cancel", "refuse_cancel!", "pickup!", "ship"],
    ],
    statuses: Statuses {
        sales_order: &[],
        invoice: &["ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION"],
        sent: &["IN_TRANSIT", "DELIVERED", "COMPLETED"],
        paid: &["COMPLETED"],
        cancelled: &["CANCELLED"],
        asks_a_person: None,
        revives: false,
    },
    tells_history: false,
    pays_on_download: true,
    endpoints: &[
        ("pickup", "package_ship"),
        ("cancel", "order_cancel"),
        ("agree_cancel", "cancel_approve"),
        ("refuse_cancel", "cancel_reject"),
    ],
    read: None,
    disables_webhooks: false,
    lacks: &[],
};
