//! Keys of the API: who has one, making and revoking.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use dermaga_domain::access::KeyScope;
use dermaga_domain::access::Permission::ManageKeys;
use dermaga_domain::id::ApiKeyId;
use dermaga_store::access::{ApiKey, BearerToken, Limits, NewKey};
use dermaga_ui::{KeyRow, KeysPage, Sentence};
use serde::Deserialize;

use super::limits::{self, Named};
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::routes::Routes;
use crate::welcome::trimmed;

pub(super) fn routes() -> Routes {
    Routes::new().get("/keys", ManageKeys, list).post("/keys", ManageKeys, make).post(
        "/keys/{key}/revoke",
        ManageKeys,
        revoke,
    )
}

type Pairs = Vec<(String, String)>;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    told: String,
}

fn failed(person: &Person) -> impl Fn(dermaga_store::Error) -> Refusal + '_ {
    |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone())
}

/// Scopes that somebody may give: nobody gives more than they have.
fn scopes(person: &Person) -> impl Iterator<Item = KeyScope> {
    let mine = person.permissions();
    KeyScope::ALL.iter().copied().filter(move |scope| scope.permissions().is_within(mine))
}

fn shown_scope(scope: KeyScope) -> Option<dermaga_ui::KeyScope> {
    dermaga_ui::KeyScope::from_key(scope.as_str())
}

fn row(person: &Person, named: &Named, key: &ApiKey, made_by: String) -> KeyRow {
    let scopes = key.scopes.iter().filter_map(|scope| dermaga_ui::KeyScope::from_key(scope));
    KeyRow {
        id: key.id.to_string(),
        name: key.name.clone(),
        scopes: scopes.collect(),
        limits: named.told(&person.locale, &key.limits),
        made_at: key.created_at.0,
        made_by,
        seen_at: key.seen_at.map(|at| at.0),
        revoked_at: key.revoked_at.map(|at| at.0),
    }
}

/// What was typed into the form.
struct Typed {
    name: String,
    scopes: Vec<KeyScope>,
    limits: Limits,
}

impl Default for Typed {
    fn default() -> Self {
        Self { name: String::new(), scopes: vec![KeyScope::Read], limits: Limits::default() }
    }
}

async fn page(
    app: &App,
    person: &Person,
    typed: Typed,
    (notice, error, made): (Option<Sentence>, Option<Sentence>, Option<String>),
) -> Result<KeysPage, Refusal> {
    let named = limits::named(app, person).await.map_err(failed(person))?;
    let keys = app.store().api_keys(person.scope.org).await.map_err(failed(person))?;
    let makers: Vec<_> = keys.iter().filter_map(|key| key.created_by).collect();
    let names = app.store().account_names(&makers).await.map_err(failed(person))?;
    let maker = |key: &ApiKey| {
        let found = names.iter().find(|(id, _)| Some(*id) == key.created_by);
        found.map(|(_, name)| name.clone()).unwrap_or_default()
    };
    let mut frame = person.frame(app, "").await.map_err(failed(person))?;
    "/keys".clone_into(&mut frame.here);
    let offered = scopes(person);
    let offered =
        offered.filter_map(|scope| Some((shown_scope(scope)?, typed.scopes.contains(&scope))));
    Ok(KeysPage {
        locale: person.locale.clone(),
        frame,
        notice,
        error,
        made,
        rows: keys.iter().map(|key| row(person, &named, key, maker(key))).collect(),
        scopes: offered.collect(),
        name: typed.name,
        limits: named.form(app, &typed.limits),
    })
}

async fn list(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let notice = (asked.told == "key-revoked").then(|| Sentence::new("notice-key-revoked"));
    Ok(shown(&page(&app, &person, Typed::default(), (notice, None, None)).await?))
}

async fn make(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let named = limits::named(&app, &person).await.map_err(failed(&person))?;
    let asked = pairs.iter().filter(|(name, _)| name == "scope");
    let asked: Vec<KeyScope> = asked.filter_map(|(_, scope)| scope.parse().ok()).collect();
    let name = pairs.iter().find(|(name, _)| name == "name").map(|(_, name)| name.clone());
    let typed = Typed { name: name.unwrap_or_default(), scopes: asked, limits: named.read(&pairs) };
    let refused = async |typed: Typed, key: &str| {
        let error = Some(Sentence::new(format!("access-error-{key}")));
        let mut response = shown(&page(&app, &person, typed, (None, error, None)).await?);
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    let Some(name) = trimmed(&typed.name) else { return refused(typed, "empty").await };
    if typed.scopes.is_empty() {
        return refused(typed, "scope").await;
    }
    let mine: Vec<KeyScope> = scopes(&person).collect();
    if !typed.scopes.iter().all(|scope| mine.contains(scope)) {
        return refused(typed, "role").await;
    }
    let words: Vec<&str> = typed.scopes.iter().map(|scope| scope.as_str()).collect();
    let new = NewKey { name, scopes: words.join(" "), limits: typed.limits };
    let token = BearerToken::new(person.scope.org, rand::random());
    app.store().make_key(&token, new, person.by()).await.map_err(failed(&person))?;
    let made = Some(token.reveal());
    Ok(shown(&page(&app, &person, Typed::default(), (None, None, made)).await?))
}

async fn revoke(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: ApiKeyId = id.parse().map_err(|_| not_found())?;
    let revoked = app.store().revoke_api_key(person.scope.org, id, person.by()).await;
    revoked.map_err(failed(&person))?;
    Ok(Redirect::to("/keys?told=key-revoked"))
}
