//! The person who is logged in, and how a page looks to them.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use dermaga_domain::access::{Permission, Permissions};
use dermaga_domain::id::OrgId;
use dermaga_domain::time::{Span, Time};
use dermaga_store::access::{Account, BearerToken, Session};
use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::orders::View;
use dermaga_ui::{ChannelLink, Frame, Locale, ShopLink};
use jiff::tz::TimeZone;

use crate::refusal::Refusal;
use crate::{App, cookies, routes};

/// A session that was not used for this long has ended.
const IDLE: Span = Span::hours(12);
/// How often the use of a session is noted.
const NOTED: Span = Span::minutes(5);

/// A person who is logged in.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) token: BearerToken,
    pub(crate) session: Session,
    pub(crate) scope: Scope,
    pub(crate) locale: Locale,
    /// Path and query of the page.
    pub(crate) here: String,
}

/// How a page looks to whoever asks.
pub(crate) fn locale(parts: &Parts, app: &App) -> Locale {
    locale_of(&parts.headers, app)
}

/// The same, from headers alone.
pub(crate) fn locale_of(headers: &axum::http::HeaderMap, app: &App) -> Locale {
    let settings = app.settings();
    Locale {
        language: cookies::language(headers, settings),
        zone: TimeZone::get(&settings.zone).unwrap_or(TimeZone::UTC),
        now: app.engine().now().0,
    }
}

fn here(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

impl OptionalFromRequestParts<App> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Refusal> {
        let Some(token) = cookies::token(&parts.headers, app.settings()) else { return Ok(None) };
        let refusal = |error| Refusal::of_store(&error, locale(parts, app), here(&parts.uri));
        let found = app.store().find_session(&token).await.map_err(refusal)?;
        let now = app.engine().now();
        let Some(session) = found.filter(|session| is_alive(session, now)) else { return Ok(None) };
        if now.since(session.seen_at) > NOTED {
            app.store().touch_session(&token).await.map_err(refusal)?;
        }
        Ok(Some(Self {
            scope: session.scope.clone(),
            account: session.account.clone(),
            session,
            token,
            locale: locale(parts, app),
            here: here(&parts.uri),
        }))
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let found = <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        let next =
            if parts.method == Method::GET { here(&parts.uri) } else { "/orders".to_owned() };
        let person = found.ok_or(Refusal::LogIn { next })?;
        let Some(guard) = routes::guard(&parts.extensions) else {
            tracing::error!("a route has no guard");
            return Err(person.not_allowed());
        };
        if guard.lets(person.permissions()) { Ok(person) } else { Err(person.not_allowed()) }
    }
}

/// Whether a session still lets somebody in.
fn is_alive(session: &Session, now: Time) -> bool {
    now < session.expires_at && now.since(session.seen_at) < IDLE
}

impl Person {
    /// What they may do: their role's, less what is about the whole business if they see only a part.
    pub(crate) fn permissions(&self) -> Permissions {
        let all = self.account.role.permissions();
        if self.account.limits.is_none() { all } else { all.of_limited() }
    }

    /// Whether they may do something.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions().has(permission)
    }

    /// Refuses, unless they may do something: for what the guard of the route cannot know.
    pub(crate) fn need(&self, permission: Permission) -> Result<(), Refusal> {
        if self.may(permission) { Ok(()) } else { Err(self.not_allowed()) }
    }

    /// What they get instead of what they may not do.
    pub(crate) fn not_allowed(&self) -> Refusal {
        let (locale, here) = (self.locale.clone(), self.here.clone());
        Refusal::page(StatusCode::FORBIDDEN, "DMG-0605", locale, here)
    }

    /// What they read names for, and in which words.
    pub(crate) const fn reads(&self) -> (OrgId, &Locale) {
        (self.scope.org, &self.locale)
    }

    /// Who acts, for the records.
    pub(crate) const fn by(&self) -> Giver {
        Giver::Person(self.account.id)
    }

    /// Navigation and top bar of a page.
    pub(crate) async fn frame(&self, app: &App, query: &str) -> dermaga_store::Result<Frame> {
        let counts = app.store().tab_counts(&self.scope, None, None).await?;
        let shops = app.store().shops(self.scope.org, None).await?;
        let shops = shops.iter().filter(|shop| self.scope.sees(shop.id));
        Ok(Frame {
            org: self.account.org_name.clone(),
            account: self.account.name.clone(),
            permissions: self.permissions().iter().map(Permission::as_str).collect(),
            here: self.here.clone(),
            query: query.to_owned(),
            action_needed: counts.of(View::Action),
            channels: app.channel_links(),
            shops: shops
                .map(|shop| ShopLink {
                    id: shop.id.to_string(),
                    name: shop.name.clone(),
                    channel: app.channel_link(&shop.channel),
                })
                .collect(),
        })
    }
}

/// The link of a channel by its key.
pub(crate) fn channel_link(key: &str, name: &str) -> ChannelLink {
    ChannelLink { key: key.to_owned(), name: name.to_owned() }
}
