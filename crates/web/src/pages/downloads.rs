//! Downloads: begun by a form, looked at, agreed to, followed to a result for each order.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::id::DownloadId;
use dermaga_domain::time::{Span, Time};
use dermaga_engine::{Error, Wish};
use dermaga_store::Shop;
use dermaga_store::command::Giver;
use dermaga_store::download::{Counts, Download, DownloadOrder, Outcome};
use dermaga_ui::{
    Choice, DownloadForm, DownloadOutcome, DownloadPage, DownloadRow, DownloadsPage, Frame,
    Sentence,
};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::Deserialize;

use super::query_of;
use crate::App;
use crate::explain::keyed;
use crate::givers::Givers;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Downloads on a page.
const PAGE: i64 = 50;
/// Orders of a download on a page.
const ORDERS: i64 = 100;

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    shop: String,
    #[serde(default)]
    after: String,
    /// Which orders of one download.
    #[serde(default)]
    show: String,
    /// What came of an act.
    #[serde(default)]
    told: String,
}

#[derive(Deserialize, Default)]
pub(super) struct Posted {
    #[serde(default)]
    by: String,
    #[serde(default)]
    shop: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    numbers: String,
}

pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let form = DownloadForm { shop: asked.shop.clone(), ..DownloadForm::default() };
    page(&app, &person, form, &asked.after).await
}

async fn page(
    app: &App,
    person: &Person,
    mut form: DownloadForm,
    after: &str,
) -> Result<Response, Refusal> {
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let frame = person.frame(app, "").await.map_err(failed)?;
    let shops = app.store().shops(person.scope.org, None).await.map_err(failed)?;
    let choice = |shop: &Shop| Choice { value: shop.id.to_string(), label: shop.name.clone() };
    let chosen = shops.iter().filter(|shop| person.scope.sees(shop.id));
    form.shops = chosen.map(choice).collect();
    if form.from.is_empty() && form.error.is_none() {
        let now = app.engine().now();
        let first = shops.iter().find(|shop| shop.id.to_string() == form.shop).or(shops.first());
        form.from = first.map(|shop| suggested(app, shop, now)).unwrap_or_default();
    }
    let before = after.parse().ok();
    let read = app.store().downloads(&person.scope, before, PAGE).await;
    let (downloads, next) = read.map_err(failed)?;
    let givers = downloads.iter().map(|download| download.asked_by);
    let givers = Givers::of(app, person.reads(), givers).await.map_err(failed)?;
    let ids: Vec<DownloadId> = downloads.iter().map(|download| download.id).collect();
    let counts = app.store().count_downloads(&person.scope, &ids).await.map_err(failed)?;
    let nothing = Counts::default();
    let counts_of = |id: &DownloadId| counts.get(id).unwrap_or(&nothing);
    let rows = downloads.iter().map(|it| row(app, it, counts_of(&it.id), (&frame, &givers)));
    let rows = rows.collect();
    let refused = form.error.is_some();
    let shown = shown(&DownloadsPage {
        locale: person.locale.clone(),
        frame,
        form,
        rows,
        newer: before.map(|_| "/downloads".to_owned()),
        older: next.map(|next| query_of("/downloads", &[("after", &next.to_string())])),
    });
    let status = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok((status, shown).into_response())
}

/// A beginning that the channel still lists: yesterday at this time, or its earliest.
fn suggested(app: &App, shop: &Shop, now: Time) -> String {
    let history = app.engine().registry().find(&shop.channel);
    let history = history.and_then(|channel| channel.capabilities().order_history_max);
    let back = history.map_or(Span::days(1), |most| most.min(Span::days(1)));
    let zone = TimeZone::get(&shop.zone).unwrap_or(TimeZone::UTC);
    let at = Timestamp::from_microsecond(now.minus(back).0).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = at.to_zoned(zone).datetime().round(Unit::Minute);
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

pub(super) fn row(
    app: &App,
    download: &Download,
    counts: &Counts,
    (frame, givers): (&Frame, &Givers),
) -> DownloadRow {
    let id = download.shop.to_string();
    let shop = frame.shops.iter().find(|shop| shop.id == id);
    let what = match download.range {
        Some((from, to)) => {
            Sentence::new("download-what-range").with_time("from", from.0).with_time("to", to.0)
        }
        None => Sentence::new("download-what-numbers").with("n", counts.total),
    };
    let state = dermaga_ui::DownloadState::from_key(download.state.as_str());
    DownloadRow {
        id: download.id.to_string(),
        shop: shop.map(|shop| shop.name.clone()).unwrap_or(id),
        channel: shop.map_or_else(|| app.channel_link("").name, |shop| shop.channel.name.clone()),
        what,
        state: state.unwrap_or(dermaga_ui::DownloadState::Dropped),
        total: counts.total,
        failed: counts.of(Outcome::Failed),
        by: givers.name(download.asked_by),
        at: download.asked_at.0,
    }
}

/// Begins a download, or says at the field why not.
pub(super) async fn begin(
    State(app): State<App>,
    person: Person,
    Form(posted): Form<Posted>,
) -> Result<Response, Refusal> {
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), "/downloads".to_owned());
    let shop = posted.shop.parse().ok();
    let shops = app.store().shops(person.scope.org, shop).await.map_err(failed)?;
    let shop = shops.into_iter().find(|found| Some(found.id) == shop);
    let shop = shop.filter(|shop| person.scope.sees(shop.id));
    let begun = match &shop {
        None => Err(Wrong::Said(Sentence::new("error-download-shop"), "shop")),
        Some(shop) => try_begin(&app, &person, shop, &posted).await,
    };
    let (error, field) = match begun {
        Ok(id) => return Ok(Redirect::to(&format!("/downloads/{id}?told=begun")).into_response()),
        Err(Wrong::Store(error)) => return Err(failed(error)),
        Err(Wrong::Said(error, field)) => (error, field),
    };
    let form = DownloadForm {
        shop: posted.shop,
        from: posted.from,
        to: posted.to,
        numbers: posted.numbers,
        error: Some((error, field)),
        ..DownloadForm::default()
    };
    page(&app, &person, form, "").await
}

/// Why a download was not begun.
enum Wrong {
    Store(dermaga_store::Error),
    Said(Sentence, &'static str),
}

async fn try_begin(
    app: &App,
    person: &Person,
    shop: &Shop,
    posted: &Posted,
) -> Result<DownloadId, Wrong> {
    let numbers = posted.by == "numbers";
    let wish = if numbers {
        Wish::Orders(split(&posted.numbers))
    } else {
        let read = |text: &str| local(text, &shop.zone);
        let time = || Wrong::Said(Sentence::new("error-download-time"), "from");
        let from = read(&posted.from).ok_or_else(time)?;
        let to = if posted.to.trim().is_empty() {
            app.engine().now()
        } else {
            read(&posted.to).ok_or_else(time)?
        };
        Wish::Range { from, to }
    };
    let by = Giver::Person(person.account.id);
    let begun = app.engine().begin_download(person.scope.org, shop, wish, by).await;
    begun.map_err(|error| wrong(error, numbers))
}

/// Why it was not begun, and the field that it is about.
fn wrong(error: Error, numbers: bool) -> Wrong {
    let said = |key: &str, field| Wrong::Said(Sentence::new(key), field);
    match error {
        Error::Store(error) => Wrong::Store(error),
        Error::TooOld { days, earliest } => Wrong::Said(
            Sentence::new("error-download-too-old").with("days", days).with_time("at", earliest.0),
            "from",
        ),
        Error::OrdersOff => said("error-download-off", "shop"),
        Error::Channel(_)
        | Error::NoChannel(_)
        | Error::MissingCredential(_)
        | Error::Consent(_)
        | Error::Flow(_)
        | Error::NotSeen
        | Error::EmptyRange
        | Error::Refused(_) => {
            if numbers {
                said("error-download-numbers", "numbers")
            } else {
                said("error-download-range", "from")
            }
        }
    }
}

/// Numbers with commas, blanks or line ends between them.
pub(crate) fn split(text: &str) -> Vec<String> {
    let between = |sign: char| sign.is_whitespace() || matches!(sign, ',' | ';');
    text.split(between).filter(|number| !number.is_empty()).map(str::to_owned).collect()
}

/// A moment as a form gives it, in a shop's zone.
pub(super) fn local(text: &str, zone: &str) -> Option<Time> {
    let at: DateTime = text.trim().parse().ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(Time(at.to_zoned(zone).ok()?.timestamp().as_microsecond()))
}

async fn find(app: &App, person: &Person, id: &str) -> Result<Download, Refusal> {
    let not_found = || Refusal::not_found(person.locale.clone(), person.here.clone());
    let id: DownloadId = id.parse().map_err(|_| not_found())?;
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    app.store().download(&person.scope, id).await.map_err(failed)?.ok_or_else(not_found)
}

pub(super) async fn one(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let download = find(&app, &person, &id).await?;
    let failed = |error| Refusal::of_store(&error, person.locale.clone(), person.here.clone());
    let counts = app.store().count_download(&person.scope, download.id).await.map_err(failed)?;
    let only = Outcome::find(&asked.show);
    let after = asked.after.parse().ok();
    let read =
        app.store().download_orders(&person.scope, download.id, only, after.as_ref(), ORDERS);
    let (orders, next) = read.await.map_err(failed)?;
    let frame = person.frame(&app, "").await.map_err(failed)?;
    let givers = Givers::of(&app, person.reads(), [download.asked_by]).await.map_err(failed)?;
    let here = format!("/downloads/{}", download.id);
    let of = |outcome: Outcome| {
        let href = query_of(&here, &[("show", outcome.as_str())]);
        Some((keyed(outcome.as_str(), DownloadOutcome::ALL)?, counts.of(outcome), href))
    };
    let mut changes: Vec<(String, i64)> =
        counts.changes.iter().map(|(word, count)| (word_of(word), *count)).collect();
    changes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let known = ["begun", "agree", "drop", "retry", "stale"].contains(&asked.told.as_str());
    Ok(shown(&DownloadPage {
        download: row(&app, &download, &counts, (&frame, &givers)),
        locale: person.locale.clone(),
        frame,
        looked_at: counts.looked_at,
        ended: counts.ended,
        is_listing: download.list.is_some(),
        trouble: download.trouble.clone().map(|code| (code, download.due_at.0)),
        agreed_at: download.agreed_at.map(|at| at.0),
        outcomes: Outcome::ALL.into_iter().filter_map(of).collect(),
        changes,
        shown: only.and_then(|only| keyed(only.as_str(), DownloadOutcome::ALL)),
        rows: orders.iter().map(order).collect(),
        notice: known.then(|| Sentence::new(format!("notice-download-{}", asked.told))),
        newer: after.map(|_| query_of(&here, &[("show", &asked.show)])),
        older: next
            .map(|next| query_of(&here, &[("show", &asked.show), ("after", &next.to_string())])),
    }))
}

fn order(order: &DownloadOrder) -> dermaga_ui::DownloadOrder {
    dermaga_ui::DownloadOrder {
        number: order.channel_order_id.clone(),
        order: order.order.map(|id| id.to_string()),
        outcome: order.outcome.and_then(|it| keyed(it.as_str(), DownloadOutcome::ALL)),
        ended: order.ended,
        changes: order.changes.iter().map(|word| word_of(word)).collect(),
        code: order.code.clone(),
        reason: order.reason.clone().unwrap_or_default(),
    }
}

/// The word of a change: most are words of the order's own axes.
fn word_of(change: &str) -> String {
    match change {
        "bin-in" | "bin-out" | "status" | "content" => format!("change-{change}"),
        axis => axis.to_owned(),
    }
}

/// What a person says of a download.
#[derive(Clone, Copy)]
enum Act {
    Agree,
    Drop,
    Retry,
}

async fn act(app: &App, person: &Person, id: &str, act: Act) -> Result<Redirect, Refusal> {
    let download = find(app, person, id).await?;
    let (org, by, engine) = (person.scope.org, Giver::Person(person.account.id), app.engine());
    let (done, told) = match act {
        Act::Agree => (engine.agree_download(org, &download, by).await, "agree"),
        Act::Drop => (engine.drop_download(org, &download, by).await, "drop"),
        Act::Retry => (engine.retry_download(org, &download, by).await, "retry"),
    };
    let here = format!("/downloads/{}", download.id);
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{here}?told={told}"))),
        Err(Error::Refused(_) | Error::Store(dermaga_store::Error::Refused(_))) => {
            Ok(Redirect::to(&format!("{here}?told=stale")))
        }
        Err(Error::Store(error)) => Err(Refusal::of_store(&error, person.locale.clone(), here)),
        Err(error) => {
            tracing::error!(error = %error, "download not moved");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Err(Refusal::page(status, "DMG-0607", person.locale.clone(), here))
        }
    }
}

pub(super) async fn agree(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    act(&app, &person, &id, Act::Agree).await
}

pub(super) async fn give_up(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    act(&app, &person, &id, Act::Drop).await
}

pub(super) async fn retry(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    act(&app, &person, &id, Act::Retry).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_enters_is_read() {
        assert_eq!(split(" 12,13;14\r\n15\n\n"), ["12", "13", "14", "15"]);
        let at = local("2026-11-20T09:00", "Asia/Jakarta").unwrap();
        assert_eq!(at, Time(1_795_140_000_000_000));
        assert_eq!(local("kemarin", "Asia/Jakarta"), None);
    }
}
