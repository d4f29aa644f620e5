//! The commands of the binary, through the functions that command line and hub share.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod doctor;
mod errors;
mod flow;
mod orders;
mod shop;
mod socket;
mod stock;
mod terminal;
