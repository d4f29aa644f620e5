//! Opening stock from a file: looked at row by row, then written.

use axum::Form;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_engine::OPENING_ROWS_MAX;
use dermaga_store::once::{Earlier, Once};
use dermaga_store::stock::{Opened, OpeningFile, OpeningRow, RowTrouble, parse_opening};
use dermaga_ui::{OpeningDone, OpeningNote, OpeningPage, OpeningPreview, RowEnd, Sentence};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::sku::form_name;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// The largest file, in bytes: 5,000 rows of 200 bytes.
const FILE_BYTES_MAX: usize = 1_000_000;
/// The largest request: the file once more with every sign escaped.
pub(super) const BODY_BYTES_MAX: usize = 3 * FILE_BYTES_MAX + 10_000;

async fn empty(app: &App, person: &Person) -> Result<OpeningPage, Refusal> {
    let failed = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), "/stock/opening".to_owned())
    };
    let frame = person.frame(app, "").await.map_err(failed)?;
    let warehouses = app.store().warehouses_of(&person.scope).await.map_err(failed)?;
    Ok(OpeningPage {
        locale: person.locale.clone(),
        frame,
        warehouses: warehouses.into_iter().map(|warehouse| warehouse.name).collect(),
        problem: None,
        preview: None,
        done: None,
    })
}

pub(super) async fn show(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    Ok(shown(&empty(&app, &person).await?))
}

/// The file of a form, as text; none when there is none that can be read.
async fn text_of(form: Option<Multipart>) -> Option<String> {
    let mut form = form?;
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.ok()?;
            let fits = !bytes.is_empty() && bytes.len() <= FILE_BYTES_MAX;
            return fits.then(|| String::from_utf8(bytes.to_vec()).ok()).flatten();
        }
    }
    None
}

/// A file that can be looked at: bounded, and not empty.
fn readable(text: &str) -> Option<OpeningFile> {
    let file = (text.len() <= FILE_BYTES_MAX).then(|| parse_opening(text))?;
    let rows = file.rows.len() + file.errors.len();
    (1..=OPENING_ROWS_MAX).contains(&rows).then_some(file)
}

fn wrong(page: OpeningPage) -> Response {
    let problem = Some(Sentence::new("stock-wrong-file"));
    let mut response = shown(&OpeningPage { problem, ..page });
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

pub(super) async fn look(
    State(app): State<App>,
    person: Person,
    form: Option<Multipart>,
) -> Result<Response, Refusal> {
    let page = empty(&app, &person).await?;
    let text = text_of(form).await;
    let Some((text, file)) = text.and_then(|text| readable(&text).map(|file| (text, file))) else {
        return Ok(wrong(page));
    };
    let opened = app.engine().preview_opening(&person.scope, file.rows.clone()).await;
    let opened = opened.map_err(|error| failed(&error, &person))?;
    let rows = notes(file, &opened);
    let preview = Some(OpeningPreview { once: form_name(), text, rows });
    Ok(shown(&OpeningPage { preview, ..page }))
}

#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    once: String,
    #[serde(default)]
    text: String,
}

pub(super) async fn write(
    State(app): State<App>,
    person: Person,
    Form(posted): Form<Posted>,
) -> Result<Response, Refusal> {
    let page = empty(&app, &person).await?;
    let Some(file) = readable(&posted.text) else { return Ok(wrong(page)) };
    let by = person.by();
    let body_hash = hex::encode(Sha256::digest(posted.text.as_bytes()));
    let once = (!posted.once.is_empty()).then_some(Once { by, name: posted.once, body_hash });
    let opened = app.engine().open_stock(&person.scope, file.rows.clone(), by, once).await;
    match opened.map_err(|error| failed(&error, &person))? {
        Ok(opened) => {
            let done = Some(OpeningDone { rows: notes(file, &opened) });
            Ok(shown(&OpeningPage { done, ..page }))
        }
        Err(Earlier::Same((taken, _))) => {
            Ok(Redirect::to(&format!("/stock?told=opened.{taken}")).into_response())
        }
        Err(Earlier::Other) => {
            let problem = Some(Sentence::new("stock-wrong-other"));
            Ok(shown(&OpeningPage { problem, ..page }))
        }
    }
}

fn failed(error: &dermaga_engine::Error, person: &Person) -> Refusal {
    Refusal::of_engine(error, person.locale.clone(), "/stock/opening".to_owned())
}

/// What comes of each row, those that could not be read among the others, by their lines.
fn notes(file: OpeningFile, opened: &[Opened]) -> Vec<OpeningNote> {
    let line = |line: u64| i64::try_from(line).unwrap_or(i64::MAX);
    let note = |(row, opened): (OpeningRow, &Opened)| OpeningNote {
        line: line(row.line),
        sku: row.sku,
        warehouse: row.warehouse,
        quantity: Some(row.quantity),
        end: match opened {
            Opened::Taken { created: true, .. } => RowEnd::New,
            Opened::Taken { created: false, .. } => RowEnd::Known,
            Opened::Refused(why) => RowEnd::Refused(told(why)),
        },
    };
    let mut rows: Vec<OpeningNote> = file.rows.into_iter().zip(opened).map(note).collect();
    rows.extend(file.errors.iter().map(|error| OpeningNote {
        line: line(error.line),
        sku: String::new(),
        warehouse: String::new(),
        quantity: None,
        end: RowEnd::Refused(told(&error.reason)),
    }));
    rows.sort_by_key(|row| row.line);
    rows
}

/// Why a row is refused, in the reader's words.
fn told(why: &RowTrouble) -> Sentence {
    let say = |key: &str, names: &[(&'static str, &str)]| {
        let args = names.iter().map(|(name, text)| (*name, (*text).into()));
        Sentence { key: key.to_owned(), args: args.collect() }
    };
    match why {
        RowTrouble::NoColumn { column } => say("row-column", &[("column", column)]),
        RowTrouble::Unreadable { .. } => say("row-unreadable", &[]),
        RowTrouble::Empty { column } => say("row-empty", &[("column", column)]),
        RowTrouble::NotUnits { found } => say("row-units", &[("found", found)]),
        RowTrouble::NoWarehouse { name, there } => {
            say("row-warehouse", &[("name", name), ("there", there)])
        }
        RowTrouble::Bundle { sku } => say("row-bundle", &[("sku", sku)]),
        RowTrouble::Twice { sku, warehouse } => {
            say("row-twice", &[("sku", sku), ("warehouse", warehouse)])
        }
        RowTrouble::OpenedBefore { sku, warehouse } => {
            say("row-opened", &[("sku", sku), ("warehouse", warehouse)])
        }
        RowTrouble::NoSku { sku } => say("row-sku", &[("sku", sku)]),
    }
}
