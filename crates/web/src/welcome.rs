//! Coming in for the first time: with a link that sets one's password, and as the first of all.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_store::access::{BearerToken, FirstOwner, Invitation};
use dermaga_ui::{Sentence, SetupPage, WelcomePage};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::App;
use crate::password::{PASSWORD_MIN, WeakPassword, check_password};
use crate::person::locale_of;
use crate::refusal::{Refusal, shown};
use crate::routes::{Guard, Routes};

/// The longest name and log-in, in characters: as the forms say.
const NAME_MAX: usize = 100;

pub(crate) fn routes() -> Routes {
    let link = Guard::Open("an unguessable link that is good once");
    Routes::new()
        .get("/welcome/{link}", link, form)
        .post("/welcome/{link}", link, set)
        .get("/setup/{link}", link, setup_form)
        .post("/setup/{link}", link, set_up)
}

/// The shortest password, as pages say it.
pub(crate) fn password_min() -> i64 {
    i64::try_from(PASSWORD_MIN).unwrap_or(i64::MAX)
}

/// Why a password is not taken, in words.
pub(crate) fn weak(why: WeakPassword) -> Sentence {
    match why {
        WeakPassword::Short => Sentence::new("access-error-short").with("n", password_min()),
        WeakPassword::Long => Sentence::new("access-error-long"),
        WeakPassword::Common => Sentence::new("access-error-common"),
    }
}

/// A name or log-in as it is kept; none when it is empty or far too long.
pub(crate) fn trimmed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= NAME_MAX).then(|| text.to_owned())
}

/// What a link that is not good gets: the same as one that never was.
fn nowhere(app: &App, headers: &HeaderMap) -> Refusal {
    Refusal::not_found(locale_of(headers, app), "/login".to_owned())
}

fn failed(app: &App, headers: &HeaderMap, error: &dermaga_store::Error) -> Refusal {
    Refusal::of_store(error, locale_of(headers, app), "/login".to_owned())
}

async fn good(
    app: &App,
    headers: &HeaderMap,
    link: &str,
) -> Result<(BearerToken, Invitation), Refusal> {
    let token = BearerToken::parse(link).ok_or_else(|| nowhere(app, headers))?;
    let found = app.store().find_invitation(&token).await;
    let found = found.map_err(|error| failed(app, headers, &error))?;
    Ok((token, found.ok_or_else(|| nowhere(app, headers))?))
}

fn page(app: &App, headers: &HeaderMap, link: &str, invitation: &Invitation) -> WelcomePage {
    WelcomePage {
        locale: locale_of(headers, app),
        href: format!("/welcome/{link}"),
        org: invitation.account.org_name.clone(),
        name: invitation.account.name.clone(),
        login: invitation.account.login.clone(),
        password_min: password_min(),
        error: None,
    }
}

async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Result<Response, Refusal> {
    let (_, invitation) = good(&app, &headers, &link).await?;
    Ok(shown(&page(&app, &headers, &link, &invitation)))
}

#[derive(Deserialize)]
struct Typed {
    password: String,
}

async fn set(
    State(app): State<App>,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let (token, invitation) = good(&app, &headers, &link).await?;
    if let Err(why) = check_password(&typed.password, &invitation.account.login) {
        let page = page(&app, &headers, &link, &invitation);
        let mut response = shown(&WelcomePage { error: Some(weak(why)), ..page });
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let hash = hashed(&app, &headers, typed.password).await?;
    let taken = app.store().accept_invitation(&token, &invitation, &hash).await;
    if !taken.map_err(|error| failed(&app, &headers, &error))? {
        return Err(nowhere(&app, &headers));
    }
    Ok(Redirect::to("/login?told=welcome").into_response())
}

async fn hashed(app: &App, headers: &HeaderMap, password: String) -> Result<String, Refusal> {
    app.passwords().hash(password).await.map_err(|error| {
        tracing::error!(error = %error, "password not hashed");
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Refusal::page(status, "DMG-0607", locale_of(headers, app), "/login".to_owned())
    })
}

/// Whether the link is the one of this start, and there is still nobody.
async fn is_first(app: &App, headers: &HeaderMap, link: &str) -> Result<(), Refusal> {
    let right = app
        .settings()
        .setup
        .as_ref()
        .is_some_and(|code| bool::from(code.as_bytes().ct_eq(link.as_bytes())));
    let taken = app.store().has_accounts().await;
    let taken = taken.map_err(|error| failed(app, headers, &error))?;
    if right && !taken { Ok(()) } else { Err(nowhere(app, headers)) }
}

#[derive(Deserialize, Default)]
struct First {
    #[serde(default)]
    business: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
}

fn setup_page(app: &App, headers: &HeaderMap, link: &str, typed: &First) -> SetupPage {
    SetupPage {
        locale: locale_of(headers, app),
        href: format!("/setup/{link}"),
        business: typed.business.clone(),
        name: typed.name.clone(),
        login: typed.login.clone(),
        password_min: password_min(),
        error: None,
    }
}

async fn setup_form(
    State(app): State<App>,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Result<Response, Refusal> {
    is_first(&app, &headers, &link).await?;
    Ok(shown(&setup_page(&app, &headers, &link, &First::default())))
}

async fn set_up(
    State(app): State<App>,
    headers: HeaderMap,
    Path(link): Path<String>,
    Form(typed): Form<First>,
) -> Result<Response, Refusal> {
    is_first(&app, &headers, &link).await?;
    let again = |error: Sentence| {
        let page = setup_page(&app, &headers, &link, &typed);
        let mut response = shown(&SetupPage { error: Some(error), ..page });
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        response
    };
    let texts = (trimmed(&typed.business), trimmed(&typed.name), trimmed(&typed.login));
    let (Some(business), Some(name), Some(login)) = texts else {
        return Ok(again(Sentence::new("access-error-empty")));
    };
    if let Err(why) = check_password(&typed.password, &login) {
        return Ok(again(weak(why)));
    }
    let password_hash = hashed(&app, &headers, typed.password.clone()).await?;
    let first = FirstOwner { business, login, name, password_hash };
    let made = app.store().create_first_owner(first).await;
    match made.map_err(|error| failed(&app, &headers, &error))? {
        Some(_) => Ok(Redirect::to("/login?told=welcome").into_response()),
        None => Err(nowhere(&app, &headers)),
    }
}
