//! Connecting a shop: what must be done outside first, the credentials, the shop, and what a first
//! sync would bring before it begins.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::flow::Preset;
use dermaga_domain::id::{ConnectionId, ShopId};
use dermaga_engine::{Connect, ConnectShop, Error};
use dermaga_store::Shop;
use dermaga_store::command::Giver;
use dermaga_ui::{Choice, ConnectPage, FirstSyncPage, Sentence};
use serde::Deserialize;

use super::settings::{Kept, Pairs, asks, blank_form, check, entered, filled_form, moment, value};
use super::{card, failed, find, worded};
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

#[derive(Deserialize, Default)]
pub(in crate::pages) struct Asked {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    shop: String,
    /// The connection whose seller has consented, `con_…`.
    #[serde(default)]
    connection: String,
}

pub(in crate::pages) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let entered = vec![
        ("channel".to_owned(), asked.channel),
        ("channel_shop_id".to_owned(), asked.shop),
        ("connection".to_owned(), asked.connection),
        ("first".to_owned(), "yes".to_owned()),
    ];
    page(&app, &person, &entered, None).await
}

/// The wizard, with what was entered and why it was not connected.
pub(super) async fn page(
    app: &App,
    person: &Person,
    pairs: &Pairs,
    error: Option<(Sentence, String)>,
) -> Result<Response, Refusal> {
    let failed = failed(person);
    let org = person.scope.org;
    let key = value(pairs, "channel");
    let channel = app.engine().registry().find(key);
    let can = channel.map(|channel| *channel.capabilities());
    let language = person.locale.language;
    let connections = app.store().connections(org, None).await.map_err(&failed)?;
    let shops = app.store().shops(org, None).await.map_err(&failed)?;
    let in_use = |id: ConnectionId| {
        shops.iter().any(|shop| shop.connection == id && shop.disconnected_at.is_none())
    };
    let mut choices: Vec<Choice> = Vec::new();
    for one in connections.iter().filter(|one| one.channel == key && in_use(one.id)) {
        choices.push(Choice { value: one.id.to_string(), label: one.name.clone() });
    }
    let warehouses = app.store().warehouses(org).await.map_err(&failed)?;
    let blank = blank_form(app, key, warehouses.into_iter().map(|one| one.name).collect());
    let first = value(pairs, "first") == "yes";
    let asks_seller = channel.is_some_and(|channel| channel.consent().is_some());
    let connection = if first && !asks_seller {
        choices.first().map(|one| one.value.clone()).unwrap_or_default()
    } else {
        value(pairs, "connection").to_owned()
    };
    let opened = match connection.parse() {
        Ok(id) if asks_seller => opened(app, person, id, &shops).await?,
        _ => Vec::new(),
    };
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let shown = shown(&ConnectPage {
        frame: person.frame(app, "").await.map_err(&failed)?,
        channels: app.engine().registry().iter().map(|(key, _)| app.channel_link(key)).collect(),
        channel: channel.map(|_| app.channel_link(key)),
        before: can
            .map(|can| can.before.iter().map(|step| worded(step, language)).collect())
            .unwrap_or_default(),
        credentials: asks(app, key, language, (None, pairs)),
        connections: choices,
        connection,
        asks_seller,
        opened,
        channel_shop_id: value(pairs, "channel_shop_id").to_owned(),
        shop_id_help: can.map(|can| worded(&can.shop_id, language)).unwrap_or_default(),
        form: if first { blank } else { filled_form(blank, pairs) },
        preset: value(pairs, "preset").to_owned(),
        error,
        locale: person.locale.clone(),
    });
    Ok((status, shown).into_response())
}

/// The shops that a seller opened, and that nobody connected yet.
async fn opened(
    app: &App,
    person: &Person,
    connection: ConnectionId,
    shops: &[Shop],
) -> Result<Vec<Choice>, Refusal> {
    let opened = app.engine().opened_shops(person.scope.org, connection).await;
    let opened = opened.map_err(|error| super::consent::refusal(person, error))?;
    let is_free = |id: &str| {
        !shops.iter().any(|shop| {
            shop.connection == connection
                && shop.channel_shop_id == id
                && shop.disconnected_at.is_none()
        })
    };
    let choices = opened.into_iter().filter(|shop| is_free(&shop.channel_shop_id)).map(|shop| {
        let id = shop.channel_shop_id;
        let label = if shop.name.is_empty() { id.clone() } else { format!("{} ({id})", shop.name) };
        Choice { value: id, label }
    });
    Ok(choices.collect())
}

pub(in crate::pages) async fn begin(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    match try_begin(&app, &person, &pairs).await {
        Ok(id) => Ok(Redirect::to(&format!("/shops/{id}/first")).into_response()),
        Err(Kept::Store(error)) => Err(failed(&person)(error)),
        Err(Kept::Wrong(wrong)) => page(&app, &person, &pairs, Some(wrong)).await,
    }
}

/// Tries the credentials, then adds the shop with its orders off: nothing is taken yet.
async fn try_begin(app: &App, person: &Person, pairs: &Pairs) -> Result<ShopId, Kept> {
    let key = value(pairs, "channel");
    let form = filled_form(blank_form(app, key, Vec::new()), pairs);
    check(&form)?;
    let channel_shop_id = value(pairs, "channel_shop_id");
    let field = || "channel_shop_id".to_owned();
    if channel_shop_id.is_empty() {
        return Err(Kept::Wrong((Sentence::new("error-shop-id"), field())));
    }
    let (org, by) = (person.scope.org, Giver::Person(person.account.id));
    let shops = app.store().shops(org, None).await.map_err(Kept::Store)?;
    if shops.iter().any(|shop| {
        shop.channel == key
            && shop.channel_shop_id == channel_shop_id
            && shop.disconnected_at.is_none()
    }) {
        return Err(Kept::Wrong((Sentence::new("error-shop-taken"), field())));
    }
    let refused = |error: Error| Kept::of(error, person.locale.language, app, key);
    let engine = app.engine();
    let returns = form.returns_from.as_deref().unwrap_or_default();
    let preset: Preset = value(pairs, "preset").parse().unwrap_or(Preset::Classic);
    let mut new = ConnectShop {
        channel_shop_id: channel_shop_id.to_owned(),
        name: form.name.clone(),
        zone: form.zone.clone(),
        preset,
        order_sync_from: moment(&form.from, &form.zone, "s-from")?,
        return_sync_from: moment(returns, &form.zone, "s-returns")?,
        order_sync: false,
        number_by_invoice: form.by_invoice.unwrap_or(false),
        sources: Vec::new(),
    };
    let history = engine.registry().find(key).and_then(|it| it.capabilities().order_history_max);
    engine.check_from(history, new.order_sync_from).map_err(refused)?;
    let chosen: Option<ConnectionId> = value(pairs, "connection").parse().ok();
    let connection = match chosen {
        Some(id) => id,
        None => {
            let name = app.channel_link(key).name;
            let fields = entered(pairs);
            let new = Connect { channel: key.to_owned(), name, fields };
            engine.connect(org, new).await.map_err(refused)?
        }
    };
    let warehouse = engine.warehouse(org, &form.warehouse).await.map_err(refused)?;
    let their = Some(form.channel_warehouse.clone()).filter(|their| !their.is_empty());
    new.sources = vec![(warehouse, their)];
    let id = engine.connect_shop_by(org, connection, new, by).await.map_err(refused)?;
    // Orders are pulled as well, so that a channel that will not send webhooks stops nothing.
    let found = app.store().connections(org, Some(connection)).await.map_err(Kept::Store)?;
    if found.first().is_some_and(|found| found.webhooks_at.is_none())
        && let Err(error) = engine.register_webhooks(org, connection).await
    {
        tracing::warn!(connection.id = %connection, error = %error, "webhooks are not registered");
    }
    Ok(id)
}

/// What a first sync would bring.
pub(in crate::pages) async fn first(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let failed = failed(&person);
    let looked = match app.engine().first_look(person.scope.org, &shop).await {
        Ok(looked) => Ok(looked),
        Err(Error::Store(error)) => return Err(failed(error)),
        Err(error) => Err(error.code().unwrap_or("DMG-0203").to_owned()),
    };
    let (looked, trouble) = match looked {
        Ok(looked) => (Some(looked), None),
        Err(code) => (None, Some(code)),
    };
    let looked = looked.as_ref();
    Ok(shown(&FirstSyncPage {
        shop: card(&app, &person, &shop).await?,
        frame: person.frame(&app, "").await.map_err(&failed)?,
        listings: looked.map_or((0, 0), |looked| (looked.matched, looked.unmatched)),
        orders: looked.map_or(0, |looked| looked.orders),
        more_orders: looked.is_some_and(|looked| looked.more_orders),
        from: looked.map_or(person.locale.now, |looked| looked.from.0),
        trouble,
        locale: person.locale.clone(),
    }))
}
