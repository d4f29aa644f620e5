//! One's own account: password, second step, and where one is logged in.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_store::access::Factor;
use dermaga_ui::{AccountPage, SecondStepView, Sentence};
use serde::Deserialize;

use super::{limits, users};
use crate::App;
use crate::password::check_password;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::routes::{Guard, Routes};
use crate::second_step::{SecondStep, recovery_codes};
use crate::welcome::{password_min, weak};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/account", Guard::Known, show)
        .post("/account/password", Guard::Known, set_password)
        .post("/account/second-step", Guard::Known, begin)
        .post("/account/second-step/confirm", Guard::Known, confirm)
        .post("/account/second-step/off", Guard::Known, switch_off)
        .post("/account/sessions", Guard::Known, end_sessions)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    told: String,
}

fn failed(person: &Person) -> impl Fn(dermaga_store::Error) -> Refusal + '_ {
    |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone())
}

fn view(factor: Option<&Factor>, login: &str) -> SecondStepView {
    let Some(factor) = factor else { return SecondStepView::Off };
    match (factor.since, SecondStep::new(&factor.secret, login)) {
        (Some(since), _) => SecondStepView::On { since: since.0, codes: factor.codes },
        (None, Some(step)) => SecondStepView::Pending { uri: step.uri(), secret: step.secret() },
        (None, None) => SecondStepView::Off,
    }
}

async fn page(
    app: &App,
    person: &Person,
    (notice, error): (Option<Sentence>, Option<Sentence>),
    codes: Vec<String>,
) -> Result<AccountPage, Refusal> {
    let (store, org, account) = (app.store(), person.scope.org, &person.account);
    let factor = store.factor(org, account.id).await.map_err(failed(person))?;
    let sessions = store.sessions(org, account.id, Some(&person.token)).await;
    let named = limits::named(app, person).await.map_err(failed(person))?;
    let mut frame = person.frame(app, "").await.map_err(failed(person))?;
    "/account".clone_into(&mut frame.here);
    Ok(AccountPage {
        locale: person.locale.clone(),
        frame,
        notice,
        error,
        codes,
        login: account.login.clone(),
        role: users::shown_role(account.role),
        limits: named.told(&person.locale, &account.limits),
        password_min: password_min(),
        second_step: view(factor.as_ref(), &account.login),
        sessions: sessions.map_err(failed(person))?.into_iter().map(users::session_row).collect(),
    })
}

/// The page again, saying why not.
async fn refused(app: &App, person: &Person, error: Sentence) -> Result<Response, Refusal> {
    let mut response = shown(&page(app, person, (None, Some(error)), Vec::new()).await?);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let known = ["password", "second-step-off", "sessions-ended"];
    let notice = known
        .contains(&asked.told.as_str())
        .then(|| Sentence::new(format!("notice-{}", asked.told)));
    Ok(shown(&page(&app, &person, (notice, None), Vec::new()).await?))
}

/// Whether this is the password of who is logged in; a few wrong ones, and they must wait. Whoever sits
/// at a browser that was left open must not find it out here.
async fn is_theirs(app: &App, person: &Person, password: String) -> Result<(), Sentence> {
    let (who, now) = (format!("password of {}", person.account.id), app.engine().now());
    if app.throttle().wait("", &who, now).is_some() {
        return Err(Sentence::new("login-error-locked").with("minutes", 15));
    }
    app.throttle().count("", &who, now);
    let hash = Some(person.account.password_hash.clone());
    if !app.passwords().is_right(password, hash).await {
        return Err(Sentence::new("access-error-wrong"));
    }
    app.throttle().forget("", &who);
    Ok(())
}

#[derive(Deserialize)]
struct Passwords {
    old: String,
    new: String,
}

async fn set_password(
    State(app): State<App>,
    person: Person,
    Form(typed): Form<Passwords>,
) -> Result<Response, Refusal> {
    if let Err(why) = is_theirs(&app, &person, typed.old).await {
        return refused(&app, &person, why).await;
    }
    if let Err(why) = check_password(&typed.new, &person.account.login) {
        return refused(&app, &person, weak(why)).await;
    }
    let Ok(hash) = app.passwords().hash(typed.new).await else {
        return refused(&app, &person, Sentence::new("access-error-long")).await;
    };
    let (org, id, keep) = (person.scope.org, person.account.id, Some(&person.token));
    let set = app.store().set_password(org, id, &hash, person.by(), keep).await;
    set.map_err(failed(&person))?;
    Ok(Redirect::to("/account?told=password").into_response())
}

async fn begin(State(app): State<App>, person: Person) -> Result<Redirect, Refusal> {
    let secret = SecondStep::make_secret();
    let begun = app.store().start_factor(person.scope.org, person.account.id, &secret).await;
    match begun {
        // One that counts stays as it is.
        Ok(()) | Err(dermaga_store::Error::Refused(_)) => Ok(Redirect::to("/account#second-step")),
        Err(error) => Err(failed(&person)(error)),
    }
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn confirm(
    State(app): State<App>,
    person: Person,
    Form(typed): Form<Code>,
) -> Result<Response, Refusal> {
    let (store, org, id) = (app.store(), person.scope.org, person.account.id);
    let factor = store.factor(org, id).await.map_err(failed(&person))?;
    let waiting = factor.filter(|factor| factor.since.is_none());
    let step = waiting
        .and_then(|factor| SecondStep::new(&factor.secret, &person.account.login))
        .and_then(|step| step.step_of(&typed.code, app.engine().now()));
    let Some(step) = step else {
        return refused(&app, &person, Sentence::new("access-error-code")).await;
    };
    let codes = recovery_codes();
    store.confirm_factor(org, id, step, &codes).await.map_err(failed(&person))?;
    let notice = Some(Sentence::new("notice-second-step-on"));
    Ok(shown(&page(&app, &person, (notice, None), codes).await?))
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

async fn switch_off(
    State(app): State<App>,
    person: Person,
    Form(typed): Form<Password>,
) -> Result<Response, Refusal> {
    if let Err(why) = is_theirs(&app, &person, typed.password).await {
        return refused(&app, &person, why).await;
    }
    let (org, id) = (person.scope.org, person.account.id);
    app.store().clear_factor(org, id, person.by()).await.map_err(failed(&person))?;
    Ok(Redirect::to("/account?told=second-step-off").into_response())
}

async fn end_sessions(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Refusal> {
    users::ended(&app, &person, person.account.id, &pairs).await?;
    Ok(Redirect::to("/account?told=sessions-ended"))
}
