//! Acts of people: recorded by the engine, never written here.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Redirect;
use dermaga_domain::access::Permission;
use dermaga_domain::id::OrderId;
use dermaga_domain::order::{ActKind, NOTE_CHARS_MAX};
use dermaga_engine::Acted;
use dermaga_store::apply::NewAct;
use serde::Deserialize;

use crate::App;
use crate::person::Person;
use crate::refusal::Refusal;

#[derive(Deserialize)]
pub(super) struct Posted {
    verb: String,
    #[serde(default)]
    revision: i64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    restock: String,
    /// `bin` = back to the recycle bin.
    #[serde(default)]
    back: String,
}

impl Posted {
    /// The person's words, with what becomes of goods that are out.
    fn note(&self) -> Option<String> {
        let restock = dermaga_ui::Restock::from_key(&self.restock);
        let restock = restock.map(|it| format!("restock={}", dermaga_ui::Keyed::key(it)));
        let reason: String = self.reason.trim().chars().take(NOTE_CHARS_MAX).collect();
        let parts: Vec<String> =
            restock.into_iter().chain((!reason.is_empty()).then_some(reason)).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

pub(super) async fn act(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Redirect, Refusal> {
    let here = format!("/orders/{id}");
    let back = if posted.back == "bin" { "/bin" } else { here.as_str() };
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), here.clone())
    };
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let id: OrderId = id.parse().map_err(|_| not_found())?;
    let kind: ActKind = posted.verb.parse().map_err(|_| {
        let (locale, here) = (person.locale.clone(), here.clone());
        Refusal::page(StatusCode::BAD_REQUEST, "DMG-0603", locale, here)
    })?;
    person.need(Permission::to_act(kind))?;
    let order = app.store().order(&person.scope, id).await.map_err(refusal)?;
    let order = order.ok_or_else(not_found)?;
    if order.updated_at.0 != posted.revision {
        return Ok(Redirect::to(&format!("{back}?told=stale")));
    }
    let new = NewAct { kind, by: person.by(), note: posted.note() };
    match app.engine().say(&person.scope, id, new).await {
        Ok(Acted::Done) => Ok(Redirect::to(&format!("{back}?told=done.{}", kind.as_str()))),
        Ok(Acted::WasSo | Acted::NotOpen(_)) => Ok(Redirect::to(&format!("{back}?told=nothing"))),
        Err(dermaga_engine::Error::Store(error)) => Err(refusal(error)),
        Err(error) => {
            tracing::error!(error = %error, "act not recorded");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Err(Refusal::page(status, "DMG-0607", person.locale.clone(), here.clone()))
        }
    }
}
