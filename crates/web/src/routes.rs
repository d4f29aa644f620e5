//! The table of everything that is served: method, address, and who may come.
//!
//! A route is made by naming its guard, and what logs people in or looks at keys reads the guard where
//! it stands: a route without one lets nobody in. Proofs walk the same table.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use dermaga_domain::access::{Permission, Permissions};

use crate::App;

/// Who may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anybody, for a reason.
    Open(&'static str),
    /// Whoever is logged in, or shows a key that is in force.
    Known,
    /// Whoever has one of these permissions.
    Any(Permissions),
}

impl Guard {
    /// Whoever has one of these.
    #[must_use]
    pub const fn any(list: &[Permission]) -> Self {
        Self::Any(Permissions::of(list))
    }

    /// Whether somebody who is known and has these permissions may come.
    #[must_use]
    pub fn lets(self, permissions: Permissions) -> bool {
        match self {
            Self::Open(_) | Self::Known => true,
            Self::Any(any) => permissions.and(any) != Permissions::NONE,
        }
    }
}

impl From<Permission> for Guard {
    fn from(permission: Permission) -> Self {
        Self::any(&[permission])
    }
}

/// A route, as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The address, with `{names}` for what varies.
    pub path: String,
    /// Who may come.
    pub guard: Guard,
}

/// Routes in the making, with their table.
pub(crate) struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), table: Vec::new() }
    }

    /// Reads.
    pub(crate) fn get<H, T>(self, path: &str, guard: impl Into<Guard>, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.on(Method::GET, path, guard.into(), get(handler))
    }

    /// Changes something.
    pub(crate) fn post<H, T>(self, path: &str, guard: impl Into<Guard>, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.on(Method::POST, path, guard.into(), post(handler))
    }

    fn on(mut self, method: Method, path: &str, guard: Guard, handler: MethodRouter<App>) -> Self {
        self.router = self.router.route(path, handler.route_layer(Extension(guard)));
        self.table.push(Route { method, path: path.to_owned(), guard });
        self
    }

    /// With these as well.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// With these under a prefix.
    pub(crate) fn nest(mut self, prefix: &str, other: Self) -> Self {
        self.router = self.router.nest(prefix, other.router);
        let under = |route: Route| Route { path: format!("{prefix}{}", route.path), ..route };
        self.table.extend(other.table.into_iter().map(under));
        self
    }

    /// Whatever else the router is to have: fallbacks and layers, never a route.
    pub(crate) fn with(mut self, change: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        self.router = change(self.router);
        self
    }

    pub(crate) fn into_parts(self) -> (Router<App>, Vec<Route>) {
        (self.router, self.table)
    }
}

/// The guard of the route that a request came to.
pub(crate) fn guard(extensions: &axum::http::Extensions) -> Option<Guard> {
    extensions.get::<Guard>().copied()
}
