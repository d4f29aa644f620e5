//! Asking the seller at the channel's own page: the way there, and the way back.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_channel::consent::{BACK, STATE};
use dermaga_engine::{Connect, Error, NotTaken};
use dermaga_store::command::Giver;
use dermaga_ui::ConsentPage;

use super::settings::{Kept, Pairs, entered, value};
use super::{failed, find, told};
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Asks for a connection that is to be made.
pub(in crate::pages) async fn ask(
    State(app): State<App>,
    person: Person,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let key = value(&pairs, "channel");
    let name = app.channel_link(key).name;
    let new = Connect { channel: key.to_owned(), name, fields: entered(&pairs) };
    let (org, session) = (person.scope.org, person.session.id);
    match app.engine().ask_consent(org, session, new, &back(&app, &headers)).await {
        Ok(to) => page(&app, &person, key, to).await,
        Err(error) => match Kept::of(error, person.locale.language, &app, key) {
            Kept::Store(error) => Err(failed(&person)(error)),
            Kept::Wrong(wrong) => super::connect::page(&app, &person, &pairs, Some(wrong)).await,
        },
    }
}

/// Asks anew for a shop's connection, with other credentials where some were entered.
pub(in crate::pages) async fn ask_again(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let (org, session) = (person.scope.org, person.session.id);
    let wanted = (shop.connection, entered(&pairs));
    let wanted = (wanted.0, &wanted.1[..]);
    match app.engine().ask_consent_again(org, session, wanted, &back(&app, &headers)).await {
        Ok(to) => page(&app, &person, &shop.channel, to).await,
        Err(error) => match Kept::of(error, person.locale.language, &app, &shop.channel) {
            Kept::Store(error) => Err(failed(&person)(error)),
            Kept::Wrong(wrong) => {
                super::settings::page(&app, &person, &shop, Some((None, wrong))).await
            }
        },
    }
}

/// Where the browser is sent back to.
fn back(app: &App, headers: &HeaderMap) -> String {
    format!("{}/{BACK}", app.base(headers))
}

/// The page with the way out: a form may not lead to another site, a link may.
async fn page(app: &App, person: &Person, key: &str, to: String) -> Result<Response, Refusal> {
    let frame = person.frame(app, "").await.map_err(failed(person))?;
    let channel = app.channel_link(key);
    Ok(shown(&ConsentPage { locale: person.locale.clone(), frame, channel, to }).into_response())
}

/// The browser comes back, with the state in the query.
pub(in crate::pages) async fn back_with_query(
    State(app): State<App>,
    person: Person,
    Query(mut returned): Query<BTreeMap<String, String>>,
) -> Result<Redirect, Refusal> {
    let state = returned.remove(STATE).unwrap_or_default();
    take(&app, &person, &state, &returned).await
}

/// The browser comes back, with the state in the path.
pub(in crate::pages) async fn back_with_path(
    State(app): State<App>,
    person: Person,
    Path(state): Path<String>,
    Query(returned): Query<BTreeMap<String, String>>,
) -> Result<Redirect, Refusal> {
    take(&app, &person, &state, &returned).await
}

async fn take(
    app: &App,
    person: &Person,
    state: &str,
    returned: &BTreeMap<String, String>,
) -> Result<Redirect, Refusal> {
    let (org, session) = (person.scope.org, person.session.id);
    let by = Giver::Person(person.account.id);
    let taken = app.engine().take_consent(org, session, (state, returned), by).await;
    let taken = taken.map_err(|error| refusal(person, error))?;
    let of_store = failed(person);
    let connection = app.store().connections(org, Some(taken.connection)).await;
    let channel = connection.map_err(&of_store)?.into_iter().next().map(|found| found.channel);
    let channel = channel.unwrap_or_default();
    if !taken.is_new {
        // New tokens came with new credentials, or for a webhook registration that was refused.
        if let Err(error) = app.engine().register_webhooks(org, taken.connection).await {
            tracing::warn!(error = %error, "webhooks are not registered");
        }
        let shops = app.store().shops(org, None).await.map_err(&of_store)?;
        let shop = shops.into_iter().find(|shop| {
            shop.connection == taken.connection
                && shop.disconnected_at.is_none()
                && person.scope.sees(shop.id)
        });
        if let Some(shop) = shop {
            return Ok(told(&shop, "shop-consented"));
        }
    }
    let id = taken.connection.to_string();
    Ok(Redirect::to(&crate::pages::query_of(
        "/shops/connect",
        &[("channel", &channel), ("connection", &id)],
    )))
}

/// Why it is not taken, as a page of its own: there is no form that it came from.
pub(super) fn refusal(person: &Person, error: Error) -> Refusal {
    if let Error::Store(error) = error {
        return failed(person)(error);
    }
    let code = error.code().unwrap_or("DMG-0210");
    tracing::warn!(code, "a seller's consent is not taken");
    let unknown = matches!(error, Error::Consent(NotTaken::NotAsked));
    let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
    Refusal::page(status, code, person.locale.clone(), "/shops".to_owned())
}
