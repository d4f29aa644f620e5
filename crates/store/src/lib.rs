//! The store: SQL for both databases; the only crate that knows `sqlx`.

pub mod crypto;
mod db;

pub use db::{AppRole, Error, Options};
