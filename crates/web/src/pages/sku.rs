//! One SKU: its levels, its ledger, where it is sold.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use dermaga_domain::access::Permission;
use dermaga_domain::id::{AccountId, ListingId, MovementId, SkuId, WarehouseId};
use dermaga_store::read::ledger::LedgerLine;
use dermaga_store::read::listed::Selling;
use dermaga_store::read::shelf::{Happened, LevelAt, Part, SkuSheet};
use dermaga_ui::{
    Cause, Choice, CountPreview, Frame, Incident, IncidentNote, LedgerRow, LevelRow, MoveForms,
    MovementKind, PartNote, PushOutcome, SellingRow, SentNote, Sentence, SkuPage, StockAct,
};
use serde::Deserialize;

use super::query_of;
use super::stock::shop_of;
use crate::App;
use crate::person::Person;
use crate::refusal::{Refusal, shown};

/// Movements on a page.
const PAGE: i64 = 50;

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    /// The warehouse that the ledger is narrowed to.
    #[serde(default)]
    warehouse: String,
    #[serde(default)]
    before: String,
    /// A count to be looked at, and where.
    #[serde(default)]
    count: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    told: String,
}

/// A form that was sent and not done, and why.
pub(super) struct Wrong {
    pub(super) act: StockAct,
    pub(super) warehouse: String,
    pub(super) quantity: String,
    pub(super) note: String,
    pub(super) why: Sentence,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    page(&app, &person, &id, &asked, None).await
}

/// A name that no form had before.
pub(super) fn form_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Everything of the page that the store knows.
struct Read {
    sheet: SkuSheet,
    ledger: Vec<LedgerLine>,
    next: Option<MovementId>,
    selling: Vec<Selling>,
    /// What listings are to show now.
    wanted: HashMap<ListingId, i64>,
    people: Vec<(AccountId, String)>,
    warehouses: Vec<dermaga_store::Warehouse>,
}

async fn read(
    app: &App,
    person: &Person,
    id: SkuId,
    asked: &Asked,
) -> dermaga_store::Result<Option<Read>> {
    let (store, scope) = (app.store(), &person.scope);
    let Some(sheet) = store.sku_sheet(scope, id).await? else { return Ok(None) };
    let only: Option<WarehouseId> = asked.warehouse.parse().ok();
    let before = asked.before.parse().ok();
    let (ledger, next) = store.ledger(scope, id, only, before, PAGE).await?;
    let selling = store.selling(scope, id).await?;
    let mut of_shops: HashMap<_, Vec<ListingId>> = HashMap::new();
    for listing in selling.iter().filter(|listing| listing.told) {
        of_shops.entry(listing.shop).or_default().push(listing.id);
    }
    let mut wanted = HashMap::new();
    for (shop, ids) in of_shops {
        let found = store.to_push(scope.org, shop, Some(ids)).await?;
        wanted.extend(found.into_iter().map(|listing| (listing.listing, listing.wanted())));
    }
    let people: Vec<AccountId> = ledger.iter().filter_map(|line| line.person).collect();
    let people = store.account_names(&people).await?;
    let warehouses = store.warehouses_of(scope).await?;
    Ok(Some(Read { sheet, ledger, next, selling, wanted, people, warehouses }))
}

pub(super) async fn page(
    app: &App,
    person: &Person,
    id: &str,
    asked: &Asked,
    wrong: Option<Wrong>,
) -> Result<Response, Refusal> {
    let here = format!("/stock/{id}");
    let failed = |error: dermaga_store::Error| {
        Refusal::of_store(&error, person.locale.clone(), here.clone())
    };
    let not_found = || Refusal::not_found(person.locale.clone(), here.clone());
    let sku: SkuId = id.parse().map_err(|_| not_found())?;
    let read = read(app, person, sku, asked).await.map_err(failed)?.ok_or_else(not_found)?;
    let frame = person.frame(app, "").await.map_err(failed)?;
    let may = person.may(Permission::ChangeStock) && !read.sheet.sku.bundle;
    let counted = if may { counted(&read, asked) } else { Ok(None) };
    let problem = match (&wrong, &counted) {
        (Some(wrong), _) => Some(wrong.why.clone()),
        (None, Err(why)) => Some(why.clone()),
        (None, Ok(_)) => None,
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let levels = read.sheet.sku.levels.iter().map(|level| level_row(&here, level)).collect();
    let name = |warehouse: &str| {
        let found = read.warehouses.iter().find(|it| it.id.to_string() == warehouse);
        found.map(|it| (it.name.clone(), here.clone()))
    };
    let older = read.next.map(|next| {
        let pairs = [("warehouse", asked.warehouse.as_str()), ("before", &next.to_string())];
        format!("{}#ledger", query_of(&here, &pairs))
    });
    let first = || format!("{}#ledger", query_of(&here, &[("warehouse", &asked.warehouse)]));
    let mut response = shown(&SkuPage {
        id: id.to_owned(),
        sku: read.sheet.sku.code.clone(),
        name: read.sheet.sku.name.clone(),
        bundle: read.sheet.sku.bundle,
        notice: notice(&asked.told),
        problem,
        levels,
        made_of: read.sheet.made_of.iter().map(part).collect(),
        part_of: read.sheet.part_of.iter().map(part).collect(),
        incidents: read.sheet.incidents.iter().filter_map(incident).collect(),
        ledger: read.ledger.iter().map(|line| ledger_row(line, person, &read.people)).collect(),
        only: name(&asked.warehouse),
        newer: (!asked.before.is_empty()).then(first),
        older,
        listings: (read.selling.iter()).map(|it| selling_row(it, &read.wanted, &frame)).collect(),
        forms: may.then(|| forms(&read, asked, wrong)),
        counted: counted.ok().flatten(),
        locale: person.locale.clone(),
        frame,
    });
    *response.status_mut() = status;
    Ok(response)
}

/// What came of what was just posted: `receipt.2.6`.
fn notice(told: &str) -> Option<Sentence> {
    let mut parts = told.split('.');
    let act = StockAct::from_key(parts.next()?)?;
    let (before, after): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let sentence = Sentence::new("notice-stock").with_name("act", act);
    Some(sentence.with("before", before).with("after", after))
}

/// What a count would change; none when none is asked about.
fn counted(read: &Read, asked: &Asked) -> Result<Option<CountPreview>, Sentence> {
    if asked.count.is_empty() {
        return Ok(None);
    }
    let after: i64 = asked.count.trim().parse().map_err(|_| Sentence::new("stock-wrong-units"))?;
    if after < 0 {
        return Err(Sentence::new("stock-wrong-count"));
    }
    let warehouse = read.warehouses.iter().find(|it| it.id.to_string() == asked.at);
    let warehouse = warehouse.ok_or_else(|| Sentence::new("stock-wrong-warehouse"))?;
    let level = read.sheet.sku.levels.iter().find(|level| level.warehouse == warehouse.id);
    let of = |read: fn(&LevelAt) -> i64| level.map_or(0, read);
    let held = of(|level| level.allocated) + of(|level| level.reserved);
    let (before, short) = (of(|level| level.on_hand), of(|level| level.short));
    Ok(Some(CountPreview {
        once: form_name(),
        warehouse: (warehouse.id.to_string(), warehouse.name.clone()),
        before,
        after,
        lost: (held - after).max(0),
        filled: (after - held).clamp(0, short),
        note: asked.note.clone(),
    }))
}

fn forms(read: &Read, asked: &Asked, wrong: Option<Wrong>) -> MoveForms {
    let warehouses = read.warehouses.iter();
    let warehouses =
        warehouses.map(|it| Choice { value: it.id.to_string(), label: it.name.clone() }).collect();
    let counting = (!asked.count.is_empty()).then(|| Wrong {
        act: StockAct::Count,
        warehouse: asked.at.clone(),
        quantity: asked.count.clone(),
        note: asked.note.clone(),
        why: Sentence::new(""),
    });
    let filled = wrong.or(counting);
    let text = |of: fn(&Wrong) -> &String| filled.as_ref().map(of).cloned().unwrap_or_default();
    MoveForms {
        once: form_name(),
        warehouses,
        open: filled.as_ref().map(|wrong| wrong.act),
        warehouse: text(|wrong| &wrong.warehouse),
        quantity: text(|wrong| &wrong.quantity),
        note: text(|wrong| &wrong.note),
    }
}

fn level_row(here: &str, level: &LevelAt) -> LevelRow {
    let warehouse = level.warehouse.to_string();
    LevelRow {
        warehouse: level.name.clone(),
        href: format!("{}#ledger", query_of(here, &[("warehouse", &warehouse)])),
        on_hand: level.on_hand,
        allocated: level.allocated,
        reserved: level.reserved,
        short: level.short,
        available: level.available(),
    }
}

fn part(part: &Part) -> PartNote {
    let href = format!("/stock/{}", part.sku);
    PartNote { href, sku: part.code.clone(), quantity: part.quantity }
}

fn incident(happened: &Happened) -> Option<IncidentNote> {
    Some(IncidentNote {
        kind: Incident::from_key(&happened.kind)?,
        order: happened.order.map(|order| order.to_string()),
        since: happened.opened_at.0,
        until: happened.closed_at.map(|at| at.0),
    })
}

fn ledger_row(line: &LedgerLine, person: &Person, people: &[(AccountId, String)]) -> LedgerRow {
    let cause = match (line.order.zip(line.named.as_ref()), line.person, line.key) {
        (Some((order, (shop, number))), ..) if person.scope.sees(*shop) => {
            Cause::Order(format!("/orders/{order}"), number.clone())
        }
        (Some(_), ..) => Cause::Elsewhere,
        (None, Some(id), _) => {
            let name = people.iter().find(|(known, _)| *known == id);
            Cause::Person(name.map_or_else(|| id.to_string(), |(_, name)| name.clone()))
        }
        (None, None, Some(key)) => Cause::Key(key.to_string()),
        (None, None, None) => Cause::Machine,
    };
    LedgerRow {
        at: line.at.0,
        kind: MovementKind::from_key(&line.kind).unwrap_or(MovementKind::Adjustment),
        warehouse: line.warehouse_name.clone(),
        on_hand: line.on_hand,
        allocated: line.allocated,
        reserved: line.reserved,
        short: line.short,
        left: line.after.on_hand,
        available: line.after.on_hand - line.after.allocated - line.after.reserved,
        cause,
        note: line.note.clone().unwrap_or_default(),
    }
}

fn selling_row(listing: &Selling, wanted: &HashMap<ListingId, i64>, frame: &Frame) -> SellingRow {
    SellingRow {
        name: listing.name.clone(),
        shop: shop_of(&listing.shop.to_string(), frame),
        channel_sku: listing.channel_sku.clone(),
        product: listing.channel_product_id.clone(),
        active: listing.active,
        shown: listing.channel_stock.map(|stock| (stock, listing.seen_at.0)),
        told: listing.told,
        wanted: wanted.get(&listing.id).copied(),
        sent: listing.sent.as_ref().map(|sent| SentNote {
            value: sent.value,
            outcome: PushOutcome::from_key(&sent.outcome).unwrap_or(PushOutcome::Unknown),
            message: sent.message.clone().unwrap_or_default(),
            at: sent.at.0,
        }),
    }
}
