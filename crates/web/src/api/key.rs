//! The key that a program shows: `Authorization: Bearer dmg_…`.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use dermaga_domain::access::{KeyScope, Permission, Permissions};
use dermaga_domain::id::ApiKeyId;
use dermaga_store::access::{ApiKey, BearerToken};
use dermaga_store::read::Scope;

use super::Problem;
use crate::App;
use crate::routes::{self, Guard};

/// A program, by its key, with what it sees. It may come where it is: the guard of the route was asked.
pub(crate) struct Program {
    pub(crate) key: ApiKey,
    pub(crate) scope: Scope,
}

/// A program that reads.
pub(crate) struct Reader(pub(crate) Scope);

/// A program that gives commands, by its key.
pub(crate) struct Actor {
    pub(crate) scope: Scope,
    pub(crate) key: ApiKeyId,
    permissions: Permissions,
}

impl Actor {
    /// Refuses, unless the key may do something: for what the guard of the route cannot know.
    pub(crate) fn need(&self, permission: Permission) -> Result<(), Problem> {
        if self.permissions.has(permission) { Ok(()) } else { Err(not_allowed(permission)) }
    }
}

/// The refusal, with the scope that would allow it.
fn not_allowed(permission: Permission) -> Problem {
    Problem::not_allowed(KeyScope::that_allows(permission).map(KeyScope::as_str))
}

impl FromRequestParts<App> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = shown
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, token)| BearerToken::parse(token.trim()))
            .ok_or_else(Problem::no_key)?;
        let found = app.store().key_with_scope(&token).await?;
        let found = found.filter(|(key, _)| key.revoked_at.is_none());
        let (key, scope) = found.ok_or_else(Problem::no_key)?;
        let Some(guard) = routes::guard(&parts.extensions) else {
            tracing::error!("a route has no guard");
            return Err(Problem::not_allowed(None));
        };
        if !guard.lets(key.permissions()) {
            let wanted = match guard {
                Guard::Any(any) => any.iter().find_map(KeyScope::that_allows),
                Guard::Open(_) | Guard::Known => None,
            };
            return Err(Problem::not_allowed(wanted.map(KeyScope::as_str)));
        }
        app.store().touch_key(&token, &key).await?;
        Ok(Self { key, scope })
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Program { key, scope } = Program::from_request_parts(parts, app).await?;
        Ok(Self { scope, key: key.id, permissions: key.permissions() })
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(Program::from_request_parts(parts, app).await?.scope))
    }
}
