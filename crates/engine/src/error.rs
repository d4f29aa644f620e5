//! Errors of the engine; those that an operator meets have a code with a page.

use dermaga_domain::time::Time;

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store's trouble.
    #[error(transparent)]
    Store(#[from] dermaga_store::Error),
    /// The channel's answer.
    #[error(transparent)]
    Channel(#[from] dermaga_channel::Error),
    /// There is no such channel in this installation.
    #[error("there is no channel {0:?}; `dermaga shop channels` lists them")]
    NoChannel(String),
    /// Something that connecting needs was not given.
    #[error("the channel needs {0}; give it with --set {0}=…")]
    MissingCredential(&'static str),
    /// The flow cannot be used.
    #[error(transparent)]
    Flow(#[from] dermaga_domain::flow::FlowError),
    /// The channel does not list orders from so long ago.
    #[error(
        "the channel lists orders of the last {days} days only; the earliest date is {earliest:?}"
    )]
    TooOld {
        /// How many days it lists.
        days: i64,
        /// The earliest time that can be asked for.
        earliest: Time,
    },
    /// Orders of the shop are not taken now.
    #[error("orders of this shop are not taken now: it is paused, or its order sync is off")]
    OrdersOff,
    /// A range of time without a moment in it.
    #[error("the range ends before it begins, or lies in the future")]
    EmptyRange,
    /// What the first push of a shop would change was not seen, or has changed since.
    #[error(
        "look first at what telling the channel would change, then switch it on with what is shown there"
    )]
    NotSeen,
    /// A consent that the browser brings back is not taken.
    #[error(transparent)]
    Consent(#[from] NotTaken),
    /// What was asked cannot be done as things stand.
    #[error("{0}")]
    Refused(String),
}

/// Why a seller's consent is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Nobody in this session asked for it, it was taken before, or it came too late.
    #[error("this answer was not asked for here, was used before, or came too late; ask again")]
    NotAsked,
    /// Another seller consented than the one whose shop is connected.
    #[error("the seller who consented does not own {0}; log in at the channel as its owner")]
    OtherSeller(String),
}

impl Error {
    /// The code of the page that explains it, if an operator can meet it.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Channel(error) => channel_code(error),
            Self::TooOld { .. } => Some("DMG-0204"),
            Self::Flow(_) => Some("DMG-0401"),
            Self::NotSeen => Some("DMG-0503"),
            Self::OrdersOff => Some("DMG-0207"),
            Self::Consent(_) => Some("DMG-0210"),
            Self::Store(_)
            | Self::NoChannel(_)
            | Self::MissingCredential(_)
            | Self::EmptyRange
            | Self::Refused(_) => None,
        }
    }
}

/// The page of a channel's error.
#[must_use]
pub(crate) const fn channel_code(error: &dermaga_channel::Error) -> Option<&'static str> {
    use dermaga_channel::Error as E;
    match error {
        E::AuthExpired | E::AuthRefused { .. } => Some("DMG-0201"),
        E::ConsentNeeded { .. } => Some("DMG-0209"),
        E::Temporary(_) | E::Unknown(_) | E::RateLimited { .. } => Some("DMG-0202"),
        E::Malformed(_) => Some("DMG-0302"),
        E::Rejected { .. } | E::NotFound | E::Unsupported(_) => None,
    }
}

/// The result of everything in the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;
