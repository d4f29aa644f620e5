//! The values of the domain that a page shows. Each is known by its key, the same text as in the
//! database and in the API, and has a word in every language under `<prefix>-<key>`.

/// A value with a key and a word.
pub trait Keyed: Copy {
    /// The text of the domain, for instance `ready_to_ship`.
    fn key(self) -> &'static str;
    /// Where its word is found, for instance `tab-ready_to_ship`.
    fn word_key(self) -> &'static str;
}

impl<T: Keyed> Keyed for &T {
    fn key(self) -> &'static str {
        (*self).key()
    }
    fn word_key(self) -> &'static str {
        (*self).word_key()
    }
}

macro_rules! keys {
    ($(#[$about:meta])* $name:ident, $prefix:literal { $($variant:ident = $key:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is its key, described in the words")]
        pub enum $name { $($variant),+ }

        impl $name {
            /// All of them, in the order of an order's life.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value with this key, if there is one.
            pub fn from_key(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl Keyed for $name {
            fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
            fn word_key(self) -> &'static str {
                match self { $(Self::$variant => concat!($prefix, "-", $key)),+ }
            }
        }
    };
}

keys!(
    /// Where an order shows.
    Tab, "tab" {
        Unpaid = "unpaid", NewOrder = "new_order", ReadyToShip = "ready_to_ship",
        InDelivery = "in_delivery", Completed = "completed", Cancelled = "cancelled",
        Complained = "complained", FailedDelivery = "failed_delivery",
    }
);

keys!(
    /// What the list of orders shows: everything, one tab, or what a person must look at.
    View, "tab" {
        All = "all", Unpaid = "unpaid", NewOrder = "new_order", ReadyToShip = "ready_to_ship",
        InDelivery = "in_delivery", Completed = "completed", Cancelled = "cancelled",
        Complained = "complained", FailedDelivery = "failed_delivery",
        ActionNeeded = "action_needed",
    }
);

keys!(
    /// The document axis.
    Document, "document" { None = "none", SalesOrder = "sales_order", Invoice = "invoice" }
);

keys!(
    /// The delivery axis, rolled up over the units.
    Delivery, "delivery" { Unsent = "unsent", PartlySent = "partly_sent", Sent = "sent" }
);

keys!(
    /// The payment axis, rolled up over the units.
    Payment, "payment" { Unpaid = "unpaid", Paid = "paid" }
);

keys!(
    /// Why a person must look.
    Attention, "attention" {
        ManualVoid = "manual_void", ReturnEdit = "return_edit",
        CancelledAfterSent = "cancelled_after_sent", Short = "short", Unmapped = "unmapped",
        UnknownStatus = "unknown_status", AwbInvalid = "awb_invalid", AwbMissing = "awb_missing",
        ParcelReturning = "parcel_returning", OnHold = "on_hold", CancelRequest = "cancel_request",
        LinesChanged = "lines_changed", DiffersFromChannel = "differs_from_channel",
        StatusWentBack = "status_went_back", ArrangeAgain = "arrange_again",
        ParcelLost = "parcel_lost", Count = "count", EditedChanged = "edited_changed",
        OutOfStock = "out_of_stock", Gap = "gap",
    }
);

keys!(
    /// How a fact was heard.
    Mode, "mode" { Realtime = "realtime", Download = "download", Operator = "operator" }
);

keys!(
    /// By which way a fact came in.
    Source, "source" {
        Webhook = "webhook", Fetch = "fetch", OrderPull = "order_pull",
        StatusUpdate = "status_update", Reread = "reread", FirstSync = "first_sync",
        Download = "download", CommandLine = "command_line", Person = "person",
    }
);

keys!(
    /// The seeds' names of the transitions between two states of the documents.
    Verb, "verb" {
        CreateOrder = "create_order", ConvertOrderToInvoice = "convert_order_to_invoice",
        CreateInvoice = "create_invoice", CreateOutboundLogistic = "create_outbound_logistic",
        AddPayment = "add_payment", VoidInvoice = "void_invoice",
        RestoreInvoice = "restore_invoice", FlagReturn = "flag_return",
        FlagAttention = "flag_attention", None = "none",
    }
);

keys!(
    /// What must hold once a status has been heard.
    Ensure, "ensure" {
        SalesOrder = "sales_order", Invoice = "invoice", PartlySent = "partly_sent",
        Sent = "sent", Paid = "paid", Void = "void", ManualVoid = "manual_void",
        Return = "return",
    }
);

keys!(
    /// Who made a status happen.
    Actor, "actor" { Any = "any", Buyer = "buyer", Seller = "seller", System = "system" }
);

keys!(
    /// What a status speaks of.
    About, "about" {
        Order = "order", Package = "package", Return = "return", CancelRequest = "cancel_request",
    }
);

keys!(
    /// A flow as it is delivered.
    Preset, "preset" { Classic = "classic", Recommended = "recommended" }
);

keys!(
    /// A line of the stock ledger.
    MovementKind, "movement" {
        Opening = "opening", Receipt = "receipt", Reserve = "reserve", Allocate = "allocate",
        Release = "release", Sale = "sale", Return = "return", Adjustment = "adjustment",
        Transfer = "transfer", Count = "count", Found = "found",
    }
);

keys!(
    /// What an order line has of its stock.
    Holding, "holding" {
        Unmapped = "unmapped", Nothing = "nothing", Reserved = "reserved",
        Allocated = "allocated", Sold = "sold", Short = "short",
    }
);

keys!(
    /// What a person may do to an order's documents.
    Act, "act" {
        Void = "void", Restore = "restore", Paid = "paid", Unpaid = "unpaid", Sent = "sent",
        Unsent = "unsent", Release = "release",
    }
);

keys!(
    /// What a channel is asked to do with an order.
    Command, "command" {
        Accept = "accept", Partial = "partial", Reject = "reject", Cancel = "cancel",
        AgreeCancel = "agree_cancel", RefuseCancel = "refuse_cancel", Pickup = "pickup",
        Ship = "ship", Label = "label",
    }
);

keys!(
    /// Where a command stands.
    CommandState, "command-state" {
        Waiting = "waiting", Sending = "sending", Unknown = "unknown", Done = "done",
        Refused = "refused", NeedsPerson = "needs_person",
    }
);

keys!(
    /// What shows how a shop fares.
    Vital, "vital" {
        Token = "token", Webhook = "webhook", Pull = "pull", Backlog = "backlog",
        Errors = "errors", Stock = "stock",
    }
);

keys!(
    /// How something fares.
    Light, "light" { Bad = "bad", Look = "look", Fine = "fine", Off = "off" }
);

keys!(
    /// A kind of scheduled task.
    Task, "task" {
        OrderPull = "order_pull", StatusUpdate = "status_update", ReturnPull = "return_pull",
        SkuPull = "sku_pull", WebhookWatch = "webhook_watch",
    }
);

keys!(
    /// What became of a value that a channel was told.
    PushOutcome, "push-outcome" { Taken = "taken", Refused = "refused", Unknown = "unknown" }
);

keys!(
    /// Where a download stands.
    DownloadState, "download-state" {
        Reading = "reading", Ready = "ready", Applying = "applying", Done = "done",
        Dropped = "dropped",
    }
);

keys!(
    /// What became of an order that was downloaded, or would become of it.
    DownloadOutcome, "download-outcome" {
        Failed = "failed", NotFound = "not_found", Changed = "changed", New = "new",
        Same = "same",
    }
);

keys!(
    /// What a person is in the business.
    Role, "role" {
        Owner = "owner", Manager = "manager", Operator = "operator", Packer = "packer",
        Finance = "finance", Viewer = "viewer", Integrator = "integrator",
    }
);

keys!(
    /// What a key of the API may be used for.
    KeyScope, "key-scope" {
        Read = "read", Act = "act", Stock = "stock", Download = "download", Buyers = "buyers",
        Raw = "raw", Audit = "audit",
    }
);

keys!(
    /// Whether a person can log in.
    UserState, "user-state" { Ready = "ready", Invited = "invited", Disabled = "disabled" }
);

keys!(
    /// Who asked in an exchange with a channel.
    Direction, "direction" { In = "in", Out = "out" }
);

keys!(
    /// How an exchange with a channel ended.
    Outcome, "outcome" {
        Accepted = "accepted", Repeated = "repeated", AuthExpired = "auth_expired",
        AuthRefused = "auth_refused", ConsentNeeded = "consent_needed",
        RateLimited = "rate_limited", Temporary = "temporary", Unknown = "unknown",
        Rejected = "rejected", NotFound = "not_found", Malformed = "malformed",
        Unsigned = "unsigned", Unsupported = "unsupported",
    }
);

keys!(
    /// A part of an order's money.
    MoneyPart, "money" {
        Goods = "goods", Shipping = "shipping", Discount = "discount", Voucher = "voucher",
        Fee = "fee", Insurance = "insurance", Tax = "tax", Other = "other",
    }
);

keys!(
    /// A side of an order that the explanation speaks of.
    Axis, "axis" {
        Document = "document", Delivery = "delivery", Payment = "payment",
        Cancelled = "cancelled", Tab = "tab", Stock = "stock",
    }
);

keys!(
    /// What becomes of goods when a document that was sent is voided.
    Restock, "restock" { Stock = "stock", Damaged = "damaged", Lost = "lost" }
);

keys!(
    /// Which rules a flow page shows.
    FlowView, "flow-view" {
        InUse = "in_use", Classic = "classic", Recommended = "recommended", Both = "both",
    }
);

keys!(
    /// What happened to a SKU.
    Incident, "incident" { Oversold = "oversold", OutOfStock = "out_of_stock" }
);

keys!(
    /// What a person may do to a stock level.
    StockAct, "stock-act" { Receipt = "receipt", Adjustment = "adjustment", Count = "count" }
);
