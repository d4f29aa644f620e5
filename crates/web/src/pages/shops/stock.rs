//! What a shop's channel is told of what is left: seen first, agreed to, and every value that was sent.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use dermaga_engine::{Error, PreviewRow};
use dermaga_store::command::Giver;
use dermaga_store::stock::PushEntry;
use dermaga_ui::{PushLogRow, PushOutcome, PushRow, ShopStockPage};
use serde::Deserialize;

use super::{Asked as Told, Switch, can_push, card, failed, find, notice, refused};
use crate::App;
use crate::pages::query_of;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Listings that would change, on a page.
const DIFFERING: usize = 200;
/// Values of the log on a page.
const LOG: i64 = 100;

#[derive(Deserialize, Default)]
pub(in crate::pages) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    told: String,
}

pub(in crate::pages) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let failed = failed(&person);
    let org = person.scope.org;
    let preview = match app.engine().push_preview(org, shop.id).await {
        Ok(preview) => preview,
        Err(Error::Store(error)) => return Err(failed(error)),
        Err(_) => return Err(Refusal::not_found(person.locale.clone(), person.here.clone())),
    };
    let differing: Vec<&PreviewRow> = preview.rows.iter().filter(|row| row.differs).collect();
    let before = asked.after.parse().ok();
    let mut log = app.store().pushes(org, shop.id, before, LOG + 1).await.map_err(&failed)?;
    let more = log.len() > usize::try_from(LOG).unwrap_or(usize::MAX);
    log.truncate(usize::try_from(LOG).unwrap_or(usize::MAX));
    let here = format!("/shops/{}/stock", shop.id);
    let next = log.last().filter(|_| more).map(|last| last.id.to_string());
    let count = |len: usize| i64::try_from(len).unwrap_or(i64::MAX);
    Ok(shown(&ShopStockPage {
        shop: card(&app, &person, &shop).await?,
        frame: person.frame(&app, "").await.map_err(&failed)?,
        can_push: can_push(&app, &shop),
        differ: count(differing.len()),
        differing: differing.into_iter().take(DIFFERING).map(row).collect(),
        listings: count(preview.rows.len()),
        seen: preview.seen,
        log: log.into_iter().map(logged).collect(),
        newer: before.map(|_: i64| here.clone()),
        older: next.map(|next| query_of(&here, &[("after", &next)])),
        notice: notice(&Told { told: asked.told, why: String::new() }),
        locale: person.locale.clone(),
    }))
}

fn row(row: &PreviewRow) -> PushRow {
    let listing = &row.listing;
    PushRow {
        product: listing.channel_product_id.clone(),
        sku: listing.channel_sku.clone(),
        name: listing.name.clone(),
        shows: listing.channel_stock,
        wanted: listing.wanted(),
        available: listing.available,
    }
}

fn logged(entry: PushEntry) -> PushLogRow {
    PushLogRow {
        outcome: PushOutcome::from_key(&entry.outcome).unwrap_or(PushOutcome::Unknown),
        sku: entry.channel_sku,
        product: entry.channel_product_id,
        available: entry.available,
        believed: entry.believed,
        value: entry.value,
        message: entry.message.unwrap_or_default(),
        at: entry.at.0,
    }
}

pub(in crate::pages) async fn switch(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(switch): Form<Switch>,
) -> Result<Redirect, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let on = switch.on == "yes";
    let by = Giver::Person(person.account.id);
    let seen = Some(switch.seen.as_str());
    let told = match app.engine().set_push(person.scope.org, &shop, (on, by), seen).await {
        Ok(()) if on => "push-on",
        Ok(()) => "push-off",
        Err(Error::NotSeen) => "push-not-seen",
        Err(error) => return refused(error, &person, &shop),
    };
    Ok(Redirect::to(&format!("/shops/{}/stock?told={told}", shop.id)))
}
