//! The engine: moves things along the arrows from a channel to documents and back.
//!
//! ```text
//!  webhooks ─┐                      ┌─ apply (judge, settle, write)
//!  fetches ──┼─> inbox ─> ingest ───┤
//!  pulls ────┘                      └─ marks ─> fetches, judgements, fills
//! ```
//!
//! Every loop is woken by a signal and also runs on a timer, so a lost signal costs only time. Every
//! loop may be killed at any point: what it had not committed it does again, and doing it twice
//! changes nothing.

mod access;
mod act;
mod again;
mod buyer;
mod command;
mod consent;
mod download;
mod engine;
mod error;
mod fetch;
mod flow;
mod ingest;
mod judge;
mod pull;
mod push;
mod rates;
mod retention;
mod rounds;
mod run;
mod setup;
mod shop;
mod stock;
mod task;
mod tokens;
mod watch;
mod webhook;

pub use act::Acted;
pub use again::Again;
pub use buyer::{BuyerExport, Whose};
pub use command::{Given, Offered, TOGETHER_MAX};
pub use consent::{Consented, NO_SESSION, OpenedShop};
pub use download::{NUMBERS_MAX, Wish};
pub use engine::{Engine, Settings};
pub use error::{Error, NotTaken, Result};
pub use flow::{ApplyTo, DryRun, Ends, Kept, Look};
pub use ingest::Ingested;
pub use push::{PreviewRow, PushPreview};
pub use rates::{ChosenRate, NoRate};
pub use setup::{Connect, ConnectShop};
pub use shop::{FirstLook, INTERVAL_MAX, INTERVAL_MIN, Steer};
pub use stock::OPENING_ROWS_MAX;
pub use task::TaskKind;
pub use webhook::Received;
