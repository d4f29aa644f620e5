//! Logging in and out, and the choice of language.

use std::net::SocketAddr;

use axum::Form;
use axum::extract::{ConnectInfo, FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use dermaga_domain::time::Span;
use dermaga_store::access::{Account, BearerToken, Came, Session};
use dermaga_store::audit::act;
use dermaga_store::command::Giver;
use dermaga_ui::{Language, LoginPage, SecondPage, Sentence};
use serde::Deserialize;

use crate::person::{Person, locale_of};
use crate::refusal::{Refusal, shown};
use crate::routes::{Guard, Routes};
use crate::{App, cookies, second_step};

/// A session ends after this, however often it is used.
const ABSOLUTE: Span = Span::days(7);
/// How long the second step may take.
const PENDING: Span = Span::minutes(10);

pub(crate) fn routes() -> Routes {
    let why = Guard::Open("the door");
    Routes::new()
        .get("/login", why, form)
        .post("/login", why, log_in)
        .get("/login/code", why, second_form)
        .post("/login/code", why, second)
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
    #[serde(default)]
    told: String,
}

async fn form(
    State(app): State<App>,
    person: Result<Option<Person>, Refusal>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    if matches!(person, Ok(Some(_))) {
        return Ok(Redirect::to(own_path(&asked.next)).into_response());
    }
    let ended = cookies::token(&headers, app.settings()).is_some();
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, locale_of(&headers, &app), "/login".to_owned())
    };
    let welcome = asked.told == "welcome";
    let error = if ended && !welcome {
        Some(Sentence::new("login-error-expired"))
    } else if app.store().has_accounts().await.map_err(refusal)? {
        None
    } else {
        Some(Sentence::new("login-error-first"))
    };
    Ok(shown(&LoginPage {
        locale: locale_of(&headers, &app),
        account: String::new(),
        next: own_path(&asked.next).to_owned(),
        error,
        notice: welcome.then(|| Sentence::new("notice-welcome")),
    }))
}

#[derive(Deserialize)]
struct Typed {
    account: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// How somebody came: the address as far as the connection tells, and the browser's name for itself.
pub(crate) struct Visitor {
    address: String,
    agent: String,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self {
            address: peer.map_or_else(String::new, |ConnectInfo(peer)| peer.ip().to_string()),
            agent: agent.map(browser).unwrap_or_default(),
        })
    }
}

/// The browser and its system, of the long name that it gives itself.
fn browser(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |all: &[(&str, &'static str)]| {
        all.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

/// The sentence for somebody who must wait.
fn locked(wait: Span) -> Sentence {
    let minutes = (wait.0 + Span::minutes(1).0 - 1) / Span::minutes(1).0;
    Sentence::new("login-error-locked").with("minutes", minutes)
}

async fn log_in(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let again = |status: StatusCode, error: Sentence| {
        let page = LoginPage {
            locale: locale_of(&headers, &app),
            account: typed.account.clone(),
            next: own_path(&typed.next).to_owned(),
            error: Some(error),
            notice: None,
        };
        let mut response = shown(&page);
        *response.status_mut() = status;
        response
    };
    let now = app.engine().now();
    if let Some(wait) = app.throttle().wait(&visitor.address, &typed.account, now) {
        return Ok(again(StatusCode::TOO_MANY_REQUESTS, locked(wait)));
    }
    app.throttle().count(&visitor.address, &typed.account, now);
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, locale_of(&headers, &app), "/login".to_owned())
    };
    let account = app.store().find_account(&typed.account).await.map_err(refusal)?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let right = app.passwords().is_right(typed.password.clone(), hash).await;
    let Some(account) = account.filter(|_| right) else {
        tracing::warn!("log-in refused");
        refused(&app, &typed.account, &visitor).await.map_err(refusal)?;
        return Ok(again(StatusCode::UNAUTHORIZED, Sentence::new("login-error-wrong")));
    };
    app.throttle().forget(&visitor.address, &typed.account);
    let next = own_path(&typed.next);
    let to = if account.second_step {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        format!("/login/code?next={next}")
    } else {
        next.to_owned()
    };
    let pending = account.second_step;
    session(&app, &headers, (&account, visitor, pending), &to).await.map_err(refusal)
}

/// Writes down that a log-in was refused, if there is such a person.
async fn refused(app: &App, login: &str, visitor: &Visitor) -> dermaga_store::Result<()> {
    let Some(account) = app.store().find_account(login).await? else { return Ok(()) };
    let (subject, from) = (account.id.to_string(), visitor.address.as_str());
    let told = (subject.as_str(), from);
    app.store().write_down(account.org, Giver::Machine, act::LOG_IN_REFUSED, told).await
}

/// Begins a session, pending if the second step is still to come; the session of before ends.
async fn session(
    app: &App,
    headers: &HeaderMap,
    (account, visitor, pending): (&Account, Visitor, bool),
    to: &str,
) -> dermaga_store::Result<Response> {
    if let Some(before) = cookies::token(headers, app.settings()) {
        app.store().delete_session(&before).await?;
    }
    let token = BearerToken::new(account.org, rand::random());
    let expires_at = app.engine().now().plus(if pending { PENDING } else { ABSOLUTE });
    let came = Came { agent: visitor.agent, address: visitor.address, pending };
    app.store().log_in(&token, account.id, expires_at, came).await?;
    if !pending {
        tracing::info!(account.id = %account.id, "logged in");
    }
    let mut response = Redirect::to(to).into_response();
    if let Some(cookie) = cookies::set_token(&token, app.settings()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The session that waits for the second step, if this browser has one.
async fn waiting(app: &App, headers: &HeaderMap) -> dermaga_store::Result<Option<Session>> {
    let Some(token) = cookies::token(headers, app.settings()) else { return Ok(None) };
    let found = app.store().find_pending(&token).await?;
    Ok(found.filter(|session| app.engine().now() < session.expires_at))
}

async fn second_form(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, locale_of(&headers, &app), "/login".to_owned())
    };
    if waiting(&app, &headers).await.map_err(refusal)?.is_none() {
        return Ok(Redirect::to("/login").into_response());
    }
    let next = own_path(&asked.next).to_owned();
    Ok(shown(&SecondPage { locale: locale_of(&headers, &app), next, error: None }))
}

#[derive(Deserialize)]
struct Code {
    code: String,
    #[serde(default)]
    next: String,
}

async fn second(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(typed): Form<Code>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, locale_of(&headers, &app), "/login".to_owned())
    };
    let again = |status: StatusCode, error: Sentence| {
        let next = own_path(&typed.next).to_owned();
        let page = SecondPage { locale: locale_of(&headers, &app), next, error: Some(error) };
        let mut response = shown(&page);
        *response.status_mut() = status;
        response
    };
    let Some(waits) = waiting(&app, &headers).await.map_err(refusal)? else {
        return Ok(Redirect::to("/login").into_response());
    };
    // Whoever is here knows the password: wherever they come from, it is one guesser.
    let (who, now) = (format!("code of {}", waits.account.id), app.engine().now());
    if let Some(wait) = app.throttle().wait("", &who, now) {
        return Ok(again(StatusCode::TOO_MANY_REQUESTS, locked(wait)));
    }
    app.throttle().count("", &who, now);
    let whose = (waits.account.org, waits.account.id);
    let passes = second_step::passes(app.store(), whose, &typed.code, now).await;
    if !passes.map_err(refusal)? {
        refused(&app, &waits.account.login, &visitor).await.map_err(refusal)?;
        return Ok(again(StatusCode::UNAUTHORIZED, Sentence::new("login-error-code")));
    }
    app.throttle().forget("", &who);
    let next = own_path(&typed.next).to_owned();
    session(&app, &headers, (&waits.account, visitor, false), &next).await.map_err(refusal)
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
