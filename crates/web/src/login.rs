//! Logging in and out, and the choice of language.

use std::net::SocketAddr;

use axum::Form;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use dermaga_domain::time::Span;
use dermaga_store::access::BearerToken;
use dermaga_ui::{Language, LoginPage, Sentence};
use serde::Deserialize;

use crate::person::{Person, locale_of};
use crate::refusal::{Refusal, shown};
use crate::routes::{Guard, Routes};
use crate::{App, cookies};

/// A session ends after this, however often it is used.
const ABSOLUTE: Span = Span::days(7);

pub(crate) fn routes() -> Routes {
    let why = Guard::Open("the door");
    Routes::new()
        .get("/login", why, form)
        .post("/login", why, log_in)
        .post("/logout", Guard::Known, log_out)
        .post("/language", Guard::Open("a cookie of the browser's own"), language)
}

/// A path of ours; anything else leads to the orders.
fn own_path(text: &str) -> &str {
    let ours = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(['\\', '\r', '\n', '\t']);
    if ours { text } else { "/orders" }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

async fn form(
    State(app): State<App>,
    person: Result<Option<Person>, Refusal>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    if matches!(person, Ok(Some(_))) {
        return Redirect::to(own_path(&asked.next)).into_response();
    }
    let ended = cookies::token(&headers, app.settings()).is_some();
    shown(&LoginPage {
        locale: locale_of(&headers, &app),
        account: String::new(),
        next: own_path(&asked.next).to_owned(),
        error: ended.then(|| Sentence::new("login-error-expired")),
    })
}

#[derive(Deserialize)]
struct Typed {
    account: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The address of who asks, as far as the connection tells.
struct Address(String);

impl<S: Sync> axum::extract::FromRequestParts<S> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map_or_else(String::new, |ConnectInfo(peer)| peer.ip().to_string())))
    }
}

async fn log_in(
    State(app): State<App>,
    Address(address): Address,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let again = |status: StatusCode, error: Sentence| {
        let page = LoginPage {
            locale: locale_of(&headers, &app),
            account: typed.account.clone(),
            next: own_path(&typed.next).to_owned(),
            error: Some(error),
        };
        let mut response = shown(&page);
        *response.status_mut() = status;
        response
    };
    let who = (address, typed.account.to_lowercase());
    if let Some(wait) = app.throttle().wait(&who) {
        let minutes = i64::try_from(wait.as_secs().div_ceil(60)).unwrap_or(i64::MAX);
        let error = Sentence::new("login-error-locked").with("minutes", minutes);
        return Ok(again(StatusCode::TOO_MANY_REQUESTS, error));
    }
    app.throttle().count(who.clone());
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, locale_of(&headers, &app), "/login".to_owned())
    };
    let account = app.store().find_account(&typed.account).await.map_err(refusal)?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = app.passwords().is_right(typed.password.clone(), hash).await;
    let Some(account) = account.filter(|_| right) else {
        tracing::warn!("log-in refused");
        return Ok(again(StatusCode::UNAUTHORIZED, Sentence::new("login-error-wrong")));
    };
    app.throttle().forget(&who);
    if let Some(before) = cookies::token(&headers, app.settings()) {
        app.store().delete_session(&before).await.map_err(refusal)?;
    }
    let token = BearerToken::new(account.org, rand::random());
    let expires_at = app.engine().now().plus(ABSOLUTE);
    app.store().create_session(&token, account.id, expires_at).await.map_err(refusal)?;
    tracing::info!(account.id = %account.id, "logged in");
    let mut response = Redirect::to(own_path(&typed.next)).into_response();
    if let Some(cookie) = cookies::set_token(&token, app.settings()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn log_out(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    let ended = app.store().log_out(&person.token, &person.session).await;
    ended.map_err(|error| Refusal::of_store(&error, person.locale, "/orders".to_owned()))?;
    let mut response = Redirect::to("/login").into_response();
    if let Some(cookie) = cookies::clear_token(app.settings()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Chosen {
    language: String,
    #[serde(default)]
    back: String,
}

async fn language(State(app): State<App>, Form(chosen): Form<Chosen>) -> Response {
    let mut response = Redirect::to(own_path(&chosen.back)).into_response();
    let cookie = Language::from_code(&chosen.language)
        .and_then(|language| cookies::set_language(language, app.settings()));
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// For addresses that are none.
pub(crate) async fn nowhere(State(app): State<App>, request: Request) -> Refusal {
    let here = request.uri().path().to_owned();
    Refusal::not_found(locale_of(request.headers(), &app), here)
}
