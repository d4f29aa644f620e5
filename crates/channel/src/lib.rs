//! The contract that every channel implements.
//!
//! A channel is one object behind the [`Channel`] trait; what it can do is data
//! ([`Capabilities`]), not methods that fail at run time. It turns raw bytes into what was heard
//! ([`Heard`]) and requests into exchanges; it never sees a document, a stock level or a database.

mod access;
mod capability;
pub mod consent;
mod contract;
mod error;
mod heard;
pub mod http;
mod pace;
pub mod reach;
mod reason;
mod registry;
pub mod sign;
mod stretch;

pub use access::{Call, Credentials, Token};
pub use capability::{Capabilities, CredentialField, Rate, Scope, SubPlatformName, Wording};
pub use consent::{Asked, Consent, Grant, GrantedShop, Returned};
pub use contract::{
    Changes, Channel, Command, Done, Fetched, Message, OrderCommand, Paper, Raw, RefusedRow,
    ShopNamed, StockRow, Webhook, What,
};
pub use error::Error;
pub use heard::{Heard, HeardFact, Interpretation, Listing, ListingPage, Refetch};
pub use reason::reason_in_clear;
pub use registry::Registry;
pub use stretch::{Stretch, Walked, Window};
