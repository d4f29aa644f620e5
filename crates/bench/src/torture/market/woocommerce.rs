//! A shop of one's own: any status follows any other, and a cancelled order may live again.

use super::{Market, Statuses};

pub(super) static MARKET: Market = Market {
    channel: "woocommerce",
    lives: &[
        &["complete"],
        &["pay", "complete"],
        &["status on-hold", "accept", "complete"],
        &["status packing", "complete"],
        &["complete", "return"],
        &["return"],
        &[],
        &["cancel buyer"],
        &["cancel seller", "status processing", "complete"],
        &["cancel seller", "status processing"],
        &["status trash"],
        &["status trash", "status processing", "complete"],
    ],
    hub_lives: &[
        &["ship!"],
        &["ship!", "return"],
        &["cancel!"],
        &["cancel!", "status processing", "complete"],
        &["status on-hold", "accept!", "ship!"],
        &["status on-hold", "cancel!"],
    ],
    statuses: Statuses {
        sales_order: &[],
        invoice: &["on-hold", "processing", "refunded"],
        sent: &["completed"],
        paid: &["processing", "completed"],
        cancelled: &["cancelled", "trash"],
        asks_a_person: None,
        revives: true,
    },
    tells_history: false,
    pays_on_download: false,
    endpoints: &[("accept", "order_update"), ("cancel", "order_update"), ("ship", "order_update")],
    read: None,
    disables_webhooks: true,
    // Its keys never end.
    lacks: &["token_expiry"],
};
