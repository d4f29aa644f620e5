//! What a person must look at: orders, shops, commands, stock and messages in one list.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::id::{ListingId, NoticeId, SkuId};
use dermaga_store::{Notice, Result};
use dermaga_ui::{
    Attention, AttentionGroup, AttentionPage, AttentionRow, Command, Frame, Keyed as _, Light,
    Sentence, Value,
};
use serde::Deserialize;

use super::shops;
use crate::App;
use crate::explain::keyed;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Rows of one kind.
const ROWS: i64 = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// What came of an act.
    #[serde(default)]
    told: String,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, Refusal> {
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let frame = person.frame(&app, "").await.map_err(failed)?;
    let groups = groups(&app, &person, &frame).await.map_err(failed)?;
    Ok(shown(&AttentionPage {
        locale: person.locale.clone(),
        frame,
        notice: (asked.told == "closed").then(|| Sentence::new("attention-closed")),
        groups,
    }))
}

/// Says that a person saw to something that is not of one order.
pub(super) async fn close(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> std::result::Result<Response, Refusal> {
    let nowhere = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: NoticeId = id.parse().map_err(|_| nowhere())?;
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let closed = app.store().close_notice(&person.scope, id, person.by()).await.map_err(failed)?;
    if !closed {
        return Err(nowhere());
    }
    Ok(Redirect::to("/attention?told=closed").into_response())
}

async fn groups(app: &App, person: &Person, frame: &Frame) -> Result<Vec<AttentionGroup>> {
    let mut groups = vec![
        ("attention-orders", orders(app, person).await?),
        ("attention-commands", commands(app, person).await?),
        ("attention-notices", notices(app, person, frame).await?),
        ("attention-shops", of_shops(app, person).await?),
    ];
    if person.may(Permission::SeeStock) {
        groups.push(("attention-stock", stock(app, person).await?));
    }
    if person.may(Permission::SeeLog) && person.scope.is_all() {
        groups.push(("attention-messages", messages(app, person).await?));
    }
    let filled = groups.into_iter().filter(|(_, rows)| !rows.is_empty());
    Ok(filled.map(|(title, rows)| AttentionGroup { title, rows }).collect())
}

async fn orders(app: &App, person: &Person) -> Result<Vec<AttentionRow>> {
    let reasons = app.store().attention(&person.scope).await?;
    let row = |(reason, orders): (dermaga_domain::term::Attention, i64)| {
        let known = Attention::from_key(reason.as_str())?;
        let href = format!("/orders?tab=action_needed&attention={reason}");
        let why = Sentence::new(format!("{}-about", known.word_key()));
        let row = AttentionRow::new(Sentence::new(known.word_key()), href, why);
        Some(AttentionRow { count: Some(orders), ..row })
    };
    Ok(reasons.into_iter().filter_map(row).collect())
}

async fn commands(app: &App, person: &Person) -> Result<Vec<AttentionRow>> {
    let waiting = app.store().commands_needing_person(&person.scope, ROWS).await?;
    let row = |given: dermaga_store::command::Command| {
        let command = keyed(given.kind.as_str(), Command::ALL).unwrap_or(Command::Accept);
        let what = Sentence::new("attention-command").with_name("command", command);
        let what = what.with("number", given.channel_order_id.as_str());
        let why = Sentence::new("attention-command-why");
        let row = AttentionRow::new(what, format!("/orders/{}", given.order), why);
        AttentionRow { at: Some(given.asked_at.0), code: given.code, ..row }
    };
    Ok(waiting.into_iter().map(row).collect())
}

async fn notices(app: &App, person: &Person, frame: &Frame) -> Result<Vec<AttentionRow>> {
    let may_close = person.may(Permission::ManageShops);
    let open = app.store().notices(&person.scope).await?;
    let row = |notice: Notice| {
        let id = notice.shop.map(|shop| shop.to_string()).unwrap_or_default();
        let shop = frame.shops.iter().find(|shop| shop.id == id);
        let name = shop.map_or_else(|| frame.org.clone(), |shop| shop.name.clone());
        let what = Sentence::new("attention-plain").with("text", name.as_str());
        let row = AttentionRow::new(what, format!("/downloads?shop={id}"), why(&notice));
        AttentionRow {
            at: Some(notice.at.0),
            close: may_close.then(|| format!("/attention/{}/close", notice.id)),
            code: Some(notice.code),
            ..row
        }
    };
    Ok(open.into_iter().map(row).collect())
}

/// A gap names from when to when, in seconds; of another code its page tells.
fn why(notice: &Notice) -> Sentence {
    let mut seconds = notice.detail.split(' ').map(str::parse::<i64>);
    match (seconds.next(), seconds.next()) {
        (Some(Ok(from)), Some(Ok(to))) => {
            let at = |seconds: i64| Value::Time(seconds.saturating_mul(1_000_000));
            Sentence::new("attention-gap-why").with("from", at(from)).with("to", at(to))
        }
        _ => Sentence::new("attention-notice-why"),
    }
}

async fn of_shops(app: &App, person: &Person) -> Result<Vec<AttentionRow>> {
    let shops = app.store().shops(person.scope.org, None).await?;
    let seen: Vec<_> = shops.into_iter().filter(|shop| person.scope.sees(shop.id)).collect();
    let cards = shops::cards(app, person, &seen).await?;
    let row = |card: dermaga_ui::ShopCard| {
        let bad = [Light::Bad, Light::Look];
        let sign = bad.iter().find_map(|light| card.vitals.iter().find(|it| it.light == *light))?;
        let what = Sentence::new("attention-plain").with("text", card.name.as_str());
        let why = sign.note.clone().unwrap_or_else(|| sign.value.clone());
        let row = AttentionRow::new(what, format!("/shops/{}", card.id), why);
        Some(AttentionRow { code: sign.code.clone(), ..row })
    };
    let lit = |card: &dermaga_ui::ShopCard| matches!(card.light, Light::Bad | Light::Look);
    Ok(cards.into_iter().filter(lit).filter_map(row).collect())
}

async fn stock(app: &App, person: &Person) -> Result<Vec<AttentionRow>> {
    let (store, org) = (app.store(), person.scope.org);
    let incidents = store.open_incidents(&person.scope, SkuId(0), ROWS).await?;
    let row = |incident: dermaga_store::read::incidents::Incident| {
        let what = Sentence::new("attention-plain").with("text", incident.code.as_str());
        let why = Sentence::new(format!("incident-{}-about", incident.kind));
        let row = AttentionRow::new(what, format!("/stock/{}", incident.sku), why);
        AttentionRow { at: Some(incident.opened_at.0), ..row }
    };
    let mut rows: Vec<AttentionRow> = incidents.into_iter().map(row).collect();
    let listings = store.unmapped_listings(org, ListingId(0), ROWS).await?;
    let listings = listings.iter().filter(|listing| person.scope.sees(listing.shop)).count();
    if listings > 0 {
        let what = Sentence::new("attention-unmapped-listings");
        let why = Sentence::new("attention-unmapped-listings-why");
        let row = AttentionRow::new(what, "/stock?unmapped=1", why);
        rows.push(AttentionRow { count: i64::try_from(listings).ok(), ..row });
    }
    Ok(rows)
}

async fn messages(app: &App, person: &Person) -> Result<Vec<AttentionRow>> {
    let dead = app.store().backlog(person.scope.org).await?.dead_letters;
    if dead.count == 0 {
        return Ok(Vec::new());
    }
    let (what, why) = (Sentence::new("attention-dead"), Sentence::new("attention-dead-why"));
    let row = AttentionRow::new(what, "/log?only=wrong", why);
    let (count, at) = (Some(dead.count), dead.oldest.map(|at| at.0));
    Ok(vec![AttentionRow { count, at, code: Some("DMG-0302".to_owned()), ..row }])
}
