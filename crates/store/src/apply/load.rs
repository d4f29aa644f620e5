//! Loading: everything that the judgement of a batch needs, with a fixed number of statements.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use dermaga_domain::flow::Flow;
use dermaga_domain::id::{LineId, ShopId, SkuId, WarehouseId};
use dermaga_domain::order::{Act, Fact, Part, Parts, Snapshot, State, merge};
use dermaga_domain::stock::Target;
use dermaga_domain::term::{About, ChannelStatus};
use dermaga_domain::time::Time;

use super::case::{Case, CaseLine, StoredLine};
use super::facts;
use super::input::{Batch, Heard};
use super::orders::{self, Found, Orders};
use super::rows::{
    self, ActRow, DocumentRow, FactRow, FlowRow, LineRow, MappingRow, OrderRow, PackageRow,
    SourceRow, StampRow, word,
};
use super::stamp;
use super::statements as sql;
use crate::Store;
use crate::buyer::ERASED;
use crate::db::{self, Conn, Row, Rows, Statement};
use crate::error::{Error, Result};
use crate::stock::books::Books;
use crate::stock::components::{self, Components};

/// A batch with all that is known of its orders.
pub(super) struct Loaded {
    pub(super) cases: Vec<Case>,
    pub(super) books: Books,
}

/// Fails inside a transaction without rolling back by itself: nothing has been written that matters.
type Inner<T> = db::Result<Result<T>>;

macro_rules! give {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}
pub(super) use give;

impl Loaded {
    pub(super) async fn load(
        store: &Store,
        conn: &mut Conn,
        batch: &Batch,
        now: Time,
    ) -> Inner<Self> {
        let org = batch.org.0;
        let Found { orders, fresh } = orders::find(store, conn, batch, now).await?;
        let known: Vec<i64> =
            orders.values().map(|row| row.id).filter(|id| !fresh.contains(id)).collect();
        let of_known = |heard: &Heard| {
            let row = orders.get(&(heard.shop.0, heard.channel_order_id.clone()))?;
            (!fresh.contains(&row.id)).then_some(row.id)
        };
        let new_facts = facts::insert(conn, batch, &of_known, now).await?;
        facts::insert_acts(conn, batch, &of_known, now).await?;

        let mut facts: HashMap<i64, Vec<Fact>> = HashMap::new();
        for row in of_orders::<FactRow>(conn, org, &sql::LOAD_FACTS, &known).await? {
            facts.entry(row.order_id).or_default().push(give!(row.fact()));
        }
        let mut acts: HashMap<i64, Vec<Act>> = HashMap::new();
        for row in of_orders::<ActRow>(conn, org, &sql::LOAD_ACTS, &known).await? {
            let kind = give!(word("act", "kind", row.order_id, &row.kind));
            acts.entry(row.order_id).or_default().push(Act { number: row.number, kind });
        }
        let lines =
            group(of_orders::<LineRow>(conn, org, &sql::LOAD_LINES, &known).await?, |row| {
                row.order_id
            });
        let packages =
            group(of_orders::<PackageRow>(conn, org, &sql::LOAD_PACKAGES, &known).await?, |row| {
                row.order_id
            });
        let documents = group(
            of_orders::<DocumentRow>(conn, org, &sql::LOAD_DOCUMENTS, &known).await?,
            |row| row.order_id,
        );
        let buyers: HashMap<i64, String> =
            of_orders::<StampRow>(conn, org, &sql::LOAD_BUYER_STAMPS, &known)
                .await?
                .into_iter()
                .map(|row| (row.order_id, row.stamp))
                .collect();

        let flows = give!(load_flows(store, conn, batch, &orders).await?);
        let sources = load_sources(conn, batch).await?;
        let mut known_rows =
            Known { facts, acts, lines, packages, documents, buyers, flows, sources, new_facts };

        let mut cases = Vec::with_capacity(batch.heard.len());
        for heard in &batch.heard {
            let key = (heard.shop.0, heard.channel_order_id.clone());
            let Some(row) = orders.get(&key) else {
                return Ok(Err(Error::NotFound("shop")));
            };
            let fresh = fresh.contains(&row.id);
            cases.push(give!(known_rows.case(store, row.clone(), heard.clone(), fresh, now)));
        }
        give!(map_lines(conn, org, &mut cases).await?);
        let order_of =
            cases.iter().flat_map(|case| case.lines.iter().map(|l| (l.id, case.row.id))).collect();
        Ok(Ok(Self { cases, books: Books { order_of, ..Books::default() } }))
    }
}

/// What was read, by order.
struct Known {
    facts: HashMap<i64, Vec<Fact>>,
    acts: HashMap<i64, Vec<Act>>,
    lines: HashMap<i64, Vec<LineRow>>,
    packages: HashMap<i64, Vec<PackageRow>>,
    documents: HashMap<i64, Vec<DocumentRow>>,
    buyers: HashMap<i64, String>,
    flows: HashMap<i64, Arc<Flow>>,
    sources: HashMap<i64, Vec<SourceRow>>,
    new_facts: BTreeSet<i64>,
}

impl Known {
    fn case(
        &mut self,
        store: &Store,
        mut row: OrderRow,
        heard: Heard,
        fresh: bool,
        now: Time,
    ) -> Result<Case> {
        let before = state_of(&row)?;
        let line_rows = self.lines.remove(&row.id).unwrap_or_default();
        let mut parts = parts_of(&row, &line_rows, self.packages.remove(&row.id))?;
        let mut seen = heard.snapshot.clone();
        let buyer = newer_buyer(&mut seen, self.buyers.get(&row.id).map(String::as_str));
        let parts_changed = parts.take(seen) || buyer.is_some();

        let mut facts = self.facts.remove(&row.id).unwrap_or_default();
        let mut acts = self.acts.remove(&row.id).unwrap_or_default();
        if fresh {
            facts.extend(facts::unique(&heard.facts));
            let first = (1..).zip(&heard.acts).map(|(number, act)| Act { number, kind: act.kind });
            acts.extend(first);
        }
        if let Some(version) = heard.flow_version {
            row.flow_version_id = version.0;
        }
        let flow = self.flows.get(&row.flow_version_id).cloned();
        let new_facts = self.new_facts.contains(&row.id) || (fresh && !heard.facts.is_empty());
        let changed = fresh
            || new_facts
            || parts_changed
            || heard.again
            || !heard.acts.is_empty()
            || heard.flow_version.is_some();
        let lines = case_lines(store, &parts, &line_rows, now)?;
        Ok(Case {
            sources: sources_of(&parts, self.sources.get(&row.shop_id)),
            flow: flow.ok_or(Error::NotFound("flow version"))?,
            parts,
            facts,
            acts,
            lines,
            documents: self.documents.remove(&row.id).unwrap_or_default(),
            buyer,
            after: before.clone(),
            before,
            transitions: Vec::new(),
            changed,
            fresh,
            new_facts,
            parts_changed,
            row,
            heard,
        })
    }
}

/// The rows of a table that belong to some orders; asks nothing when there are none.
async fn of_orders<T: Row>(
    conn: &mut Conn,
    org: i64,
    statement: &'static Statement,
    orders: &[i64],
) -> db::Result<Vec<T>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Rows::default();
    for order in orders {
        rows.push(&[order]);
    }
    conn.all(statement, &[org.into(), rows.into()]).await
}

fn group<T>(rows: Vec<T>, by: impl Fn(&T) -> i64) -> HashMap<i64, Vec<T>> {
    let mut grouped: HashMap<i64, Vec<T>> = HashMap::new();
    for row in rows {
        grouped.entry(by(&row)).or_default().push(row);
    }
    grouped
}

async fn load_flows(
    store: &Store,
    conn: &mut Conn,
    batch: &Batch,
    orders: &Orders,
) -> Inner<HashMap<i64, Arc<Flow>>> {
    let asked = batch.heard.iter().filter_map(|heard| heard.flow_version.map(|id| id.0));
    let wanted: BTreeSet<i64> =
        orders.values().map(|order| order.flow_version_id).chain(asked).collect();
    let mut flows = HashMap::new();
    let mut missing = Rows::default();
    for id in wanted {
        match store.flows.find(batch.org.0, id) {
            Some(flow) => drop(flows.insert(id, flow)),
            None => missing.push(&[&id]),
        }
    }
    if !missing.is_empty() {
        let rows: Vec<FlowRow> =
            conn.all(&sql::LOAD_FLOWS, &[batch.org.0.into(), missing.into()]).await?;
        for row in rows {
            flows.insert(row.id, give!(store.flows.parse(batch.org.0, row.id, &row.body)));
        }
    }
    Ok(Ok(flows))
}

async fn load_sources(conn: &mut Conn, batch: &Batch) -> db::Result<HashMap<i64, Vec<SourceRow>>> {
    let shops: BTreeSet<ShopId> = batch.heard.iter().map(|heard| heard.shop).collect();
    let mut rows = Rows::default();
    for shop in shops {
        rows.push(&[&shop.0]);
    }
    let rows = conn.all(&sql::LOAD_SOURCES, &[batch.org.0.into(), rows.into()]).await?;
    Ok(group(rows, |row: &SourceRow| row.shop_id))
}

/// The order's own warehouse first, where the channel names one that is mapped.
fn sources_of(parts: &Parts, shop: Option<&Vec<SourceRow>>) -> Vec<WarehouseId> {
    let named = parts.head.as_ref().and_then(|head| head.content.channel_warehouse.as_deref());
    let mut sources: Vec<&SourceRow> = shop.into_iter().flatten().collect();
    sources.sort_by_key(|source| named.is_none() || source.channel_warehouse.as_deref() != named);
    sources.into_iter().map(|source| WarehouseId(source.warehouse_id)).collect()
}

fn parts_of(row: &OrderRow, lines: &[LineRow], packages: Option<Vec<PackageRow>>) -> Result<Parts> {
    let [of_lines, of_money, of_head, of_sub_platform] = stamp::parts_from_text(&row.stamps);
    let lines = of_lines.map(|stamp| Part {
        stamp,
        content: lines.iter().filter(|line| !line.gone).map(LineRow::line).collect(),
    });
    let packages = packages.unwrap_or_default();
    let mut packages = packages.iter().map(PackageRow::part).collect::<Result<Vec<_>>>()?;
    packages.sort_by(|a, b| a.content.key.cmp(&b.content.key));
    Ok(Parts {
        lines,
        money: row.money(of_money)?,
        head: row.head(of_head),
        sub_platform: row.sold_under(of_sub_platform),
        packages,
    })
}

/// Takes the buyer out of a look; gives the stamp if it is newer than what is stored. Where the buyer
/// was erased none is.
fn newer_buyer(seen: &mut Snapshot, stored: Option<&str>) -> Option<dermaga_domain::order::Stamp> {
    let buyer = seen.buyer.take()?;
    if stored == Some(ERASED) {
        return None;
    }
    let mut known = stored.and_then(stamp::from_text).map(|stamp| Part { stamp, content: () });
    let stamp = buyer.stamp;
    merge(&mut known, Some(Part { stamp, content: () })).then_some(stamp)
}

/// The lines, those of the newest look in its order and those that it no longer shows.
fn case_lines(store: &Store, parts: &Parts, rows: &[LineRow], now: Time) -> Result<Vec<CaseLine>> {
    let shown = parts.lines.iter().flat_map(|part| &part.content);
    let mut lines = Vec::new();
    for line in shown {
        let row = rows.iter().find(|row| row.line_key == *line.key.0);
        lines.push(CaseLine {
            key: line.key.clone(),
            id: row.map_or_else(|| LineId(store.ids.next(now)), LineRow::id),
            sku: row.and_then(|row| row.sku_id).map(SkuId),
            components: match row.and_then(|row| row.components.as_deref().map(|c| (row.id, c))) {
                Some((id, text)) => rows::components(id, text)?,
                None => Vec::new(),
            },
            target: Target::default(),
            live: 0,
            gone: false,
            stored: row.map(StoredLine::of),
        });
    }
    for row in rows {
        if !lines.iter().any(|line| line.id == row.id()) {
            lines.push(CaseLine {
                key: row.line().key,
                id: row.id(),
                sku: row.sku_id.map(SkuId),
                components: match row.components.as_deref() {
                    Some(text) => rows::components(row.id, text)?,
                    None => Vec::new(),
                },
                target: Target::default(),
                live: 0,
                gone: true,
                stored: Some(StoredLine::of(row)),
            });
        }
    }
    Ok(lines)
}

/// Finds SKUs for lines that have none, and pins what one unit takes.
async fn map_lines(conn: &mut Conn, org: i64, cases: &mut [Case]) -> Inner<()> {
    let mut asked = BTreeSet::new();
    for case in cases.iter().filter(|case| case.changed) {
        for line in case.lines.iter().filter(|line| line.sku.is_none() && !line.gone) {
            if let Some(listed) = listed(case, line) {
                asked.insert((case.row.shop_id, listed.0.to_owned(), listed.1.to_owned()));
            }
        }
    }
    if asked.is_empty() {
        return Ok(Ok(()));
    }
    let mut rows = Rows::default();
    for (shop, product, sku) in &asked {
        rows.push(&[shop, product, sku]);
    }
    let found: Vec<MappingRow> = conn.all(&sql::LOAD_MAPPINGS, &[org.into(), rows.into()]).await?;
    let skus: BTreeSet<i64> = found.iter().filter_map(|row| row.sku_id).collect();
    let components = components::of(conn, org, skus).await?;
    for case in cases.iter_mut().filter(|case| case.changed) {
        pin(case, &found, &components);
    }
    Ok(Ok(()))
}

fn pin(case: &mut Case, found: &[MappingRow], components: &Components) {
    let mut pinned = Vec::new();
    for (index, line) in case.lines.iter().enumerate() {
        let Some((product, code)) = listed(case, line).filter(|_| line.sku.is_none()) else {
            continue;
        };
        let mapped = found.iter().find(|row| {
            row.shop_id == case.row.shop_id
                && row.channel_product_id == product
                && row.channel_sku == code
        });
        if let Some(sku) = mapped.and_then(|row| row.sku_id) {
            pinned.push((index, sku));
        }
    }
    for (index, sku) in pinned {
        let own = || vec![(SkuId(sku), 1)];
        case.lines[index].sku = Some(SkuId(sku));
        case.lines[index].components = components.get(&sku).cloned().unwrap_or_else(own);
    }
}

/// The listing of a line that the newest look shows.
fn listed<'a>(case: &'a Case, line: &CaseLine) -> Option<(&'a str, &'a str)> {
    let shown = case.parts.lines.as_ref()?.content.iter().find(|shown| shown.key == line.key)?;
    Some((&shown.channel_product_id, &shown.channel_sku))
}

/// The state as it was stored, as far as transitions and counts need it.
fn state_of(row: &OrderRow) -> Result<State> {
    let mut state = State::unheard();
    state.document = word("orders", "document", row.id, &row.document)?;
    state.delivery = word("orders", "delivery", row.id, &row.delivery)?;
    state.payment = word("orders", "payment", row.id, &row.payment)?;
    state.cancelled = word("orders", "cancelled", row.id, &row.cancelled)?;
    state.returned = word("orders", "returned", row.id, &row.returned)?;
    state.bin = row.bin;
    state.documented = row.documented;
    state.tab = row.tab.as_deref().map(|text| word("orders", "tab", row.id, text)).transpose()?;
    for text in row.attentions.split_whitespace() {
        state.attentions.insert(word("orders", "attentions", row.id, text)?);
    }
    if let (Some(about), Some(status)) = (&row.status_about, &row.channel_status) {
        let about: About = word("orders", "status_about", row.id, about)?;
        state.status = Some((about, ChannelStatus::new(status)));
    }
    state.status_at = row.status_at.map(Time);
    Ok(state)
}
