//! Lazada: each unit has a status of its own; a buyer's cancellation asks a person.

use super::{Market, Statuses};

pub(super) static MARKET: Market = Market {
    channel: "lazada",
    lives: &[
        &["accept", "status ready_to_ship", "ship", "deliver"],
        &["pay", "accept", "status ready_to_ship", "ship", "deliver"],
        &["accept", "status repacked", "accept", "status ready_to_ship", "ship", "deliver"],
        &[
            "accept",
            "ship",
            "status failed_delivery",
            "status shipped_back",
            "status shipped_back_success",
        ],
        &["accept", "ship", "status lost_by_3pl"],
        &["accept", "ship", "deliver", "return"],
        &["accept", "status ready_to_ship"],
        &["accept"],
        &[],
        &["cancel buyer"],
        &["accept", "cancel seller"],
        &["cancel system"],
    ],
    hub_lives: &[
        &["accept!", "pickup!", "ship", "deliver"],
        &["accept!", "label!", "pickup!"],
        &["cancel!"],
        &["accept!", "cancel!"],
        &["request-cancel", "agree_cancel!"],
        &["request-cancel", "refuse_cancel!", "accept!", "pickup!", "ship"],
    ],
    statuses: Statuses {
        sales_order: &["unpaid"],
        invoice: &["pending", "repacked", "packed", "ready_to_ship"],
        sent: &[
            "shipped",
            "delivered",
            "failed_delivery",
            "shipped_back",
            "shipped_back_success",
            "lost_by_3pl",
        ],
        paid: &["delivered"],
        cancelled: &["canceled"],
        asks_a_person: Some("buyer"),
        revives: false,
    },
    tells_history: false,
    pays_on_download: false,
    endpoints: &[
        ("accept", "pack"),
        ("pickup", "ready_to_ship"),
        ("cancel", "cancel_create"),
        ("agree_cancel", "cancel_decide"),
        ("refuse_cancel", "cancel_decide"),
    ],
    read: None,
    disables_webhooks: false,
    lacks: &[],
};
