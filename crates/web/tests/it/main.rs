//! Every address that is served, called without a socket, on a database of its own.

mod api;
mod hub;
mod pages;
mod toy;
mod webhooks;
