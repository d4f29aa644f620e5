//! Flow tables: of a shop as it is in use, and of a channel's presets.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use dermaga_domain::access::Permission;
use dermaga_domain::flow::{Flow, FlowFile, Preset, Rule};
use dermaga_domain::id::ShopId;
use dermaga_domain::term::Cancellation;
use dermaga_ui::{
    About, Actor, Attention, Ensure, FlowPage, FlowRule, FlowVersion, FlowView, Language, Sentence,
    Tab, Verb, VersionRow,
};
use serde::Deserialize;

use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    shop: String,
    #[serde(default)]
    preset: String,
    /// What came of what was just posted.
    #[serde(default)]
    told: String,
}

/// The rules of a flow as pages show them.
pub(super) fn rules_of(flow: &Flow, language: Language) -> Vec<FlowRule> {
    flow.rules.iter().map(|rule| rule_of(rule, language)).collect()
}

fn rule_of(rule: &Rule, language: Language) -> FlowRule {
    let note = rule.note.as_ref().map(|note| match language {
        Language::Indonesian => note.id.clone(),
        Language::English => note.en.clone(),
    });
    FlowRule {
        status: rule.status.as_str().to_owned(),
        actor: rule.actor.and_then(|it| Actor::from_key(it.as_str())).unwrap_or(Actor::Any),
        about: About::from_key(rule.about.as_str()).unwrap_or(About::Order),
        meaning: rule.meaning.clone(),
        ensures: rule.ensures.iter().filter_map(|it| Ensure::from_key(it.as_str())).collect(),
        verb: Verb::from_key(rule.verb.as_str()).unwrap_or(Verb::None),
        tab: rule.tab.and_then(|it| Tab::from_key(it.as_str())),
        attention: rule.attention.and_then(|it| Attention::from_key(it.as_str())),
        realtime: rule.realtime,
        download: rule.download,
        note: note.unwrap_or_default(),
        recommended: None,
    }
}

/// Classic rows with what the recommended preset has instead, where it differs.
fn both(file: &FlowFile, language: Language) -> Vec<FlowRule> {
    let recommended = rules_of(&file.flow(Preset::Recommended), language);
    let mut rules = rules_of(&file.flow(Preset::Classic), language);
    for rule in &mut rules {
        let other = recommended.iter().find(|other| {
            (&other.status, other.actor, other.about) == (&rule.status, rule.actor, rule.about)
        });
        if let Some(other) = other.filter(|other| **other != *rule) {
            rule.recommended = Some(Box::new(other.clone()));
        }
    }
    rules
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(channel): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let text = app.flow_text(&channel).ok_or_else(not_found)?;
    let file = FlowFile::parse(&channel, text).map_err(|error| {
        tracing::error!(error = %error, "flow file cannot be read (DMG-0401)");
        not_found()
    })?;
    let frame = person.frame(&app, "").await.map_err(refusal)?;
    let shop = match asked.shop.as_str() {
        "" => None,
        id => {
            let of_channel =
                |shop: &&dermaga_ui::ShopLink| shop.id == id && shop.channel.key == channel;
            Some(frame.shops.iter().find(of_channel).cloned().ok_or_else(not_found)?)
        }
    };
    let default = if shop.is_some() { FlowView::InUse } else { FlowView::Classic };
    let view = FlowView::from_key(&asked.preset).unwrap_or(default);
    let used = match shop.as_ref().and_then(|shop| shop.id.parse::<ShopId>().ok()) {
        Some(shop) => used(&app, &person, shop).await.map_err(refusal)?,
        None => None,
    };
    let versions = match &shop {
        Some(shop) => versions(&app, &person, shop).await.map_err(refusal)?,
        None => Vec::new(),
    };
    let in_use = versions.iter().find(|version| version.in_use).map_or(0, |version| version.number);
    let language = person.locale.language;
    let (rules, cancellation) = match (view, &used) {
        (FlowView::InUse, Some((flow, _))) => (rules_of(flow, language), flow.cancellation),
        (FlowView::Recommended, _) => {
            let flow = file.flow(Preset::Recommended);
            (rules_of(&flow, language), flow.cancellation)
        }
        (FlowView::Both, _) => (both(&file, language), file.flow(Preset::Classic).cancellation),
        (FlowView::InUse | FlowView::Classic, _) => {
            let flow = file.flow(Preset::Classic);
            (rules_of(&flow, language), flow.cancellation)
        }
    };
    Ok(shown(&FlowPage {
        channel: app.channel_link(&channel),
        frame,
        shop,
        view,
        version: used.map(|(_, version)| version),
        latest_decides: cancellation == Cancellation::Latest,
        rules,
        versions,
        notice: kept(&asked.told, in_use),
        problem: (asked.told == "changed").then(|| Sentence::new("flow-wrong-changed")),
        may_edit: person.may(Permission::EditFlows),
        locale: person.locale.clone(),
    }))
}

/// What came of keeping a flow: `kept.12` orders were judged again.
fn kept(told: &str, version: i64) -> Option<Sentence> {
    let judged: i64 = told.strip_prefix("kept.")?.parse().ok()?;
    Some(Sentence::new("flow-kept").with("version", version).with("n", judged))
}

/// The versions of a shop's flow, the newest first.
async fn versions(
    app: &App,
    person: &Person,
    shop: &dermaga_ui::ShopLink,
) -> dermaga_store::Result<Vec<VersionRow>> {
    let Ok(id) = shop.id.parse::<ShopId>() else { return Ok(Vec::new()) };
    let shops = app.store().shops(person.scope.org, Some(id)).await?;
    let in_use = shops.first().map(|shop| shop.flow_version);
    let mut all = app.store().flow_versions(&person.scope).await?;
    all.retain(|version| version.shop == Some(id));
    let people: Vec<_> = all.iter().filter_map(|version| version.by).collect();
    let names = app.store().account_names(&people).await?;
    let row = |version: &dermaga_store::read::flows::Version| VersionRow {
        id: version.id.to_string(),
        number: version.number,
        preset: version.preset.as_deref().and_then(dermaga_ui::Preset::from_key),
        at: version.created_at.0,
        by: version
            .by
            .and_then(|by| names.iter().find(|(id, _)| *id == by).map(|(_, name)| name.clone())),
        in_use: Some(version.id) == in_use,
    };
    Ok(all.iter().rev().map(row).collect())
}

/// The flow that a shop uses, with its version.
async fn used(
    app: &App,
    person: &Person,
    shop: ShopId,
) -> dermaga_store::Result<Option<(std::sync::Arc<Flow>, FlowVersion)>> {
    let org = person.scope.org;
    let Some(shop) = app.store().shops(org, Some(shop)).await?.into_iter().next() else {
        return Ok(None);
    };
    let flow = app.store().flow(org, shop.flow_version).await?;
    let versions = app.store().flow_versions(&person.scope).await?;
    let version = versions.into_iter().find(|version| version.id == shop.flow_version);
    Ok(version.map(|version| {
        let preset = version.preset.as_deref().and_then(dermaga_ui::Preset::from_key);
        let shown = FlowVersion {
            number: version.number,
            preset: preset.unwrap_or(dermaga_ui::Preset::Classic),
            edited: preset.is_none(),
            since: version.created_at.0,
        };
        (flow, shown)
    }))
}
