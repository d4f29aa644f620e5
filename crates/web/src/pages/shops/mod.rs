//! Shops: how they fare, let rest and go on, tried, disconnected; their stock and settings.

mod connect;
mod consent;
mod settings;
mod stock;
mod tasks;
mod vitals;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use dermaga_channel::Wording;
use dermaga_domain::id::ShopId;
use dermaga_domain::time::{Span, Time};
use dermaga_engine::Error;
use dermaga_store::Shop;
use dermaga_store::command::Giver;
use dermaga_store::read::health::QUARTER;
use dermaga_ui::{Language, Light, Sentence, ShopCard, ShopPage, ShopsPage, TaskRow};
use serde::Deserialize;

pub(super) use connect::{begin as connect, first, show as connecting};
pub(super) use consent::{ask, ask_again, back_with_path, back_with_query};
pub(super) use settings::{credentials, disconnect, keep as keep_settings, show as settings};
pub(super) use stock::{show as stock, switch as push};
pub(super) use tasks::{show as tasks, steer};

use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Quarters of an hour in a day.
const QUARTERS: i64 = 96;
/// Longest reason of a channel's that is shown after a test.
const WHY_CHARS_MAX: usize = 160;

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    /// What came of an act.
    #[serde(default)]
    told: String,
    /// Why it did not go well.
    #[serde(default)]
    why: String,
}

/// A channel's own words in the reader's language.
pub(super) fn worded(words: &Wording, language: Language) -> String {
    match language {
        Language::Indonesian => words.indonesian,
        Language::English => words.english,
    }
    .to_owned()
}

/// What came of what was just posted, and whether that is well.
fn notice(asked: &Asked) -> Option<(Sentence, bool)> {
    if let Some(of_task) = tasks::notice(&asked.told) {
        return Some(of_task);
    }
    let well = match asked.told.as_str() {
        "shop-tested" | "shop-paused" | "shop-resumed" | "shop-kept" | "shop-orders-on"
        | "shop-orders-off" | "shop-credentials" | "shop-consented" | "shop-disconnected"
        | "push-on" | "push-off" => true,
        "shop-failed" | "shop-refused" | "push-not-seen" => false,
        _ => return None,
    };
    let sentence = Sentence::new(format!("notice-{}", asked.told));
    Some((sentence.with("why", asked.why.as_str()), well))
}

/// What the store could not do, on a page of shops.
fn failed(person: &Person) -> impl Fn(dermaga_store::Error) -> Refusal + '_ {
    |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone())
}

/// One shop that the person may see.
async fn find(app: &App, person: &Person, id: &str) -> Result<Shop, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: ShopId = id.parse().map_err(|_| not_found())?;
    let found = app.store().shops(person.scope.org, Some(id)).await.map_err(failed(person))?;
    found.into_iter().next().filter(|shop| person.scope.sees(shop.id)).ok_or_else(not_found)
}

/// Shops as cards, those that are connected first.
pub(crate) async fn cards(
    app: &App,
    person: &Person,
    shops: &[Shop],
) -> dermaga_store::Result<Vec<ShopCard>> {
    let org = person.scope.org;
    let ids: Vec<ShopId> = shops.iter().map(|shop| shop.id).collect();
    let health = app.store().shops_health(&person.scope, &ids).await?;
    let connections = app.store().connections(org, None).await?;
    let tasks = app.store().tasks(org, None).await?;
    let now = Time(person.locale.now);
    let card = |shop: &Shop| {
        let seen = vitals::Seen {
            shop,
            connection: connections.iter().find(|one| one.id == shop.connection),
            health: health.get(&shop.id),
            pull: tasks.iter().find(|task| task.shop == shop.id && task.kind == "order_pull"),
            can_push: can_push(app, shop),
            asks_seller: asks_seller(app, shop),
            now,
        };
        let signs = seen.signs();
        let worst = |light: Light| signs.iter().any(|sign| sign.light == light);
        let light = [Light::Bad, Light::Look].into_iter().find(|light| worst(*light));
        ShopCard {
            id: shop.id.to_string(),
            name: shop.name.clone(),
            channel: app.channel_link(&shop.channel),
            channel_shop_id: shop.channel_shop_id.clone(),
            light: if shop.disconnected_at.is_some() || shop.paused {
                Light::Off
            } else {
                light.unwrap_or(Light::Fine)
            },
            paused: shop.paused,
            orders: shop.order_sync,
            push: shop.push,
            since: shop.created_at.0,
            disconnected_at: shop.disconnected_at.map(|at| at.0),
            vitals: signs,
        }
    };
    let mut all: Vec<ShopCard> = shops.iter().map(card).collect();
    all.sort_by_key(|card| card.disconnected_at.is_some());
    Ok(all)
}

fn can_push(app: &App, shop: &Shop) -> bool {
    let channel = app.engine().registry().find(&shop.channel);
    channel.is_some_and(|channel| channel.capabilities().stock_batch_max.is_some())
}

/// Whether the shop's channel asks the seller for consent.
fn asks_seller(app: &App, shop: &Shop) -> bool {
    app.engine().registry().find(&shop.channel).is_some_and(|channel| channel.consent().is_some())
}

/// The one card of a shop.
async fn card(app: &App, person: &Person, shop: &Shop) -> Result<ShopCard, Refusal> {
    let all = cards(app, person, std::slice::from_ref(shop)).await.map_err(failed(person))?;
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    all.into_iter().next().ok_or_else(not_found)
}

pub(super) async fn list(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    let failed = failed(&person);
    let mut shops = app.store().shops(person.scope.org, None).await.map_err(&failed)?;
    shops.retain(|shop| person.scope.sees(shop.id));
    let shops = cards(&app, &person, &shops).await.map_err(&failed)?;
    let frame = person.frame(&app, "").await.map_err(&failed)?;
    Ok(shown(&ShopsPage { locale: person.locale.clone(), frame, shops }))
}

pub(super) async fn one(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let failed = failed(&person);
    let org = person.scope.org;
    let card = card(&app, &person, &shop).await?;
    let from = Time(person.locale.now).minus(Span(QUARTER.0 * QUARTERS));
    let heard = app.store().heard_by_quarter(org, shop.id, from).await.map_err(&failed)?;
    let sources = app.store().sources(org, shop.id).await.map_err(&failed)?;
    let health = app.store().shops_health(&person.scope, &[shop.id]).await.map_err(&failed)?;
    let health = health.get(&shop.id).cloned().unwrap_or_default();
    let flow = app.store().flow_version(org, shop.flow_version).await.map_err(&failed)?;
    let preset = flow.and_then(|flow| flow.preset);
    let flow = preset.and_then(|preset| dermaga_ui::Preset::from_key(&preset));
    let edited = || person.locale.word("flow-edited");
    let rows = app.store().tasks(org, Some(shop.id)).await.map_err(&failed)?;
    let rows: Vec<TaskRow> =
        rows.iter().filter_map(|task| tasks::row(task, std::slice::from_ref(&shop))).collect();
    Ok(shown(&ShopPage {
        frame: person.frame(&app, "").await.map_err(&failed)?,
        heard: (0..QUARTERS).map(|n| heard.get(&n).copied().unwrap_or(0)).collect(),
        heard_from: from.0,
        tasks: rows,
        warehouses: sources.into_iter().map(|source| source.name).collect(),
        orders_from: shop.order_sync_from.map(|at| at.0),
        listings: (health.listings - health.unmapped, health.unmapped),
        flow: flow.map_or_else(edited, |preset| person.locale.name(preset)),
        can_push: can_push(&app, &shop),
        notice: notice(&asked),
        shop: card,
        locale: person.locale.clone(),
    }))
}

/// The shop's page, saying what came of an act.
fn told(shop: &Shop, what: &str) -> Redirect {
    Redirect::to(&format!("/shops/{}?told={what}", shop.id))
}

/// What the engine could not do: a refusal is told on the shop's page.
fn refused(error: Error, person: &Person, shop: &Shop) -> Result<Redirect, Refusal> {
    match error {
        Error::Refused(_) | Error::TooOld { .. } => Ok(told(shop, "shop-refused")),
        Error::Store(error) => {
            Err(Refusal::of_store(&error, person.locale.clone(), person.here.clone()))
        }
        Error::Channel(_)
        | Error::NoChannel(_)
        | Error::MissingCredential(_)
        | Error::Flow(_)
        | Error::NotSeen
        | Error::OrdersOff
        | Error::EmptyRange
        | Error::Consent(_) => {
            tracing::error!(error = %error, "shop not changed");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Err(Refusal::page(status, "DMG-0607", person.locale.clone(), person.here.clone()))
        }
    }
}

async fn change(
    app: &App,
    person: &Person,
    (before, after): (&Shop, Shop),
    what: &str,
) -> Result<Redirect, Refusal> {
    let by = Giver::Person(person.account.id);
    match app.engine().change_shop_by(person.scope.org, &after, by).await {
        Ok(()) => Ok(told(before, what)),
        Err(error) => refused(error, person, before),
    }
}

pub(super) async fn pause(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let shop = find(&app, &person, &id).await?;
    change(&app, &person, (&shop, Shop { paused: true, ..shop.clone() }), "shop-paused").await
}

pub(super) async fn resume(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let shop = find(&app, &person, &id).await?;
    change(&app, &person, (&shop, Shop { paused: false, ..shop.clone() }), "shop-resumed").await
}

#[derive(Deserialize)]
pub(super) struct Switch {
    on: String,
    /// What stands for what was seen.
    #[serde(default)]
    seen: String,
}

/// Takes orders of a shop, or keeps what comes without applying it.
pub(super) async fn orders(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(switch): Form<Switch>,
) -> Result<Redirect, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let on = switch.on == "yes";
    let what = if on { "shop-orders-on" } else { "shop-orders-off" };
    change(&app, &person, (&shop, Shop { order_sync: on, ..shop.clone() }), what).await
}

/// Asks the channel whether everything is as it should be.
pub(super) async fn test(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let shop = find(&app, &person, &id).await?;
    match app.engine().test_shop(person.scope.org, &shop).await {
        Ok(()) => Ok(told(&shop, "shop-tested")),
        Err(Error::Channel(error)) => {
            let why: String = error.brief().chars().take(WHY_CHARS_MAX).collect();
            let here = format!("/shops/{}", shop.id);
            Ok(Redirect::to(&super::query_of(&here, &[("told", "shop-failed"), ("why", &why)])))
        }
        Err(error) => refused(error, &person, &shop),
    }
}
