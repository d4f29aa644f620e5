//! Words with a fixed spelling: one enum per term, the same text in flow files, database and API.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A word that is not one of its term's values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a {term}; use one of: {allowed}")]
pub struct UnknownWord {
    /// The term that was wanted.
    pub term: &'static str,
    /// The text that was found.
    pub found: String,
    /// The allowed texts, comma-separated.
    pub allowed: String,
}

macro_rules! term {
    ($(#[$meta:meta])* $name:ident ($label:literal) { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The fixed spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownWord {
                        term: $label,
                        found: text.to_owned(),
                        allowed: [$($text),+].join(", "),
                    }),
                }
            }
        }
    };
}

pub(crate) use term;

term! {
    /// How a fact was heard.
    Mode("mode") {
        /// By itself: a webhook, the fetch it triggers, a scheduled pull, the re-read after a command.
        Realtime = "realtime",
        /// A person asked: a manual download, the first sync, the command line.
        Download = "download",
    }
}

term! {
    /// Who brought a status about.
    Actor("actor") {
        /// The buyer.
        Buyer = "buyer",
        /// The seller.
        Seller = "seller",
        /// The channel itself.
        System = "system",
    }
}

term! {
    /// What a status speaks of.
    About("about") {
        /// The order, or one unit of it.
        Order = "order",
        /// One parcel.
        Package = "package",
        /// A return or a complaint.
        Return = "return",
        /// The buyer's request to cancel.
        CancelRequest = "cancel_request",
    }
}

term! {
    /// Where an order shows on the orders page.
    Tab("tab") {
        /// Not paid by the buyer yet.
        Unpaid = "unpaid",
        /// Waits for the seller.
        NewOrder = "new_order",
        /// Accepted, waits for the courier.
        ReadyToShip = "ready_to_ship",
        /// With the courier.
        InDelivery = "in_delivery",
        /// Done.
        Completed = "completed",
        /// Cancelled by anybody.
        Cancelled = "cancelled",
        /// The buyer complained, or goods are coming back.
        Complained = "complained",
        /// The courier could not deliver.
        FailedDelivery = "failed_delivery",
    }
}

term! {
    /// A named reason why a person must look at an order.
    Attention("attention") {
        /// The channel cancelled; this flow leaves the void to a person.
        ManualVoid = "manual_void",
        /// A return is open; the invoice needs a person's edit.
        ReturnEdit = "return_edit",
        /// Cancelled although the goods had left.
        CancelledAfterSent = "cancelled_after_sent",
        /// More was sold than is there.
        Short = "short",
        /// A line's listing is mapped to no SKU.
        Unmapped = "unmapped",
        /// The channel gave a status that the flow does not know.
        UnknownStatus = "unknown_status",
        /// The channel says the AWB is wrong.
        AwbInvalid = "awb_invalid",
        /// The channel waits for an AWB.
        AwbMissing = "awb_missing",
        /// The parcel is coming back.
        ParcelReturning = "parcel_returning",
        /// The parcel is lost or destroyed.
        ParcelLost = "parcel_lost",
        /// Not to be shipped yet.
        OnHold = "on_hold",
        /// The buyer asks to cancel.
        CancelRequest = "cancel_request",
        /// Shipping must be arranged again.
        ArrangeAgain = "arrange_again",
        /// Quantities changed after sending or after a person's edit.
        LinesChanged = "lines_changed",
        /// A person's act holds against what the channel says.
        DiffersFromChannel = "differs_from_channel",
        /// The channel took a status back.
        StatusWentBack = "status_went_back",
        /// More was sent than was on hand: count the shelf.
        Count = "count",
        /// The channel changed the lines of an invoice that a person had edited.
        EditedChanged = "edited_changed",
        /// The channel cancelled because the goods were not there: an incident on their SKUs.
        OutOfStock = "out_of_stock",
    }
}

term! {
    /// The seeds' names for the transitions between two states of an order's documents.
    Verb("verb") {
        /// A sales order came into being.
        CreateOrder = "create_order",
        /// A sales order became an invoice.
        ConvertOrderToInvoice = "convert_order_to_invoice",
        /// An invoice came into being directly.
        CreateInvoice = "create_invoice",
        /// Goods left.
        CreateOutboundLogistic = "create_outbound_logistic",
        /// The money is realised.
        AddPayment = "add_payment",
        /// The document went to the recycle bin.
        VoidInvoice = "void_invoice",
        /// The document came back from the recycle bin.
        RestoreInvoice = "restore_invoice",
        /// A return was flagged.
        FlagReturn = "flag_return",
        /// A person must look.
        FlagAttention = "flag_attention",
        /// Nothing changes.
        None = "none",
    }
}

term! {
    /// The document axis: how far an order's document has come.
    Document("document") {
        /// No document.
        None = "none",
        /// Recorded, not confirmed.
        SalesOrder = "sales_order",
        /// Confirmed.
        Invoice = "invoice",
    }
}

term! {
    /// The delivery axis, rolled up over the living units of an order.
    Delivery("delivery") {
        /// Nothing has left.
        Unsent = "unsent",
        /// Some units have left.
        PartlySent = "partly_sent",
        /// Every living unit has left.
        Sent = "sent",
    }
}

term! {
    /// The payment axis: whether the channel's money for the order is realised.
    Payment("payment") {
        /// Not realised.
        Unpaid = "unpaid",
        /// Realised.
        Paid = "paid",
    }
}

term! {
    /// The cancelled axis.
    Cancelled("cancelled") {
        /// Alive.
        No = "no",
        /// The channel cancelled; a person is to void.
        ManualVoidWanted = "manual_void_wanted",
        /// Cancelled.
        Yes = "yes",
    }
}

term! {
    /// The returned axis, per return.
    Returned("returned") {
        /// No return.
        None = "none",
        /// A return is open, or was accepted.
        Open = "open",
        /// It was closed without goods coming back.
        Closed = "closed",
    }
}

term! {
    /// How cancellation joins on a channel.
    Cancellation("cancellation") {
        /// A cancelled order never comes back.
        Final = "final",
        /// The newest word decides.
        Latest = "latest",
    }
}

/// A kind of integration, as its registry names it. The core never compares it with a literal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelKind(Arc<str>);

impl ChannelKind {
    /// The kind with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A status in the channel's own spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelStatus(Arc<str>);

impl ChannelStatus {
    /// The status spelled so.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The channel's spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
term! {
    /// What a person asks a channel to do with an order.
    CommandKind("command") {
        /// Take the order.
        Accept = "accept",
        /// Ask the buyer to take less.
        Partial = "partial",
        /// Refuse an order that was not accepted yet.
        Reject = "reject",
        /// Cancel an order that was accepted.
        Cancel = "cancel",
        /// Agree to the buyer's wish to cancel.
        AgreeCancel = "agree_cancel",
        /// Refuse the buyer's wish to cancel.
        RefuseCancel = "refuse_cancel",
        /// Ask the courier to come.
        Pickup = "pickup",
        /// Report that the parcel left, with its tracking number.
        Ship = "ship",
        /// Fetch the shipping label.
        Label = "label",
    }
}

term! {
    /// Where a command stands.
    CommandState("command state") {
        /// To be sent.
        Waiting = "waiting",
        /// Claimed: it may have been sent.
        Sending = "sending",
        /// It may have had its effect: the order is read before anything else.
        Unknown = "unknown",
        /// The channel has done it.
        Done = "done",
        /// The channel, or a rule, says no.
        Refused = "refused",
        /// Nobody can tell whether it had its effect, or it failed too often: a person must look.
        NeedsPerson = "needs_person",
    }
}

impl CommandState {
    /// Whether nothing more happens by itself.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::NeedsPerson)
    }
}

term! {
    /// What may be done when it is not known whether a command had its effect.
    Retry("retry class") {
        /// Doing it twice is doing it once: it is simply repeated.
        Repeatable = "repeatable",
        /// The order is read, and it is repeated if it is still needed.
        Guarded = "guarded",
        /// It is never repeated by itself; if the order does not show it, a person decides.
        Unrepeatable = "unrepeatable",
    }
}
