//! Changing the flow of a shop: as a form, tried on the shop's own orders, then kept.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::flow::{Effect, Flow, FlowFile, Preset, Rule};
use dermaga_domain::id::FlowVersionId;
use dermaga_domain::order::explain::Outcome;
use dermaga_domain::term::{About, ChannelStatus, Document, Tab, Verb};
use dermaga_engine::{ApplyTo, DryRun, Error, Look};
use dermaga_store::Shop;
use dermaga_ui::{EndsRow, FlowEditPage, FlowTryPage, Frame, Sentence, ShopLink};
use serde::Deserialize;

use super::flow::rules_of;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// What a dry run on a page looks at: one that takes longer is for the command line.
const LOOK: Look = Look { days: 30, orders_max: 2_000 };
/// Orders that the page of a dry run lists.
const LISTED: usize = 200;

type Pairs = Vec<(String, String)>;

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// The shop whose flow it is about, with everything that its pages need.
struct Desk {
    shop: Shop,
    link: ShopLink,
    frame: Frame,
    file: FlowFile,
    flow: std::sync::Arc<Flow>,
}

async fn desk(app: &App, person: &Person, channel: &str, shop: &str) -> Result<Desk, Refusal> {
    let failed = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let frame = person.frame(app, "").await.map_err(failed)?;
    // Who names none gets the first of theirs.
    let link = frame
        .shops
        .iter()
        .find(|it| it.channel.key == channel && (shop.is_empty() || it.id == shop));
    let link = link.cloned().ok_or_else(not_found)?;
    let id = link.id.parse().map_err(|_| not_found())?;
    let shops = app.store().shops(person.scope.org, Some(id)).await.map_err(failed)?;
    let shop = shops.into_iter().next().ok_or_else(not_found)?;
    let text = app.flow_text(channel).ok_or_else(not_found)?;
    let file = FlowFile::parse(channel, text).map_err(|_| not_found())?;
    let flow = app.store().flow(person.scope.org, shop.flow_version).await.map_err(failed)?;
    Ok(Desk { shop, link, frame, file, flow })
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    shop: String,
}

/// The rules as a form.
pub(super) async fn form(
    State(app): State<App>,
    person: Person,
    Path(channel): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let desk = desk(&app, &person, &channel, &asked.shop).await?;
    let flow = std::sync::Arc::clone(&desk.flow);
    Ok(shown(&edit_page(desk, &person, &flow, None)))
}

fn edit_page(desk: Desk, person: &Person, flow: &Flow, problem: Option<String>) -> FlowEditPage {
    FlowEditPage {
        rules: rules_of(flow, person.locale.language),
        base: desk.shop.flow_version.to_string(),
        shop: desk.link,
        frame: desk.frame,
        locale: person.locale.clone(),
        problem,
    }
}

/// The flow that a form asks for, and how it is called.
async fn wanted(
    app: &App,
    person: &Person,
    desk: &Desk,
    pairs: &Pairs,
) -> Result<Option<(Flow, Sentence)>, dermaga_store::Error> {
    if let Ok(preset) = value(pairs, "preset").parse::<Preset>() {
        let word = format!("preset-{preset}");
        let what = Sentence::new("flow-try-preset");
        let what = what.with("preset", dermaga_ui::Value::Word(word));
        return Ok(Some((desk.file.flow(preset), what)));
    }
    if let Ok(version) = value(pairs, "version").parse::<FlowVersionId>() {
        let all = app.store().flow_versions(&person.scope).await?;
        let mine = |it: &&dermaga_store::read::flows::Version| it.shop == Some(desk.shop.id);
        let Some(kept) = all.iter().filter(mine).find(|it| it.id == version) else {
            return Ok(None);
        };
        let flow = app.store().flow(person.scope.org, version).await?;
        let what = Sentence::new("flow-try-version").with("version", kept.number);
        return Ok(Some(((*flow).clone(), what)));
    }
    Ok(Some((edited(&desk.flow, pairs), Sentence::new("flow-try-edited"))))
}

/// The flow with what a form says of its rules.
fn edited(flow: &Flow, pairs: &Pairs) -> Flow {
    let mut rules = Vec::with_capacity(flow.rules.len() + 1);
    for (at, rule) in flow.rules.iter().enumerate() {
        let at = at.to_string();
        if value(pairs, &format!("x{at}")).is_empty() {
            rules.push(filled(rule.clone(), &at, pairs));
        }
    }
    let status = value(pairs, "sn").trim();
    if !status.is_empty() {
        let meaning = value(pairs, "mn").trim();
        let blank = Rule {
            status: ChannelStatus::new(status),
            actor: None,
            about: About::Order,
            meaning: if meaning.is_empty() { status } else { meaning }.to_owned(),
            ensures: std::iter::empty::<Effect>().collect(),
            tab: None,
            attention: None,
            realtime: false,
            download: false,
            verb: Verb::None,
            note: None,
        };
        rules.push(filled(blank, "n", pairs));
    }
    flow.with_rules(rules)
}

fn filled(rule: Rule, at: &str, pairs: &Pairs) -> Rule {
    let ensured = format!("e{at}");
    let effects = pairs.iter().filter(|(key, _)| *key == ensured);
    Rule {
        ensures: effects.filter_map(|(_, value)| value.parse::<Effect>().ok()).collect(),
        tab: value(pairs, &format!("t{at}")).parse().ok(),
        attention: value(pairs, &format!("a{at}")).parse().ok(),
        realtime: !value(pairs, &format!("r{at}")).is_empty(),
        download: !value(pairs, &format!("d{at}")).is_empty(),
        ..rule
    }
}

/// What another flow would change. Nothing is kept.
pub(super) async fn look(
    State(app): State<App>,
    person: Person,
    Path(channel): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let desk = desk(&app, &person, &channel, value(&pairs, "shop")).await?;
    let failed = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let base = value(&pairs, "base");
    if !base.is_empty() && base != desk.shop.flow_version.to_string() {
        return Ok(told(&desk.link, "changed"));
    }
    let wanted = wanted(&app, &person, &desk, &pairs).await.map_err(failed)?;
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let (flow, what) = wanted.ok_or_else(not_found)?;
    let text = flow.to_toml();
    let flow = match Flow::from_toml(&channel, &text) {
        Ok(flow) => flow,
        Err(error) => {
            let problem = format!("{}; {}.", error.problem, error.remedy);
            let mut response = shown(&edit_page(desk, &person, &flow, Some(problem)));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let org = person.scope.org;
    let found = app.engine().dry_run_flow(org, &desk.shop, &flow, LOOK).await;
    let found = found.map_err(|error| refused(&error, &person))?;
    Ok(shown(&try_page(desk, &person, (flow, text), what, &found)))
}

fn refused(error: &Error, person: &Person) -> Refusal {
    Refusal::of_engine(error, person.locale.clone(), person.here.clone())
}

fn try_page(
    desk: Desk,
    person: &Person,
    (flow, text): (Flow, String),
    what: Sentence,
    found: &DryRun,
) -> FlowTryPage {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let row = |ends: &dermaga_engine::Ends| EndsRow {
        href: format!("/orders/{}", ends.id),
        number: ends.channel_order_id.clone(),
        before: words(&ends.before),
        after: words(&ends.after),
    };
    FlowTryPage {
        what,
        same: flow == *desk.flow,
        statuses: statuses(&desk.flow, &flow),
        days: i64::from(LOOK.days),
        looked_at: count(found.looked_at),
        cut: found.cut,
        differ: count(found.differs.len()),
        rows: found.differs.iter().take(LISTED).map(row).collect(),
        unknown: count(found.unknown.len()),
        base: desk.shop.flow_version.to_string(),
        text,
        shop: desk.link,
        frame: desk.frame,
        locale: person.locale.clone(),
    }
}

/// The statuses of rules that one of two flows has and the other has not.
fn statuses(now: &Flow, then: &Flow) -> Vec<String> {
    let changed = now.rules.iter().filter(|rule| !then.rules.contains(rule));
    let added = then.rules.iter().filter(|rule| !now.rules.contains(rule));
    let mut found: Vec<String> = Vec::new();
    for rule in changed.chain(added) {
        if !found.iter().any(|status| status == rule.status.as_str()) {
            found.push(rule.status.as_str().to_owned());
        }
    }
    found
}

/// Where an order ends, as keys of words.
fn words(outcome: &Outcome) -> Vec<String> {
    let mut words = vec![format!("document-{}", outcome.document)];
    if outcome.document > Document::None {
        words.push(format!("payment-{}", outcome.payment));
        words.push(format!("delivery-{}", outcome.delivery));
    }
    if outcome.bin {
        words.push("bin-mark".to_owned());
    }
    words.push(format!("tab-{}", outcome.tab.map_or("none", Tab::as_str)));
    words.extend(outcome.attentions.iter().map(|attention| format!("attention-{attention}")));
    words
}

#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    shop: String,
    #[serde(default)]
    base: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    apply_to: String,
}

/// Keeps a flow that was tried; pressing twice keeps it once.
pub(super) async fn keep(
    State(app): State<App>,
    person: Person,
    Path(channel): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Response, Refusal> {
    let desk = desk(&app, &person, &channel, &posted.shop).await?;
    let bad = || {
        let (locale, here) = (person.locale.clone(), person.here.clone());
        Refusal::page(StatusCode::BAD_REQUEST, "DMG-0401", locale, here)
    };
    let flow = Flow::from_toml(&channel, &posted.text).map_err(|_| bad())?;
    let base: FlowVersionId = posted.base.parse().map_err(|_| bad())?;
    let apply_to = if posted.apply_to == "open" { ApplyTo::Open } else { ApplyTo::New };
    // Sent twice: the shop follows it by now, and only what still differs is judged again.
    let base = if *desk.flow == flow { desk.shop.flow_version } else { base };
    let org = person.scope.org;
    let found = app.engine().dry_run_flow(org, &desk.shop, &flow, LOOK).await;
    let found = found.map_err(|error| refused(&error, &person))?;
    let kept = app.engine().keep_flow(
        org,
        (&desk.shop, base),
        (&desk.file, &flow),
        (&found, apply_to),
        person.by(),
    );
    match kept.await {
        Ok(kept) => Ok(told(&desk.link, &format!("kept.{}", kept.judged))),
        Err(Error::Store(dermaga_store::Error::FlowChanged)) => Ok(told(&desk.link, "changed")),
        Err(error) => Err(refused(&error, &person)),
    }
}

/// The shop's flow, saying what came of it.
fn told(shop: &ShopLink, what: &str) -> Response {
    Redirect::to(&format!("{}&told={what}", shop.href())).into_response()
}
