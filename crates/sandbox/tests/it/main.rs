//! The sandbox from the outside: over real sockets, through its public API only.

mod client;
mod orders;
mod webhooks;
