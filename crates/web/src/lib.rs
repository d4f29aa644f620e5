//! Pages, API and webhooks: everything that comes in over HTTP.
//!
//! The crate reads through the store and writes only through the engine.
//!
//! ```text
//!  /webhooks/{route}/{kind}   channels: signed, bounded, kept before they are told 200
//!  /api/v1/…                  programs: a key in Authorization, read only, problem+json
//!  /orders, /bin, /stock, …   people: a session cookie, guarded against other sites
//!  /healthz /readyz /metrics  whoever watches over it
//! ```

mod api;
mod app;
mod health;
mod webhooks;

pub use app::{App, Settings};

use axum::Router;

/// Everything that is served.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(webhooks::routes())
        .merge(health::routes())
        .nest("/api/v1", api::routes(&app))
        .with_state(app)
}
