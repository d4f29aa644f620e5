//! Receipts, adjustments and counts that a person writes: each form counts once.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use dermaga_domain::id::SkuId;
use dermaga_engine::Error;
use dermaga_store::once::{Earlier, Once};
use dermaga_store::stock::{Change, Moved, StockMove};
use dermaga_ui::{Keyed as _, Sentence, StockAct};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::sku::{self, Wrong};
use crate::App;
use crate::person::Person;
use crate::refusal::Refusal;

/// A note is cut at this many characters.
const NOTE_MAX: usize = 200;

#[derive(Deserialize, Default)]
pub(super) struct Posted {
    #[serde(default)]
    act: String,
    #[serde(default)]
    once: String,
    #[serde(default)]
    warehouse: String,
    #[serde(default)]
    quantity: String,
    /// On hand as the person saw it, for a count.
    #[serde(default)]
    seen: String,
    #[serde(default)]
    note: String,
}

impl Posted {
    fn note(&self) -> Option<String> {
        let note: String = self.note.trim().chars().take(NOTE_MAX).collect();
        (!note.is_empty()).then_some(note)
    }

    /// What is asked, or what is wrong with the form by itself.
    fn change(&self, act: StockAct) -> Result<Change, &'static str> {
        let quantity: i64 = self.quantity.trim().parse().map_err(|_| "stock-wrong-units")?;
        match act {
            StockAct::Receipt if quantity < 1 => Err("stock-wrong-receipt"),
            StockAct::Receipt => Ok(Change::Receipt(quantity)),
            StockAct::Adjustment if quantity == 0 => Err("stock-wrong-adjustment"),
            StockAct::Adjustment if self.note().is_none() => Err("stock-wrong-note"),
            StockAct::Adjustment => Ok(Change::Adjustment(quantity)),
            StockAct::Count if quantity < 0 => Err("stock-wrong-count"),
            StockAct::Count => Ok(Change::Count(quantity)),
        }
    }

    /// The form's name, with the hash of what it says.
    fn once(&self, person: &Person, sku: SkuId) -> Option<Once> {
        let mut hash = Sha256::new();
        for part in [&self.act, &self.warehouse, &self.quantity, &self.seen, &self.note] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(sku.0.to_be_bytes());
        let by = person.by();
        let body_hash = hex::encode(hash.finalize());
        (!self.once.is_empty()).then(|| Once { by, name: self.once.clone(), body_hash })
    }

    fn wrong(&self, act: StockAct, why: Sentence) -> Wrong {
        Wrong {
            act,
            warehouse: self.warehouse.clone(),
            quantity: self.quantity.clone(),
            note: self.note.clone(),
            why,
        }
    }
}

pub(super) async fn write(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Response, Refusal> {
    let here = format!("/stock/{id}");
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let sku: SkuId = id.parse().map_err(|_| not_found())?;
    let act = StockAct::from_key(&posted.act).ok_or_else(not_found)?;
    let why = match asked(&posted, act, sku, &person) {
        Ok(asked) => {
            let once = posted.once(&person, sku);
            match app.engine().move_stock(&person.scope, vec![asked], once).await {
                Ok(Ok(moved) | Err(Earlier::Same(moved))) => return Ok(done(&here, act, &moved)),
                Ok(Err(Earlier::Other)) => Sentence::new("stock-wrong-other"),
                Err(Error::Store(dermaga_store::Error::Changed { now })) => {
                    Sentence::new("stock-wrong-changed").with("n", now)
                }
                Err(Error::Store(dermaga_store::Error::Refused(_))) => {
                    refused(&app, &person, sku, &posted).await?
                }
                Err(error) => return Err(Refusal::of_engine(&error, person.locale, here)),
            }
        }
        Err(why) => Sentence::new(why),
    };
    let wrong = posted.wrong(act, why);
    sku::page(&app, &person, &id, &sku::Asked::default(), Some(wrong)).await
}

fn asked(
    posted: &Posted,
    act: StockAct,
    sku: SkuId,
    person: &Person,
) -> Result<StockMove, &'static str> {
    let warehouse = posted.warehouse.parse().map_err(|_| "stock-wrong-warehouse")?;
    Ok(StockMove {
        sku,
        warehouse,
        change: posted.change(act)?,
        note: posted.note(),
        by: person.by(),
        seen: posted.seen.parse().ok(),
    })
}

fn done(here: &str, act: StockAct, moved: &[Moved]) -> Response {
    let told = moved.first().map(|it| format!("{}.{}.{}", act.key(), it.before, it.after));
    Redirect::to(&format!("{here}?told={}", told.unwrap_or_default())).into_response()
}

/// Why the store refused: a bundle, or fewer than none would be left.
async fn refused(
    app: &App,
    person: &Person,
    sku: SkuId,
    posted: &Posted,
) -> Result<Sentence, Refusal> {
    let sheet =
        app.store().sku_sheet(&person.scope, sku).await.map_err(|error| {
            Refusal::of_store(&error, person.locale.clone(), "/stock".to_owned())
        })?;
    let Some(sheet) = sheet.filter(|sheet| !sheet.sku.bundle) else {
        return Ok(Sentence::new("stock-wrong-bundle"));
    };
    let levels = sheet.sku.levels.iter();
    let level = levels.filter(|level| level.warehouse.to_string() == posted.warehouse);
    let on_hand: i64 = level.map(|level| level.on_hand).sum();
    Ok(Sentence::new("stock-wrong-fewer").with("n", on_hand))
}
