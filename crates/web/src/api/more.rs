//! Explain, stock levels, flows and the change feed.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use dermaga_domain::flow::{Flow, Preset};
use dermaga_domain::id::{OrderId, ShopId};
use dermaga_domain::order::explain::{Traced, trace};
use dermaga_domain::order::judge;
use dermaga_store::read::case::HeardFact;
use dermaga_store::read::detail;
use dermaga_ui::{Keyed as _, Language, Locale, ShopLink};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::key::Reader;
use super::shapes::{Page, told};
use crate::App;
use crate::explain::{Teller, preset_name, source};
use crate::givers::Givers;

pub(super) type Asked<T> = Result<Query<T>, QueryRejection>;

pub(super) fn asked<T>(query: Asked<T>) -> Result<T, Problem> {
    query.map(|Query(asked)| asked).map_err(|error| Problem::bad_request(error.body_text()))
}

/// Why an order stands where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explanation {
    /// The order: `ord_…`.
    order: String,
    /// The version of the flow it is judged by: `flw_…`.
    flow_version: String,
    /// The whole in one sentence.
    lead: String,
    /// One reason for each axis.
    reasons: Vec<Reason>,
    /// What was heard, by the channel's time, with what each fact did.
    facts: Vec<Fact>,
    /// What changed, the oldest first.
    transitions: Vec<Transition>,
    /// What it would be under the other flow that was asked for.
    what_if: Option<Otherwise>,
}

/// What an order would be under another flow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Otherwise {
    /// The preset.
    flow: &'static str,
    /// Whether it would be the same.
    same: bool,
    /// The whole in one sentence.
    said: String,
}

/// Why one axis has its value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reason {
    /// document, delivery, payment, cancelled, tab or stock.
    axis: &'static str,
    /// The key of the sentence, the same in every language.
    key: String,
    /// Its value, in words.
    value: String,
    /// Why.
    because: String,
    /// What would change it.
    change: Option<String>,
    /// The status whose row of the flow it rests on.
    rule: Option<String>,
}

/// A fact, with what it did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fact {
    status: String,
    about: &'static str,
    actor: Option<&'static str>,
    /// The channel's time of it.
    at: Option<String>,
    mode: &'static str,
    /// webhook, fetch or download.
    source: &'static str,
    /// The message that said so: `msg_…`.
    message: Option<String>,
    heard_at: String,
    /// Whether the flow has a rule for it.
    known: bool,
    /// What it released.
    released: Vec<&'static str>,
    /// What its rules ensure but the way it was heard does not release.
    held_back: Vec<&'static str>,
}

/// A change of the documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Transition {
    verb: &'static str,
    attention: Option<&'static str>,
    /// The status that caused it.
    status: Option<String>,
    /// Or the number of a person's act.
    act: Option<i64>,
    at: String,
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InLanguage {
    /// id or en; en when nothing is said.
    language: Option<String>,
    /// A preset, classic or recommended: tell also what the order would be under that flow.
    what_if: Option<String>,
}

/// Why an order stands where it stands.
#[utoipa::path(get, path = "/api/v1/orders/{id}/explain", tag = "orders",
    params(("id" = String, Path, description = "ord_…"), InLanguage),
    responses((status = 200, body = Explanation), (status = "default", body = Problem)))]
pub(crate) async fn explain(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(id): Path<String>,
    query: Asked<InLanguage>,
) -> Result<Json<Explanation>, Problem> {
    let asked = asked(query)?;
    let language = asked.language.and_then(|code| Language::from_code(&code));
    let preset = asked.what_if.map(|text| text.parse::<Preset>()).transpose();
    let preset = preset.map_err(|error| Problem::bad_request(format!("what_if: {error}")))?;
    let id: OrderId = id.parse().map_err(|_| Problem::not_found())?;
    let detail = app.store().order_detail(&scope, id).await?.ok_or_else(Problem::not_found)?;
    let case = app.store().order_case(&scope, id).await?.ok_or_else(Problem::not_found)?;
    let locale = Locale {
        language: language.unwrap_or(Language::English),
        zone: TimeZone::UTC,
        now: app.engine().now().0,
    };
    let shop = ShopLink {
        id: detail.order.shop.to_string(),
        name: String::new(),
        channel: app.channel_link(&detail.order.channel),
    };
    let state = judge(case.case());
    let givers = case.acts.iter().map(|act| act.by);
    let givers = Givers::of(&app, (scope.org, &locale), givers).await?;
    let person = |act: &dermaga_store::read::case::RecordedAct| givers.name(act.by);
    let teller = Teller { case: &case, state: &state, shop: &shop, person: &person };
    let explained = teller.explain();
    let reasons = explained.lines.iter().map(|line| Reason {
        axis: line.axis.key(),
        key: line.because.key.clone(),
        value: locale.word(&line.value),
        because: locale.say(&line.because),
        change: line.change.as_ref().map(|change| locale.say(change)),
        rule: line.rule.as_ref().map(|rule| rule.status.clone()),
    });
    let traced = trace(case.case());
    let facts = case.facts.iter().zip(&traced).map(|(heard, traced)| fact(heard, traced));
    let transitions = detail.transitions.iter().map(transition);
    let other =
        preset.and_then(|preset| Some((preset, app.preset(&detail.order.channel, preset)?)));
    let what_if = other.map(|(preset, flow)| {
        let told = teller.under(preset_name(preset), &flow);
        let (same, said) = (told.ends.is_empty(), told.said(&locale));
        Otherwise { flow: preset.as_str(), same, said }
    });
    Ok(Json(Explanation {
        order: id.to_string(),
        flow_version: detail.order.flow_version.to_string(),
        lead: locale.say(&explained.lead),
        reasons: reasons.collect(),
        facts: facts.collect(),
        transitions: transitions.collect(),
        what_if,
    }))
}

fn fact(heard: &HeardFact, traced: &Traced) -> Fact {
    let key = &heard.fact.key;
    Fact {
        status: key.status.as_str().to_owned(),
        about: key.about.as_str(),
        actor: key.actor.map(dermaga_domain::term::Actor::as_str),
        at: key.at.map(told),
        mode: key.mode.as_str(),
        source: source(heard).key(),
        message: heard.message.map(|id| id.to_string()),
        heard_at: told(heard.heard_at),
        known: !traced.rules.is_empty(),
        released: traced.released.iter().map(dermaga_domain::flow::Effect::as_str).collect(),
        held_back: traced.held_back.iter().map(dermaga_domain::flow::Effect::as_str).collect(),
    }
}

fn transition(transition: &detail::Transition) -> Transition {
    Transition {
        verb: transition.verb.as_str(),
        attention: transition.attention.map(dermaga_domain::term::Attention::as_str),
        status: transition.status.clone(),
        act: transition.act,
        at: told(transition.at),
    }
}

/// A stock level, in units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockLevel {
    /// The SKU's code.
    sku: String,
    name: String,
    /// The warehouse's name.
    warehouse: String,
    on_hand: i64,
    /// Held by invoices.
    allocated: i64,
    /// Held by sales orders.
    reserved: i64,
    /// Wanted by invoices and not there.
    short: i64,
    /// On hand less allocated less reserved.
    available: i64,
    /// Rises with every change.
    version: i64,
}

/// Which stock levels.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Levels {
    /// Only SKUs whose code begins so.
    q: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, at most 200.
    limit: Option<i64>,
}

/// Stock levels, by SKU code.
#[utoipa::path(get, path = "/api/v1/stock-levels", tag = "stock", params(Levels),
    responses((status = 200, body = Page<StockLevel>), (status = "default", body = Problem)))]
pub(crate) async fn stock_levels(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked<Levels>,
) -> Result<Json<Page<StockLevel>>, Problem> {
    let asked = asked(query)?;
    let after = asked.after.map(|after| after.parse()).transpose();
    let after = after.map_err(|_| Problem::bad_request("after is not a page's next"))?;
    let (prefix, limit) = (asked.q.unwrap_or_default(), asked.limit.unwrap_or(100));
    let (levels, next) = app.store().stock_levels(&scope, &prefix, after.as_ref(), limit).await?;
    let items = levels.into_iter().map(|level| StockLevel {
        available: level.available(),
        sku: level.code,
        name: level.name,
        warehouse: level.warehouse_name,
        on_hand: level.on_hand,
        allocated: level.allocated,
        reserved: level.reserved,
        short: level.short,
        version: level.version,
    });
    Ok(Json(Page { items: items.collect(), next: next.map(|next| next.to_string()) }))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paged {
    /// The `next` of the page before.
    after: Option<i64>,
    /// How many, at most 200.
    limit: Option<i64>,
}

/// A row of a flow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rule {
    status: String,
    /// buyer, seller or system; none = anybody.
    actor: Option<&'static str>,
    /// order, package, return or cancel_request.
    about: &'static str,
    meaning: String,
    /// What must hold once the status was heard.
    ensures: Vec<&'static str>,
    verb: &'static str,
    tab: Option<&'static str>,
    attention: Option<&'static str>,
    /// Whether a fact heard by itself releases what is ensured.
    realtime: bool,
    /// Whether a fact heard by a download does.
    download: bool,
}

/// A flow.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FlowTable {
    channel: String,
    /// The shop that uses it: `shp_…`.
    shop: Option<String>,
    /// The version in use: `flw_…`.
    version: Option<String>,
    /// The preset, when it is one unchanged.
    preset: Option<String>,
    /// final or latest.
    cancellation: &'static str,
    rules: Vec<Rule>,
}

/// Which flow.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The flow in use by this shop: `shp_…`.
    shop: Option<String>,
    /// Or a preset: classic or recommended.
    preset: Option<String>,
}

/// The flow of a channel's preset, or the one that a shop uses.
#[utoipa::path(get, path = "/api/v1/flows/{channel}", tag = "flows",
    params(("channel" = String, Path, description = "the channel's key"), Which),
    responses((status = 200, body = FlowTable), (status = "default", body = Problem)))]
pub(crate) async fn flow(
    State(app): State<App>,
    Reader(scope): Reader,
    Path(channel): Path<String>,
    query: Asked<Which>,
) -> Result<Json<FlowTable>, Problem> {
    let asked = asked(query)?;
    if let Some(shop) = asked.shop {
        let shop: ShopId = shop.parse().map_err(|_| Problem::not_found())?;
        let shops = app.store().shops(scope.org, Some(shop)).await?;
        let used = shops.into_iter().find(|it| it.channel == channel && scope.sees(it.id));
        let used = used.ok_or_else(Problem::not_found)?;
        let flow = app.store().flow(scope.org, used.flow_version).await?;
        let versions = app.store().flow_versions(&scope).await?;
        let version = versions.into_iter().find(|version| version.id == used.flow_version);
        return Ok(Json(FlowTable {
            shop: Some(used.id.to_string()),
            version: Some(used.flow_version.to_string()),
            preset: version.and_then(|version| version.preset),
            ..table(&channel, &flow)
        }));
    }
    let preset = asked.preset.map_or(Ok(Preset::Classic), |text| text.parse());
    let preset = preset.map_err(|error| Problem::bad_request(format!("preset: {error}")))?;
    let flow = app.preset(&channel, preset).ok_or_else(Problem::not_found)?;
    Ok(Json(FlowTable { preset: Some(preset.as_str().to_owned()), ..table(&channel, &flow) }))
}

fn table(channel: &str, flow: &Flow) -> FlowTable {
    let rules = flow.rules.iter().map(|rule| Rule {
        status: rule.status.as_str().to_owned(),
        actor: rule.actor.map(dermaga_domain::term::Actor::as_str),
        about: rule.about.as_str(),
        meaning: rule.meaning.clone(),
        ensures: rule.ensures.iter().map(dermaga_domain::flow::Effect::as_str).collect(),
        verb: rule.verb.as_str(),
        tab: rule.tab.map(dermaga_domain::term::Tab::as_str),
        attention: rule.attention.map(dermaga_domain::term::Attention::as_str),
        realtime: rule.realtime,
        download: rule.download,
    });
    FlowTable {
        channel: channel.to_owned(),
        shop: None,
        version: None,
        preset: None,
        cancellation: flow.cancellation.as_str(),
        rules: rules.collect(),
    }
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    /// Its position: without gaps, in the order of the commits.
    position: i64,
    /// What changed: order.
    kind: String,
    /// Which: `ord_…`.
    id: String,
    at: String,
}

/// Changes from after a position, the oldest first. Ask again from the last position.
#[utoipa::path(get, path = "/api/v1/feed", tag = "feed", params(Paged),
    responses((status = 200, body = Page<Change>), (status = "default", body = Problem)))]
pub(crate) async fn feed(
    State(app): State<App>,
    Reader(scope): Reader,
    query: Asked<Paged>,
) -> Result<Json<Page<Change>>, Problem> {
    let asked = asked(query)?;
    let limit = asked.limit.unwrap_or(200).clamp(1, 200);
    let changes = app.store().feed(&scope, asked.after.unwrap_or(0), limit).await?;
    let full = i64::try_from(changes.len()).unwrap_or(i64::MAX) == limit;
    let next = changes.last().filter(|_| full).map(|change| change.position.to_string());
    let items = changes.into_iter().map(|change| Change {
        position: change.position,
        id: OrderId(change.subject_id).to_string(),
        at: told(change.at()),
        kind: change.kind,
    });
    Ok(Json(Page { items: items.collect(), next }))
}
