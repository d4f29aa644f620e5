//! Shopee: the seller asks for a courier, the courier comes, the buyer confirms.

use super::{Market, Statuses};

pub(super) static MARKET: Market = Market {
    channel: "shopee",
    lives: &[
        &["ship", "ship", "deliver", "complete"],
        &["pay", "ship", "ship", "deliver", "complete"],
        &["ship", "status RETRY_SHIP", "ship", "ship", "deliver", "complete"],
        &["ship", "ship", "deliver", "return"],
        &["ship", "ship"],
        &["ship"],
        &[],
        &["cancel buyer"],
        &["ship", "cancel seller"],
        &["cancel system"],
        &["partial", "ship", "ship", "deliver"],
    ],
    hub_lives: &[
        &["pickup!", "ship", "deliver", "complete"],
        &["pickup!", "label!", "ship"],
        &["cancel!"],
        &["pickup!", "cancel!"],
        &["request-cancel", "agree_cancel!"],
        &["request-cancel", "refuse_cancel!", "pickup!", "ship"],
    ],
    statuses: Statuses {
        sales_order: &[],
        invoice: &["READY_TO_SHIP", "PROCESSED", "RETRY_SHIP", "IN_CANCEL"],
        sent: &["SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN"],
        paid: &["COMPLETED"],
        cancelled: &["CANCELLED"],
        asks_a_person: None,
        revives: false,
    },
    tells_history: false,
    pays_on_download: false,
    endpoints: &[
        ("pickup", "ship"),
        ("cancel", "order_cancel"),
        ("agree_cancel", "cancel_answer"),
        ("refuse_cancel", "cancel_answer"),
    ],
    read: None,
    disables_webhooks: false,
    lacks: &[],
};
