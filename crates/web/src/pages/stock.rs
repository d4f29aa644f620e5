//! The list of SKUs, and the listings that are no SKU's yet.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use dermaga_domain::access::Permission;
use dermaga_domain::id::ListingId;
use dermaga_store::read::shelf::{OnShelf, Wanted};
use dermaga_store::stock::Listing;
use dermaga_ui::{Chip, Frame, Incident, Sentence, ShopLink, StockPage, StockRow, UnmappedRow};
use serde::Deserialize;

use super::query_of;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// SKUs or listings on a page.
const PAGE: i64 = 100;
/// What the filter of low stock offers, in units.
const LOW: &str = "5";

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    short: String,
    #[serde(default)]
    low: String,
    #[serde(default)]
    unmapped: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    told: String,
}

impl Asked {
    /// The address of the list with some filters replaced, from its first page.
    fn href(&self, replaced: &[(&str, &str)]) -> String {
        let mine = [
            ("q", self.q.as_str()),
            ("short", self.short.as_str()),
            ("low", self.low.as_str()),
            ("unmapped", self.unmapped.as_str()),
            ("after", ""),
        ];
        let pairs = mine.map(|(name, value)| {
            let other = replaced.iter().find(|(replaced, _)| *replaced == name);
            (name, other.map_or(value, |(_, value)| value))
        });
        query_of("/stock", &pairs)
    }

    fn chips(&self) -> Vec<Chip> {
        let set = [
            ("stock-short", "short", self.short.as_str()),
            ("stock-low", "low", self.low.as_str()),
            ("filter-query", "q", self.q.as_str()),
        ];
        let set = set.into_iter().filter(|(_, _, value)| !value.is_empty());
        set.map(|(kind, name, value)| Chip {
            kind,
            value: value.to_owned(),
            without: self.href(&[(name, "")]),
        })
        .collect()
    }

    fn offers(&self) -> Vec<(&'static str, String)> {
        let mut offers = Vec::new();
        if self.short.is_empty() {
            offers.push(("stock-short", self.href(&[("short", "1")])));
        }
        if self.low.is_empty() {
            offers.push(("stock-low-offer", self.href(&[("low", LOW)])));
        }
        offers.push(("stock-unmapped", query_of("/stock", &[("unmapped", "1")])));
        offers
    }

    /// What came of what was just posted, and what did not.
    fn told(&self) -> (Option<Sentence>, Option<Sentence>) {
        match self.told.split_once('.') {
            Some(("mapped", sku)) => (Some(Sentence::new("notice-mapped").with("sku", sku)), None),
            Some(("wrong-sku", sku)) => {
                (None, Some(Sentence::new("stock-wrong-sku").with("sku", sku)))
            }
            Some(("opened", taken)) => {
                let taken: i64 = taken.parse().unwrap_or(0);
                (Some(Sentence::new("opening-taken").with("n", taken)), None)
            }
            _ => (None, None),
        }
    }
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let refusal = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), person.here.clone())
    };
    let frame = person.frame(&app, "").await.map_err(refusal)?;
    let (notice, problem) = asked.told();
    let mut page = StockPage {
        locale: person.locale.clone(),
        frame,
        query: asked.q.clone(),
        chips: Vec::new(),
        offers: Vec::new(),
        rows: Vec::new(),
        unmapped: None,
        notice,
        problem,
        may_change: person.may(Permission::ChangeStock),
        newer: (!asked.after.is_empty()).then(|| asked.href(&[])),
        older: None,
    };
    if asked.unmapped.is_empty() {
        let wanted = Wanted {
            search: asked.q.clone(),
            short: !asked.short.is_empty(),
            low: asked.low.parse().ok(),
            after: asked.after.clone(),
            limit: PAGE,
        };
        let (found, next) = app.store().shelf(&person.scope, &wanted).await.map_err(refusal)?;
        page.rows = found.into_iter().map(row).collect();
        page.older = next.map(|next| asked.href(&[("after", &next)]));
        (page.chips, page.offers) = (asked.chips(), asked.offers());
    } else {
        let after = asked.after.parse().unwrap_or(ListingId(0));
        let found = app.store().unmapped_listings(person.scope.org, after, PAGE).await;
        let found = found.map_err(refusal)?;
        let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == PAGE;
        let next = found.last().filter(|_| full).map(|last| last.id.to_string());
        page.older = next.map(|next| asked.href(&[("after", &next)]));
        let seen = found.into_iter().filter(|listing| person.scope.sees(listing.shop));
        page.unmapped = Some(seen.map(|listing| unmapped(listing, &page.frame)).collect());
        let without = "/stock".to_owned();
        page.chips = vec![Chip { kind: "stock-unmapped", value: String::new(), without }];
    }
    Ok(shown(&page))
}

fn row(sku: OnShelf) -> StockRow {
    let sum = |of: fn(&dermaga_store::read::shelf::LevelAt) -> i64| sku.levels.iter().map(of).sum();
    StockRow {
        id: sku.id.to_string(),
        on_hand: sum(|level| level.on_hand),
        allocated: sum(|level| level.allocated),
        reserved: sum(|level| level.reserved),
        short: sum(|level| level.short),
        available: sum(dermaga_store::read::shelf::LevelAt::available),
        warehouses: sku.levels.iter().map(|level| level.name.clone()).collect(),
        incidents: sku.incidents.iter().filter_map(|kind| Incident::from_key(kind)).collect(),
        listings: sku.listings,
        bundle: sku.bundle,
        sku: sku.code,
        name: sku.name,
    }
}

/// The link of a shop by its id.
pub(super) fn shop_of(id: &str, frame: &Frame) -> ShopLink {
    frame.shops.iter().find(|shop| shop.id == id).cloned().unwrap_or_else(|| ShopLink {
        id: id.to_owned(),
        name: String::new(),
        channel: crate::person::channel_link("", ""),
    })
}

fn unmapped(listing: Listing, frame: &Frame) -> UnmappedRow {
    UnmappedRow {
        id: listing.id.to_string(),
        shop: shop_of(&listing.shop.to_string(), frame),
        name: listing.seen.name,
        channel_sku: listing.seen.channel_sku,
        product: listing.seen.channel_product_id,
        active: listing.seen.active,
        channel_stock: listing.seen.channel_stock,
        seen_at: listing.seen_at.0,
    }
}

#[derive(Deserialize)]
pub(super) struct Mapped {
    #[serde(default)]
    sku: String,
}

/// Says which SKU a listing is; saying it again changes nothing.
pub(super) async fn map(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(posted): Form<Mapped>,
) -> Result<Redirect, Refusal> {
    let here = "/stock".to_owned();
    let failed = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), here.clone())
    };
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let id: ListingId = id.parse().map_err(|_| not_found())?;
    let code = posted.sku.trim();
    let told = |what: &str| {
        let told = format!("{what}.{code}");
        Redirect::to(&query_of("/stock", &[("unmapped", "1"), ("told", &told)]))
    };
    let sku = app.store().find_sku(person.scope.org, code).await.map_err(failed)?;
    let Some(sku) = sku else { return Ok(told("wrong-sku")) };
    let by = person.by();
    match app.engine().map_listing(&person.scope, id, Some(sku.id), by).await {
        Ok(()) => Ok(told("mapped")),
        Err(dermaga_engine::Error::Store(error)) => Err(failed(error)),
        Err(error) => Err(Refusal::of_engine(&error, person.locale.clone(), here)),
    }
}
