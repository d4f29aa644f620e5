//! Every address that is served, called without a socket, on a database of its own.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod acts;
mod api;
mod commands;
mod consent;
mod door;
mod downloads;
mod flows;
mod hub;
mod matrix;
mod operations;
mod pages;
mod shops;
mod shy;
mod stock;
mod sub_platforms;
mod toy;
mod webhooks;
mod world;
