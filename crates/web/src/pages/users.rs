//! The people of the business: who there is, inviting, changing, letting in and out.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::access::Permission::ManageUsers;
use dermaga_domain::access::Role;
use dermaga_domain::id::{AccountId, SessionId};
use dermaga_store::access::{BearerToken, Limits, Member, NewMember, SessionEntry};
use dermaga_ui::{RoleChoice, Sentence, SessionRow, UserPage, UserRow, UserState, UsersPage};
use serde::Deserialize;

use super::limits::{self, Named};
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::routes::Routes;
use crate::welcome::trimmed;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/users", ManageUsers, list)
        .post("/users", ManageUsers, invite)
        .get("/users/{account}", ManageUsers, one)
        .post("/users/{account}", ManageUsers, change)
        .post("/users/{account}/link", ManageUsers, link)
        .post("/users/{account}/disable", ManageUsers, disable)
        .post("/users/{account}/enable", ManageUsers, enable)
        .post("/users/{account}/second-step", ManageUsers, clear_second_step)
        .post("/users/{account}/sessions", ManageUsers, end_sessions)
}

type Pairs = Vec<(String, String)>;

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    told: String,
}

impl Asked {
    fn notice(&self) -> Option<Sentence> {
        let known =
            ["user-changed", "user-disabled", "user-enabled", "user-unstepped", "sessions-ended"];
        known.contains(&self.told.as_str()).then(|| Sentence::new(format!("notice-{}", self.told)))
    }

    /// Why the last change was refused.
    fn error(&self) -> Option<Sentence> {
        let known = ["last_owner", "role"];
        known
            .contains(&self.told.as_str())
            .then(|| Sentence::new(format!("access-error-{}", self.told)))
    }
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The roles that somebody may give.
fn roles(person: &Person, chosen: Role) -> Vec<RoleChoice> {
    let given = Role::ALL.iter().filter(|role| person.account.role.may_give(**role));
    let choice = |role: &Role| {
        let on = *role == chosen;
        Some(RoleChoice { role: dermaga_ui::Role::from_key(role.as_str())?, on })
    };
    given.filter_map(choice).collect()
}

pub(super) fn shown_role(role: Role) -> dermaga_ui::Role {
    dermaga_ui::Role::from_key(role.as_str()).unwrap_or(dermaga_ui::Role::Viewer)
}

fn row(person: &Person, named: &Named, member: &Member) -> UserRow {
    let state = match (member.disabled_at, member.ready) {
        (Some(_), _) => UserState::Disabled,
        (None, false) => UserState::Invited,
        (None, true) => UserState::Ready,
    };
    UserRow {
        id: member.id.to_string(),
        name: member.name.clone(),
        login: member.login.clone(),
        role: shown_role(member.role),
        state,
        limits: named.told(&person.locale, &member.limits),
        second_step: member.second_step,
        seen_at: member.seen_at.map(|at| at.0),
    }
}

/// Where somebody is logged in, as pages list it.
pub(super) fn session_row(entry: SessionEntry) -> SessionRow {
    SessionRow {
        id: entry.id.to_string(),
        this: entry.this,
        agent: entry.agent,
        address: entry.address,
        began_at: entry.created_at.0,
        seen_at: entry.seen_at.0,
    }
}

/// The whole address of a link: as this hub is known, else as the browser reached it.
fn whole(app: &App, headers: &HeaderMap, token: &BearerToken) -> String {
    let base = app.base(headers);
    format!("{base}/welcome/{}", token.reveal())
}

fn failed(person: &Person) -> impl Fn(dermaga_store::Error) -> Refusal + '_ {
    |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone())
}

/// What was typed into the form for inviting.
#[derive(Default)]
struct Typed {
    name: String,
    login: String,
    role: Option<Role>,
    limits: Limits,
}

async fn page(
    app: &App,
    person: &Person,
    typed: Typed,
    (notice, error, link): (Option<Sentence>, Option<Sentence>, Option<(String, String)>),
) -> Result<UsersPage, Refusal> {
    let named = limits::named(app, person).await.map_err(failed(person))?;
    let members = app.store().members(person.scope.org, None).await.map_err(failed(person))?;
    let mut frame = person.frame(app, "").await.map_err(failed(person))?;
    "/users".clone_into(&mut frame.here);
    Ok(UsersPage {
        locale: person.locale.clone(),
        frame,
        notice,
        error,
        link,
        rows: members.iter().map(|member| row(person, &named, member)).collect(),
        name: typed.name,
        login: typed.login,
        roles: roles(person, typed.role.unwrap_or(Role::Packer)),
        limits: named.form(app, &typed.limits),
    })
}

async fn list(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let told = (asked.notice(), asked.error(), None);
    Ok(shown(&page(&app, &person, Typed::default(), told).await?))
}

async fn invite(
    State(app): State<App>,
    person: Person,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let named = limits::named(&app, &person).await.map_err(failed(&person))?;
    let typed = Typed {
        name: value(&pairs, "name").to_owned(),
        login: value(&pairs, "login").to_owned(),
        role: value(&pairs, "role").parse().ok(),
        limits: named.read(&pairs),
    };
    let refused = async |typed: Typed, key: &str| {
        let error = Some(Sentence::new(format!("access-error-{key}")));
        let mut response = shown(&page(&app, &person, typed, (None, error, None)).await?);
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    let (Some(name), Some(login)) = (trimmed(&typed.name), trimmed(&typed.login)) else {
        return refused(typed, "empty").await;
    };
    let Some(role) = typed.role.filter(|role| person.account.role.may_give(*role)) else {
        return refused(typed, "role").await;
    };
    let token = BearerToken::new(person.scope.org, rand::random());
    let new = NewMember { login, name: name.clone(), role, limits: typed.limits.clone() };
    match app.store().invite(&token, new, person.by()).await {
        Ok(_) => {
            let link = Some((name, whole(&app, &headers, &token)));
            Ok(shown(&page(&app, &person, Typed::default(), (None, None, link)).await?))
        }
        Err(dermaga_store::Error::Refused(_)) => refused(typed, "taken").await,
        Err(error) => Err(failed(&person)(error)),
    }
}

/// The person that an address names.
async fn find(app: &App, person: &Person, id: &str) -> Result<Member, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: AccountId = id.parse().map_err(|_| not_found())?;
    let found = app.store().members(person.scope.org, Some(id)).await.map_err(failed(person))?;
    found.into_iter().next().ok_or_else(not_found)
}

/// The person that an address names, if whoever asks may change them: nobody changes who may do more.
async fn changeable(app: &App, person: &Person, id: &str) -> Result<Member, Refusal> {
    let member = find(app, person, id).await?;
    if person.account.role.may_give(member.role) { Ok(member) } else { Err(person.not_allowed()) }
}

async fn user_page(
    app: &App,
    person: &Person,
    member: &Member,
    (asked, link): (&Asked, Option<(String, String)>),
) -> Result<UserPage, Refusal> {
    let named = limits::named(app, person).await.map_err(failed(person))?;
    let org = person.scope.org;
    let sessions = app.store().sessions(org, member.id, Some(&person.token)).await;
    let mut frame = person.frame(app, "").await.map_err(failed(person))?;
    frame.here = format!("/users/{}", member.id);
    Ok(UserPage {
        locale: person.locale.clone(),
        frame,
        notice: asked.notice(),
        error: asked.error(),
        link,
        row: row(person, &named, member),
        since: member.created_at.0,
        may_change: person.account.role.may_give(member.role),
        roles: roles(person, member.role),
        limits: named.form(app, &member.limits),
        sessions: sessions.map_err(failed(person))?.into_iter().map(session_row).collect(),
    })
}

async fn one(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let member = find(&app, &person, &id).await?;
    Ok(shown(&user_page(&app, &person, &member, (&asked, None)).await?))
}

/// Back to the person's page, saying what came of it.
fn back(
    person: &Person,
    member: &Member,
    done: dermaga_store::Result<()>,
    told: &str,
) -> Result<Redirect, Refusal> {
    let told = match done {
        Ok(()) => told,
        Err(dermaga_store::Error::Refused(_)) => "last_owner",
        Err(error) => return Err(failed(person)(error)),
    };
    Ok(Redirect::to(&format!("/users/{}?told={told}", member.id)))
}

async fn change(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Redirect, Refusal> {
    let member = changeable(&app, &person, &id).await?;
    let named = limits::named(&app, &person).await.map_err(failed(&person))?;
    let role = value(&pairs, "role").parse().ok();
    let Some(role) = role.filter(|role| person.account.role.may_give(*role)) else {
        return Ok(Redirect::to(&format!("/users/{}?told=role", member.id)));
    };
    let what = (role, named.read(&pairs));
    let done = app.store().change_member(person.scope.org, member.id, what, person.by()).await;
    back(&person, &member, done, "user-changed")
}

async fn link(
    State(app): State<App>,
    person: Person,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let member = changeable(&app, &person, &id).await?;
    let token = BearerToken::new(person.scope.org, rand::random());
    app.store().link(&token, member.id, person.by()).await.map_err(failed(&person))?;
    let link = Some((member.name.clone(), whole(&app, &headers, &token)));
    Ok(shown(&user_page(&app, &person, &member, (&Asked::default(), link)).await?))
}

async fn disable(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let member = changeable(&app, &person, &id).await?;
    let done = app.store().disable_member(person.scope.org, member.id, person.by()).await;
    back(&person, &member, done, "user-disabled")
}

async fn enable(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let member = changeable(&app, &person, &id).await?;
    let done = app.store().enable_member(person.scope.org, member.id, person.by()).await;
    back(&person, &member, done, "user-enabled")
}

async fn clear_second_step(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let member = changeable(&app, &person, &id).await?;
    let done = app.store().clear_factor(person.scope.org, member.id, person.by()).await;
    back(&person, &member, done, "user-unstepped")
}

async fn end_sessions(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let member = changeable(&app, &person, &id).await?;
    ended(&app, &person, member.id, &pairs).await?;
    let to = format!("/users/{}?told=sessions-ended", member.id);
    Ok(Redirect::to(&to).into_response())
}

/// Ends the session that a form names, or all but the one that asks.
pub(super) async fn ended(
    app: &App,
    person: &Person,
    account: AccountId,
    pairs: &Pairs,
) -> Result<(), Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let (store, org) = (app.store(), person.scope.org);
    match value(pairs, "session") {
        "" => {
            let keep = (account == person.account.id).then_some(&person.token);
            let ended = store.end_sessions(org, account, person.by(), keep).await;
            ended.map(drop).map_err(failed(person))
        }
        id => {
            let session: SessionId = id.parse().map_err(|_| not_found())?;
            let ended = store.end_session(org, account, session, person.by()).await;
            ended.map_err(failed(person))
        }
    }
}
