//! Pages, API and webhooks: everything that comes in over HTTP.
//!
//! The crate reads through the store and writes only through the engine; accounts, sessions and keys,
//! which are its own business, and who looked at what, it writes through the store.
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
mod givers;
mod health;
mod login;
mod pages;
mod paper;
mod password;
mod person;
mod refusal;
mod routes;
mod second_step;
mod security;
mod sub_platforms;
mod system;
mod throttle;
mod webhooks;
mod welcome;

pub use app::{App, ChannelFlow, Settings};
pub use password::{BadPassword, PASSWORD_MIN, WeakPassword, check_password, hash_password};
pub use routes::{Guard, Route};
pub use second_step::{RECOVERY_CODES, SecondStep};
pub use security::NEVER_LOGGED;

use axum::{Router, middleware};
use routes::Routes;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

/// Everything that is served. Webhooks and API stand outside the guard against other sites: they
/// know no cookie.
pub fn router(app: App) -> Router {
    served().into_parts().0.layer(middleware::from_fn(security::headers)).with_state(app)
}

/// The table of what is served.
#[must_use]
pub fn routes() -> Vec<Route> {
    served().into_parts().1
}

fn served() -> Routes {
    let pages = Routes::new()
        .merge(pages::routes())
        .merge(login::routes())
        .merge(welcome::routes())
        .with(|router| router.fallback(login::nowhere).layer(CsrfLayer::new()))
        .with(|router| router.layer(CompressionLayer::new()));
    let api = api::routes().with(|router| router.layer(CompressionLayer::new()));
    Routes::new()
        .merge(webhooks::routes())
        .merge(health::routes())
        .nest("/api/v1", api)
        .merge(pages)
}
