//! Stock levels.

use axum::extract::{Query, State};
use axum::response::Response;
use dermaga_ui::{StockPage, StockRow};
use serde::Deserialize;

use super::query_of;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Levels on a page.
const PAGE: i64 = 100;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let frame = person.frame(&app, "").await.map_err(refusal)?;
    let after = asked.after.parse().ok();
    let read = app.store().stock_levels(&person.scope, &asked.q, after.as_ref(), PAGE).await;
    let (levels, next) = read.map_err(refusal)?;
    let rows = levels.into_iter().map(|level| StockRow {
        available: level.available(),
        sku: level.code,
        name: level.name,
        warehouse: level.warehouse_name,
        on_hand: level.on_hand,
        allocated: level.allocated,
        reserved: level.reserved,
        short: level.short,
    });
    Ok(shown(&StockPage {
        rows: rows.collect(),
        locale: person.locale.clone(),
        frame,
        newer: (!asked.after.is_empty()).then(|| query_of("/stock", &[("q", &asked.q)])),
        older: next
            .map(|next| query_of("/stock", &[("q", &asked.q), ("after", &next.to_string())])),
        query: asked.q,
    }))
}
