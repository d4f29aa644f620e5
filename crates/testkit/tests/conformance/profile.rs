//! A channel in its own words: what people do there, and what is sold.

use dermaga_domain::term::CommandKind;

/// A person's act at the channel: its name in the control API, and its body.
pub(crate) type Act = (&'static str, &'static str);

/// How to try a command.
pub(crate) struct Try {
    pub(crate) kind: CommandKind,
    /// Whether the order is paid when it is placed.
    pub(crate) paid: bool,
    /// What happens before.
    pub(crate) before: &'static [Act],
    pub(crate) reason: Option<&'static str>,
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// The status at the channel afterwards; "" = it stays.
    pub(crate) then: &'static str,
}

/// A channel.
pub(crate) struct Profile {
    pub(crate) channel: &'static str,
    /// The credential that is wrong when a digit is added.
    pub(crate) secret: &'static str,
    /// Something that is plenty.
    pub(crate) sku: &'static str,
    /// An order that there is not.
    pub(crate) unknown: &'static str,
    /// What happens to a paid order, and its status after each.
    pub(crate) course: &'static [(Act, &'static str)],
    /// Acts on a paid order that give it a return.
    pub(crate) returned: &'static [Act],
    /// Acts that make the shop switch webhooks off or send them elsewhere, by calls of the channel's own.
    pub(crate) tries: &'static [Try],
    /// Where webhooks go is entered by a person at the channel, under this last part of the address;
    /// none = it is a call of the channel's.
    pub(crate) console: Option<&'static str>,
    /// Whether some GET requests have an effect; the others say that they have none.
    pub(crate) acts_by_get: bool,
}

const NOTHING: &str = "{}";

const TOKOPEDIA: Profile = Profile {
    channel: "tokopedia",
    secret: "client_secret",
    sku: "GAYO-250",
    unknown: "999",
    course: &[
        (("accept", NOTHING), "400"),
        (("ship", NOTHING), "500"),
        (("deliver", NOTHING), "600"),
        (("complete", NOTHING), "700"),
    ],
    returned: &[
        ("accept", NOTHING),
        ("ship", NOTHING),
        ("deliver", NOTHING),
        ("return", r#"{"reason": "Barang rusak"}"#),
    ],
    tries: &[
        Try {
            kind: CommandKind::Accept,
            paid: true,
            before: &[],
            reason: None,
            fields: &[],
            then: "400",
        },
        Try {
            kind: CommandKind::Reject,
            paid: true,
            before: &[],
            reason: Some("5"),
            fields: &[("reason_text", "Kemasan rusak")],
            then: "10",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: &[("accept", NOTHING)],
            reason: Some("0"),
            fields: &[("reason_text", "Kurir tidak datang")],
            then: "10",
        },
        Try {
            kind: CommandKind::Pickup,
            paid: true,
            before: &[("accept", NOTHING)],
            reason: None,
            fields: &[],
            then: "450",
        },
        Try {
            kind: CommandKind::Ship,
            paid: true,
            before: &[("accept", NOTHING)],
            reason: None,
            fields: &[("awb", "JNE0001112223")],
            then: "500",
        },
        Try {
            kind: CommandKind::Label,
            paid: true,
            before: &[("accept", NOTHING)],
            reason: None,
            fields: &[],
            then: "",
        },
    ],
    console: None,
    acts_by_get: false,
};

const WOOCOMMERCE: Profile = Profile {
    channel: "woocommerce",
    secret: "consumer_secret",
    sku: "GAYO-250",
    unknown: "999999",
    course: &[
        (("status", r#"{"status": "on-hold"}"#), "on-hold"),
        (("accept", NOTHING), "processing"),
        (("status", r#"{"status": "packing"}"#), "packing"),
        (("complete", NOTHING), "completed"),
        (("status", r#"{"status": "cancelled"}"#), "cancelled"),
        (("status", r#"{"status": "processing"}"#), "processing"),
        (("status", r#"{"status": "trash"}"#), "trash"),
    ],
    returned: &[("partial", r#"{"sku": "GAYO-250", "quantity_deliver": 1}"#)],
    tries: &[
        Try {
            kind: CommandKind::Accept,
            paid: false,
            before: &[("status", r#"{"status": "on-hold"}"#)],
            reason: None,
            fields: &[],
            then: "processing",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: &[],
            reason: None,
            fields: &[("reason_text", "Stok habis")],
            then: "cancelled",
        },
        Try {
            kind: CommandKind::Ship,
            paid: true,
            before: &[],
            reason: None,
            fields: &[("awb", "JNE0001112223")],
            then: "completed",
        },
    ],
    console: None,
    acts_by_get: false,
};

const PACKED: &[Act] = &[("accept", NOTHING)];

const LAZADA: Profile = Profile {
    channel: "lazada",
    secret: "app_secret",
    sku: "GAYO-250",
    unknown: "999",
    course: &[
        (("accept", NOTHING), "packed"),
        (("status", r#"{"status": "repacked"}"#), "repacked"),
        (("accept", NOTHING), "packed"),
        (("status", r#"{"status": "ready_to_ship"}"#), "ready_to_ship"),
        (("ship", NOTHING), "shipped"),
        (("deliver", NOTHING), "delivered"),
    ],
    returned: &[
        ("accept", NOTHING),
        ("ship", NOTHING),
        ("deliver", NOTHING),
        ("return", r#"{"reason": "Barang rusak"}"#),
    ],
    tries: &[
        Try {
            kind: CommandKind::Accept,
            paid: true,
            before: &[],
            reason: None,
            fields: &[],
            then: "packed",
        },
        Try {
            kind: CommandKind::Pickup,
            paid: true,
            before: PACKED,
            reason: None,
            fields: &[],
            then: "ready_to_ship",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: &[],
            reason: Some("10000021"),
            fields: &[],
            then: "canceled",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: PACKED,
            reason: Some("10000019"),
            fields: &[],
            then: "canceled",
        },
        Try {
            kind: CommandKind::AgreeCancel,
            paid: true,
            before: &[("request-cancel", r#"{"reason": "Salah pesan"}"#)],
            reason: None,
            fields: &[],
            then: "canceled",
        },
        Try {
            kind: CommandKind::RefuseCancel,
            paid: true,
            before: &[("request-cancel", r#"{"reason": "Salah pesan"}"#)],
            reason: None,
            fields: &[],
            then: "pending",
        },
        Try {
            kind: CommandKind::Label,
            paid: true,
            before: PACKED,
            reason: None,
            fields: &[],
            then: "",
        },
    ],
    console: Some("push"),
    acts_by_get: true,
};

const TIKTOK: Profile = Profile {
    channel: "tiktok",
    secret: "app_secret",
    sku: "GAYO-250",
    unknown: "999",
    course: &[
        (("accept", NOTHING), "AWAITING_SHIPMENT"),
        (("ship", NOTHING), "AWAITING_COLLECTION"),
        (("ship", NOTHING), "IN_TRANSIT"),
        (("deliver", NOTHING), "DELIVERED"),
        (("complete", NOTHING), "COMPLETED"),
    ],
    returned: &[
        ("accept", NOTHING),
        ("ship", NOTHING),
        ("ship", NOTHING),
        ("deliver", NOTHING),
        ("return", r#"{"reason": "Barang rusak"}"#),
    ],
    tries: &[
        Try {
            kind: CommandKind::Pickup,
            paid: true,
            before: &[("accept", NOTHING)],
            reason: None,
            fields: &[],
            then: "AWAITING_COLLECTION",
        },
        Try {
            kind: CommandKind::Ship,
            paid: true,
            before: &[("accept", NOTHING)],
            reason: None,
            fields: &[],
            then: "AWAITING_COLLECTION",
        },
        Try {
            kind: CommandKind::Label,
            paid: true,
            before: &[("accept", NOTHING), ("ship", NOTHING)],
            reason: None,
            fields: &[],
            then: "",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: false,
            before: &[],
            reason: Some("seller_cancel_unpaid_reason_wrong_price"),
            fields: &[],
            then: "CANCELLED",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: &[],
            reason: Some("seller_cancel_reason_out_of_stock"),
            fields: &[],
            then: "CANCELLED",
        },
        Try {
            kind: CommandKind::AgreeCancel,
            paid: true,
            before: &[("accept", NOTHING), ("request-cancel", r#"{"reason": "Berubah pikiran"}"#)],
            reason: None,
            fields: &[],
            then: "CANCELLED",
        },
        Try {
            kind: CommandKind::RefuseCancel,
            paid: true,
            before: &[("accept", NOTHING), ("request-cancel", r#"{"reason": "Berubah pikiran"}"#)],
            reason: Some("seller_reject_apply_product_has_been_packed"),
            fields: &[],
            then: "AWAITING_SHIPMENT",
        },
    ],
    console: None,
    acts_by_get: false,
};

const SHOPEE: Profile = Profile {
    channel: "shopee",
    secret: "partner_key",
    sku: "GAYO-250",
    unknown: "999",
    course: &[
        (("ship", NOTHING), "PROCESSED"),
        (("ship", NOTHING), "SHIPPED"),
        (("deliver", NOTHING), "TO_CONFIRM_RECEIVE"),
        (("complete", NOTHING), "COMPLETED"),
    ],
    returned: &[
        ("ship", NOTHING),
        ("ship", NOTHING),
        ("deliver", NOTHING),
        ("return", r#"{"reason": "ITEM_DAMAGED"}"#),
    ],
    tries: &[
        Try {
            kind: CommandKind::Pickup,
            paid: true,
            before: &[],
            reason: None,
            fields: &[],
            then: "PROCESSED",
        },
        Try {
            kind: CommandKind::Pickup,
            paid: true,
            before: &[("ship", NOTHING), ("status", r#"{"status": "RETRY_SHIP"}"#)],
            reason: None,
            fields: &[],
            then: "PROCESSED",
        },
        Try {
            kind: CommandKind::Ship,
            paid: true,
            before: &[],
            reason: None,
            fields: &[],
            then: "PROCESSED",
        },
        Try {
            kind: CommandKind::Label,
            paid: true,
            before: &[("ship", NOTHING)],
            reason: None,
            fields: &[],
            then: "",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: &[],
            reason: Some("OUT_OF_STOCK"),
            fields: &[],
            then: "CANCELLED",
        },
        Try {
            kind: CommandKind::Cancel,
            paid: true,
            before: &[("ship", NOTHING)],
            reason: Some("CUSTOMER_REQUEST"),
            fields: &[],
            then: "CANCELLED",
        },
        Try {
            kind: CommandKind::AgreeCancel,
            paid: true,
            before: &[("request-cancel", r#"{"reason": "Berubah pikiran"}"#)],
            reason: None,
            fields: &[],
            then: "CANCELLED",
        },
        Try {
            kind: CommandKind::RefuseCancel,
            paid: true,
            before: &[("request-cancel", r#"{"reason": "Berubah pikiran"}"#)],
            reason: None,
            fields: &[],
            then: "READY_TO_SHIP",
        },
    ],
    console: None,
    acts_by_get: false,
};

/// Channels that show a seller the buyer only in part, or not at once.
pub(crate) const MASKING: [&str; 1] = ["tiktok"];

/// Every channel.
pub(crate) const ALL: [&Profile; 5] = [&LAZADA, &TOKOPEDIA, &WOOCOMMERCE, &TIKTOK, &SHOPEE];
