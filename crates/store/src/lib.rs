//! The store: SQL for both databases; the only crate that knows `sqlx`.
//!
//! [`Store`] has no public transaction: its methods take values and give values, and what happens
//! inside a transaction is either SQL or the pure rules of the domain.

pub mod access;
pub mod apply;
mod attempt;
pub mod audit;
pub mod backup;
mod buyer;
pub mod command;
mod consent;
pub mod crypto;
mod db;
pub mod download;
mod error;
mod flows;
mod inbox;
mod lookup;
pub mod once;
mod open;
pub mod read;
pub mod retention;
mod schema;
mod search;
mod setup;
pub mod stock;
mod system;
mod vault;
pub mod work;

pub use buyer::masked_name;
pub use consent::AskedConsent;
pub use db::{AppRole, Error as DatabaseError, Options, Pulse, Step};
pub use error::{Error, Result};
pub use inbox::{ANSWER_BYTES_MAX, Aim, Answer, NewExchange, NewMessage, Pending, Received};
pub use lookup::{Notice, OpenOrder};
pub use open::{Store, Waker, migrate};
pub use schema::Schema;
pub use search::normalised;
pub use setup::{
    Connection, FlowVersion, KeptToken, NewConnection, NewFlowVersion, NewShop, Secret, Shop,
    Source, Warehouse, WebhookRoute,
};
pub use system::{Backlog, LastBackup, Node, Size, Waiting};
pub use vault::{Place, Vault};

#[cfg(test)]
mod tests;

/// Every statement there is: the tests walk them.
#[cfg(test)]
fn statements() -> Vec<&'static db::Statement> {
    [
        &access::statements(),
        apply::STATEMENTS,
        apply::marks::STATEMENTS,
        audit::STATEMENTS,
        inbox::STATEMENTS,
        lookup::STATEMENTS,
        once::STATEMENTS,
        open::STATEMENTS,
        consent::STATEMENTS,
        &setup::statements(),
        &stock::statements(),
        &command::statements(),
        &download::statements(),
        &retention::statements(),
        system::STATEMENTS,
        vault::STATEMENTS,
        work::STATEMENTS,
    ]
    .concat()
    .into_iter()
    .chain(read::statements())
    .collect()
}
