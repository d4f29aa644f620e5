//! The key that a program shows: `Authorization: Bearer dmg_…`.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use dermaga_domain::id::ApiKeyId;
use dermaga_store::read::Scope;
use dermaga_store::read::accounts::{ACT, ApiKey, BUYERS, BearerToken, READ};

use super::Problem;
use crate::App;

/// A program that may read an org.
pub(crate) struct Reader(pub(crate) Scope);

/// A program that may give commands, by its key.
pub(crate) struct Actor(pub(crate) Scope, pub(crate) ApiKeyId);

/// A program that may see what is held about a buyer, and erase it, by its key.
pub(crate) struct Keeper(pub(crate) Scope, pub(crate) ApiKeyId);

/// The key that is in force, if it has the scope.
async fn key(parts: &Parts, app: &App, wanted: &str) -> Result<(Scope, ApiKey), Problem> {
    let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, token)| BearerToken::parse(token.trim()))
        .ok_or_else(Problem::no_key)?;
    let key = app.store().find_api_key(&token).await?;
    let key = key.filter(|key| key.revoked_at.is_none()).ok_or_else(Problem::no_key)?;
    if !key.scopes.iter().any(|scope| scope == wanted) {
        return Err(Problem::not_allowed(wanted));
    }
    Ok((Scope::all(token.org), key))
}

impl FromRequestParts<App> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (scope, key) = key(parts, app, ACT).await?;
        Ok(Self(scope, key.id))
    }
}

impl FromRequestParts<App> for Keeper {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (scope, key) = key(parts, app, BUYERS).await?;
        Ok(Self(scope, key.id))
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(key(parts, app, READ).await?.0))
    }
}
