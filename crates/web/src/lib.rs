//! Pages, API and webhooks: everything that comes in over HTTP.
//!
//! The crate reads through the store and writes only through the engine.
//!
//! ```text
//!  /webhooks/{route}/{kind}   channels: signed, bounded, kept before they are told 200
//!  /api/v1/…                  programs: a key in Authorization with scopes, problem+json
//!  /orders, /bin, /stock, …   people: a session cookie, guarded against other sites
//!  /healthz /readyz /metrics  whoever watches over it
//! ```

mod api;
mod app;
mod cookies;
pub mod explain;
mod health;
mod login;
mod pages;
mod paper;
mod password;
mod person;
mod refusal;
mod security;
mod system;
mod throttle;
mod webhooks;

pub use app::{App, ChannelFlow, Settings};
pub use password::{BadPassword, hash_password};
pub use security::NEVER_LOGGED;

use axum::{Router, middleware};
use tower_http::csrf::CsrfLayer;

/// Everything that is served. Webhooks and API stand outside the guard against other sites: they
/// know no cookie.
pub fn router(app: App) -> Router {
    let pages = Router::new()
        .merge(pages::routes())
        .merge(login::routes())
        .fallback(login::nowhere)
        .layer(CsrfLayer::new());
    Router::new()
        .merge(webhooks::routes())
        .merge(health::routes())
        .nest("/api/v1", api::routes())
        .merge(pages)
        .layer(middleware::from_fn(security::headers))
        .with_state(app)
}
