//! Who did what.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::response::Response;
use dermaga_domain::access::Permission::SeeAudit;
use dermaga_domain::id::{AccountId, AuditId};
use dermaga_domain::order::ActKind;
use dermaga_domain::stock::MovementKind;
use dermaga_domain::term::CommandKind;
use dermaga_store::audit::{self, Entry, act};
use dermaga_store::command::Giver;
use dermaga_ui::{AuditPage, AuditRow, Choice, Locale};
use serde::Deserialize;

use super::query_of;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};
use crate::routes::Routes;

/// Entries on a page.
const PAGE: i64 = 100;
/// Acts of access, as they are kept.
const ACTS: [&str; 18] = [
    act::LOGGED_IN,
    act::LOG_IN_REFUSED,
    act::LOGGED_OUT,
    act::SESSIONS_ENDED,
    act::INVITED,
    act::LINKED,
    act::CHANGED,
    act::DISABLED,
    act::ENABLED,
    act::PASSWORD,
    act::FACTOR_ON,
    act::FACTOR_OFF,
    act::RECOVERED,
    act::KEY_MADE,
    act::KEY_REVOKED,
    act::BUYER_SEEN,
    act::PAPER_SEEN,
    act::RAW_SEEN,
];

/// Acts on goods, shops, tasks and downloads, as the store keeps them.
const OF_SHOPS: [&str; 14] = [
    "opening",
    "map_listing",
    "shop.connect",
    "shop.change",
    "shop.sources",
    "shop.disconnect",
    "shop.flow",
    "shop.push",
    "connection.credentials",
    "task.steer",
    "download.ask",
    "download.agree",
    "download.drop",
    "download.retry",
];

pub(super) fn routes() -> Routes {
    Routes::new().get("/audit", SeeAudit, show)
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    person: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    fn query(&self) -> audit::Query {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        audit::Query {
            person: self.person.parse::<AccountId>().ok(),
            act: some(&self.act),
            subject: some(&self.subject),
            before: self.after.parse::<AuditId>().ok(),
            limit: PAGE,
        }
    }

    fn href(&self, after: &str) -> String {
        let pairs = [
            ("person", self.person.as_str()),
            ("act", &self.act),
            ("subject", &self.subject),
            ("after", after),
        ];
        query_of("/audit", &pairs)
    }
}

/// An act in words; one without words is told as it is kept.
fn words_of(locale: &Locale, act: &str) -> String {
    let of = |key: String| locale.words().find(&key, &[]);
    let (group, name) = act.split_once('.').unwrap_or(("movement", act));
    let found = match group {
        "order" => of(format!("act-{name}")),
        "command" => of(format!("command-{name}")),
        _ => None,
    };
    found
        .or_else(|| of(format!("audit-act-{}", act.replace('.', "-"))))
        .or_else(|| of(format!("{group}-{name}")))
        .unwrap_or_else(|| act.to_owned())
}

/// Every act that can be asked for.
fn acts(locale: &Locale) -> Vec<Choice> {
    let mut all: Vec<String> = ACTS.iter().map(|act| (*act).to_owned()).collect();
    all.extend(ActKind::ALL.iter().map(|kind| format!("order.{}", kind.as_str())));
    all.extend(CommandKind::ALL.iter().map(|kind| format!("command.{kind}")));
    let by_hand = [MovementKind::Receipt, MovementKind::Adjustment, MovementKind::Count];
    all.extend(by_hand.iter().map(|kind| kind.as_str().to_owned()));
    all.extend(OF_SHOPS.map(str::to_owned));
    all.into_iter().map(|act| Choice { label: words_of(locale, &act), value: act }).collect()
}

/// Where a subject is shown.
fn href(subject: &str) -> Option<String> {
    let (kind, _) = subject.split_once('_')?;
    match kind {
        "ord" => Some(format!("/orders/{subject}")),
        "bat" => Some(format!("/commands/{subject}")),
        "acc" => Some(format!("/users/{subject}")),
        "shp" => Some(format!("/shops/{subject}")),
        "dwn" => Some(format!("/downloads/{subject}")),
        _ => None,
    }
}

fn row(locale: &Locale, entry: Entry, who: &HashMap<Giver, String>) -> AuditRow {
    AuditRow {
        id: entry.id.to_string(),
        at: entry.at.0,
        who: who.get(&entry.by).cloned().unwrap_or_else(|| locale.word("audit-by-machine")),
        act: words_of(locale, &entry.act),
        href: href(&entry.subject),
        subject: entry.subject,
        detail: entry.detail,
    }
}

async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let (store, org, locale) = (app.store(), person.scope.org, &person.locale);
    let (entries, next) = store.audit(org, &asked.query()).await.map_err(failed)?;
    let members = store.members(org, None).await.map_err(failed)?;
    let keys = store.api_keys(org).await.map_err(failed)?;
    let people = members.iter().map(|it| (Giver::Person(it.id), it.name.clone()));
    let programs =
        keys.iter().map(|key| (Giver::Key(key.id), locale.with("audit-by-key", "name", &key.name)));
    let who: HashMap<Giver, String> = people.chain(programs).collect();
    Ok(shown(&AuditPage {
        locale: locale.clone(),
        frame: person.frame(&app, "").await.map_err(failed)?,
        people: members
            .iter()
            .map(|it| Choice { value: it.id.to_string(), label: it.name.clone() })
            .collect(),
        acts: acts(locale),
        rows: entries.into_iter().map(|entry| row(locale, entry, &who)).collect(),
        newer: (!asked.after.is_empty()).then(|| asked.href("")),
        older: next.map(|next| asked.href(&next.to_string())),
        person: asked.person,
        act: asked.act,
        subject: asked.subject,
    }))
}
