//! A shop's settings, its credentials, and disconnecting it.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_channel::Credentials;
use dermaga_domain::id::WarehouseId;
use dermaga_domain::time::{Span, Time};
use dermaga_engine::Error;
use dermaga_store::command::Giver;
use dermaga_store::{Secret, Shop};
use dermaga_ui::{CredentialAsk, Language, Sentence, ShopForm, ShopSettingsPage};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{card, failed, find, told, worded};
use crate::App;
use crate::pages::downloads::local;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// What a form posts.
pub(super) type Pairs = Vec<(String, String)>;

/// Why something was not kept: the sentence, and the id of the field.
pub(super) type Wrong = (Sentence, String);

pub(super) fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

/// What was entered for a channel, by field name.
pub(super) fn entered(pairs: &Pairs) -> Vec<(String, Secret)> {
    let given = pairs.iter().filter_map(|(name, value)| Some((name.strip_prefix("set.")?, value)));
    given
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| (name.to_owned(), Secret(value.trim().to_owned())))
        .collect()
}

/// What a channel asks for; what may be shown of what is kept or was entered.
pub(super) fn asks(
    app: &App,
    channel: &str,
    language: Language,
    (kept, entered): (Option<&Credentials>, &Pairs),
) -> Vec<CredentialAsk> {
    let Some(channel) = app.engine().registry().find(channel) else { return Vec::new() };
    let fields = channel.capabilities().credentials.iter();
    fields
        .map(|field| {
            let kept = kept.map_or("", |kept| kept.get(field.name));
            let new = value(entered, &format!("set.{}", field.name));
            let shown = if new.is_empty() { kept } else { new };
            CredentialAsk {
                name: field.name.to_owned(),
                label: worded(&field.label, language),
                help: worded(&field.help, language),
                lines: field.lines,
                secret: field.secret,
                required: field.required,
                value: if field.secret { String::new() } else { shown.to_owned() },
                is_set: !kept.is_empty(),
            }
        })
        .collect()
}

/// The settings that make sense for a channel.
pub(super) fn blank_form(app: &App, channel: &str, warehouses: Vec<String>) -> ShopForm {
    let channel = app.engine().registry().find(channel);
    let can = channel.map(|channel| *channel.capabilities());
    let days = |span: Span| span.0 / Span::days(1).0;
    ShopForm {
        zone: app.settings().zone.clone(),
        warehouse: warehouses.first().cloned().unwrap_or_default(),
        warehouses,
        order_sync: true,
        returns_from: can.filter(|can| can.returns).map(|_| String::new()),
        by_invoice: can.filter(|can| can.invoice_number).map(|_| false),
        history_days: can.and_then(|can| can.order_history_max).map(days),
        ..ShopForm::default()
    }
}

/// What a person entered, on top of what makes sense.
pub(super) fn filled_form(blank: ShopForm, pairs: &Pairs) -> ShopForm {
    let text = |name: &str| value(pairs, name).to_owned();
    ShopForm {
        name: text("name"),
        zone: text("zone"),
        warehouse: text("warehouse"),
        channel_warehouse: text("channel_warehouse"),
        from: text("from"),
        returns_from: blank.returns_from.map(|_| text("returns_from")),
        by_invoice: blank.by_invoice.map(|_| value(pairs, "by_invoice") == "yes"),
        ..blank
    }
}

/// What of the settings can be wrong before anything is kept.
pub(super) fn check(form: &ShopForm) -> Result<(), Wrong> {
    let wrong = |key: &str, field: &str| Err((Sentence::new(key), field.to_owned()));
    if form.name.is_empty() {
        return wrong("error-shop-name", "s-name");
    }
    if form.warehouse.is_empty() {
        return wrong("error-shop-warehouse", "s-warehouse");
    }
    if TimeZone::get(&form.zone).is_err() {
        return wrong("error-shop-zone", "s-zone");
    }
    Ok(())
}

/// A moment of the form; none when nothing is written.
pub(super) fn moment(text: &str, zone: &str, field: &str) -> Result<Option<Time>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || (Sentence::new("error-download-time"), field.to_owned());
    local(text, zone).map(Some).ok_or_else(wrong)
}

/// What the engine could not do, as a form says it.
pub(super) fn wrong(error: &Error, language: Language, app: &App, channel: &str) -> Wrong {
    match error {
        Error::TooOld { days, earliest } => {
            let said = Sentence::new("error-download-too-old").with("days", *days);
            (said.with_time("at", earliest.0), "s-from".to_owned())
        }
        Error::MissingCredential(name) => {
            let channel = app.engine().registry().find(channel);
            let fields = channel.map_or(&[][..], |channel| channel.capabilities().credentials);
            let field = fields.iter().find(|field| field.name == *name);
            let label = field.map_or_else(|| (*name).to_owned(), |it| worded(&it.label, language));
            (Sentence::new("error-shop-field").with("field", label), format!("c-{name}"))
        }
        Error::Channel(error) => {
            (Sentence::new("error-shop-refused").with("why", error.brief()), String::new())
        }
        Error::NoChannel(_) => (Sentence::new("error-shop-channel"), String::new()),
        Error::Consent(_)
        | Error::Store(_)
        | Error::Flow(_)
        | Error::NotSeen
        | Error::OrdersOff
        | Error::EmptyRange
        | Error::Refused(_) => (Sentence::new("notice-shop-refused"), String::new()),
    }
}

pub(in crate::pages) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    page(&app, &person, &shop, None).await
}

fn told_local(at: Option<Time>, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = at.and_then(|at| Timestamp::from_microsecond(at.0).ok());
    at.map(|at| at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

async fn form_of(app: &App, person: &Person, shop: &Shop) -> Result<ShopForm, Refusal> {
    let failed = failed(person);
    let org = person.scope.org;
    let warehouses = app.store().warehouses(org).await.map_err(&failed)?;
    let sources = app.store().sources(org, shop.id).await.map_err(&failed)?;
    let names = warehouses.into_iter().map(|one| one.name).collect();
    let blank = blank_form(app, &shop.channel, names);
    let first = sources.first();
    Ok(ShopForm {
        name: shop.name.clone(),
        zone: shop.zone.clone(),
        warehouse: first.map(|source| source.name.clone()).unwrap_or_default(),
        channel_warehouse: first
            .and_then(|source| source.channel_warehouse.clone())
            .unwrap_or_default(),
        order_sync: shop.order_sync,
        from: told_local(shop.order_sync_from, &shop.zone),
        returns_from: blank
            .returns_from
            .clone()
            .map(|_| told_local(shop.return_sync_from, &shop.zone)),
        by_invoice: blank.by_invoice.map(|_| shop.number_by_invoice),
        ..blank
    })
}

/// The page, with what was entered and why it was not kept.
pub(super) async fn page(
    app: &App,
    person: &Person,
    shop: &Shop,
    refused: Option<(Option<ShopForm>, Wrong)>,
) -> Result<Response, Refusal> {
    let failed = failed(person);
    let org = person.scope.org;
    let (entered, error) = refused.map_or((None, None), |(form, error)| (form, Some(error)));
    let form = match entered {
        Some(form) => form,
        None => form_of(app, person, shop).await?,
    };
    let found = app.store().connections(org, Some(shop.connection)).await.map_err(&failed)?;
    let kept = found.first().and_then(|found| kept(&found.credentials));
    let shops = app.store().shops(org, None).await.map_err(&failed)?;
    let others = shops.iter().filter(|other| {
        other.id != shop.id
            && other.connection == shop.connection
            && other.disconnected_at.is_none()
    });
    let shared = i64::try_from(others.count()).unwrap_or(i64::MAX);
    let language = person.locale.language;
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let shown = shown(&ShopSettingsPage {
        shop: card(app, person, shop).await?,
        frame: person.frame(app, "").await.map_err(&failed)?,
        form,
        credentials: asks(app, &shop.channel, language, (kept.as_ref(), &Vec::new())),
        asks_seller: super::asks_seller(app, shop),
        shared,
        webhooks_to: found.first().and_then(|found| app.engine().webhooks_url(found)),
        error,
        locale: person.locale.clone(),
    });
    Ok((status, shown).into_response())
}

fn kept(secret: &Secret) -> Option<Credentials> {
    let fields: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&secret.0).ok()?;
    Some(Credentials::new(fields))
}

pub(in crate::pages) async fn keep(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let form = filled_form(form_of(&app, &person, &shop).await?, &pairs);
    match try_keep(&app, &person, &shop, &form).await {
        Ok(()) => Ok(told(&shop, "shop-kept").into_response()),
        Err(Kept::Store(error)) => Err(failed(&person)(error)),
        Err(Kept::Wrong(wrong)) => page(&app, &person, &shop, Some((Some(form), wrong))).await,
    }
}

/// Why settings were not kept.
pub(super) enum Kept {
    Store(dermaga_store::Error),
    Wrong(Wrong),
}

impl Kept {
    /// What the engine could not do.
    pub(super) fn of(error: Error, language: Language, app: &App, channel: &str) -> Self {
        if let Error::Store(error) = error {
            return Self::Store(error);
        }
        Self::Wrong(wrong(&error, language, app, channel))
    }
}

impl From<Wrong> for Kept {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

async fn try_keep(app: &App, person: &Person, shop: &Shop, form: &ShopForm) -> Result<(), Kept> {
    check(form)?;
    let (org, by) = (person.scope.org, Giver::Person(person.account.id));
    let from = moment(&form.from, &form.zone, "s-from")?;
    let returns = form.returns_from.as_deref().unwrap_or_default();
    let changed = Shop {
        name: form.name.clone(),
        zone: form.zone.clone(),
        // A form has no seconds: the same minute is no change.
        order_sync_from: same_minute(shop.order_sync_from, from),
        return_sync_from: same_minute(
            shop.return_sync_from,
            moment(returns, &form.zone, "s-returns")?,
        ),
        number_by_invoice: form.by_invoice.unwrap_or(shop.number_by_invoice),
        ..shop.clone()
    };
    let refused = |error: Error| Kept::of(error, person.locale.language, app, &shop.channel);
    app.engine().change_shop_by(org, &changed, by).await.map_err(refused)?;
    let before = app.store().sources(org, shop.id).await.map_err(Kept::Store)?;
    let their = Some(form.channel_warehouse.clone()).filter(|their| !their.is_empty());
    let same = before
        .first()
        .is_some_and(|source| source.name == form.warehouse && source.channel_warehouse == their);
    if same {
        return Ok(());
    }
    let first = app.engine().warehouse(org, &form.warehouse).await.map_err(refused)?;
    let rest = before.into_iter().skip(1).filter(|source| source.warehouse != first);
    let rest = rest.map(|source| (source.warehouse, source.channel_warehouse));
    let sources: Vec<(WarehouseId, Option<String>)> =
        std::iter::once((first, their)).chain(rest).collect();
    app.engine().set_sources(org, shop.id, &sources, by).await.map_err(refused)
}

fn same_minute(before: Option<Time>, after: Option<Time>) -> Option<Time> {
    let minute = |at: Time| at.0.div_euclid(Span::minutes(1).0);
    match (before, after) {
        (Some(before), Some(after)) if minute(before) == minute(after) => Some(before),
        (_, after) => after,
    }
}

pub(in crate::pages) async fn credentials(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    let (org, by) = (person.scope.org, Giver::Person(person.account.id));
    let replaced =
        app.engine().replace_credentials(org, shop.connection, &entered(&pairs), by).await;
    match replaced {
        Ok(()) => Ok(told(&shop, "shop-credentials").into_response()),
        Err(Error::Store(error)) => Err(failed(&person)(error)),
        Err(error) => {
            let wrong = wrong(&error, person.locale.language, &app, &shop.channel);
            page(&app, &person, &shop, Some((None, wrong))).await
        }
    }
}

pub(in crate::pages) async fn disconnect(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let shop = find(&app, &person, &id).await?;
    if value(&pairs, "confirm") != shop.name.trim() {
        let wrong = (Sentence::new("error-shop-confirm"), "confirm".to_owned());
        return page(&app, &person, &shop, Some((None, wrong))).await;
    }
    let by = Giver::Person(person.account.id);
    let done: Result<Redirect, Refusal> =
        match app.engine().disconnect_shop(person.scope.org, &shop, by).await {
            Ok(()) => Ok(told(&shop, "shop-disconnected")),
            Err(error) => super::refused(error, &person, &shop),
        };
    done.map(axum::response::IntoResponse::into_response)
}
