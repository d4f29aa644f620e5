//! How a list finds its orders: by walking an index, by what was searched for, or, where the shops that
//! are asked for have few of an org's orders, by reading those.

use super::row::{OrderRow, place};
use super::{Query, Scope, Sort, View};
use crate::apply::counts::ALL;
use crate::db::{self, Conn, Rows, Statement, Value, statements};
use crate::read::id_rows;
use crate::search::normalised;
use dermaga_domain::id::ShopId;

/// Terms that a search looks at, at most: a longer one finds fewer.
const SEARCH_MAX: i64 = 500;
/// What it costs to read an order and leave it, where walking past one costs 1.
const READ_COST: i64 = 4;
/// Shops whose orders are read one shop after another, at most.
const SHOPS_READ_MAX: usize = 8;
/// Orders that may come between counting and reading.
const COME_MEANWHILE: i64 = 1_000;

macro_rules! columns {
    () => {
        "SELECT o.id, o.shop_id, o.channel, o.channel_order_id, o.channel_invoice,
            o.flow_version_id, o.channel_status, o.status_about, o.status_at, o.document,
            o.delivery, o.payment, o.cancelled, o.returned, o.bin, o.tab, o.attentions,
            o.documented, o.cancelled_by, o.cancelled_reason, o.currency, o.goods, o.shipping,
            o.fees, o.discount, o.total, o.ordered_at, o.ship_by, o.accept_by, o.carrier,
            o.service, o.sub_platform, o.cash_on_delivery, o.cancel_requested, o.awb, o.stamps,
            o.sort_at, o.due_at, o.created_at, o.updated_at"
    };
}

/// Orders after a key, of some shops, and of a sub-platform where one is given. The plus keeps the shops
/// from choosing the index.
macro_rules! listed {
    ($where:literal, $after:literal, $by:literal) => {
        concat!(
            "WITH v AS MATERIALIZED ({rows $2: shop_id bigint}) ",
            columns!(),
            " FROM orders o WHERE o.org_id = $1 ",
            $where,
            " AND ",
            $after,
            " AND +o.shop_id IN (SELECT v.shop_id FROM v)",
            " AND (CAST($6 AS TEXT) IS NULL OR o.sub_platform = $6) ORDER BY ",
            $by,
            " LIMIT $5"
        )
    };
}

/// The newest first.
macro_rules! newest {
    ($where:literal) => {
        listed!($where, "(o.sort_at, o.id) < ($3, $4)", "o.sort_at DESC, o.id DESC")
    };
}

/// The soonest deadline first, and then the newest of those that have none.
macro_rules! soonest {
    ($where:literal) => {
        listed!($where, "(o.due_at, o.id) > ($3, $4)", "o.due_at, o.id")
    };
}

static LIST_ALL: Statement = Statement::org("read.list_all", newest!(""));
static LIST_TAB: Statement = Statement::org(
    "read.list_tab",
    newest!("AND o.tab = $7 AND o.tab IN ('new_order', 'ready_to_ship')"),
);
static LIST_ACTION: Statement =
    Statement::org("read.list_action", newest!("AND (o.attentions <> '' OR o.tab IS NULL)"));
static LIST_BIN: Statement = Statement::org("read.list_bin", newest!("AND o.bin"));
static LIST_ALL_DUE: Statement = Statement::org("read.list_all_due", soonest!(""));
static LIST_TAB_DUE: Statement = Statement::org("read.list_tab_due", soonest!("AND o.tab = $7"));
static LIST_ACTION_DUE: Statement =
    Statement::org("read.list_action_due", soonest!("AND (o.attentions <> '' OR o.tab IS NULL)"));

static SEARCH: Statement = Statement::org(
    "read.search",
    "SELECT DISTINCT s.order_id FROM (
        SELECT t.order_id FROM term t
        WHERE t.org_id = $1 AND t.term >= $2 AND t.term <= $3 ORDER BY t.term LIMIT $4) s",
);

/// By a document's own number.
static SEARCH_DOCUMENT: Statement = Statement::org(
    "read.search_document",
    "SELECT d.order_id FROM document d WHERE d.org_id = $1 AND d.kind = $2 AND d.number = $3",
);

static LIST_FOUND: Statement = Statement::org(
    "read.list_found",
    concat!(
        "WITH v AS MATERIALIZED ({rows $2: order_id bigint}) ",
        columns!(),
        " FROM v {join} orders o ON o.org_id = $1 AND o.id = v.order_id"
    ),
);

/// What lists are sorted and sifted by, of orders that were found otherwise than by an index that a
/// list walks.
macro_rules! standings {
    ($from:literal) => {
        concat!(
            "SELECT o.id, o.shop_id, o.tab, o.attentions, o.bin, o.sub_platform, o.sort_at, o.due_at ",
            $from
        )
    };
}

static STANDINGS: Statement = Statement::org(
    "read.standings",
    concat!(
        "WITH v AS MATERIALIZED ({rows $2: order_id bigint}) ",
        standings!("FROM v {join} orders o ON o.org_id = $1 AND o.id = v.order_id")
    ),
);

static STANDINGS_NUMBERED: Statement = Statement::org(
    "read.standings_numbered",
    concat!(
        "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_order_id text}) ",
        standings!(
            "FROM v {join} orders o ON o.org_id = $1 AND o.shop_id = v.shop_id
                AND o.channel_order_id = v.channel_order_id"
        )
    ),
);

/// Sorted and limited although every order is wanted: a planner that takes each shop for a large one
/// would read the whole table.
static STANDINGS_OF_SHOP: Statement = Statement::org(
    "read.standings_of_shop",
    standings!(
        "FROM orders o WHERE o.org_id = $1 AND o.shop_id = $2
         ORDER BY o.channel_order_id LIMIT $3"
    ),
);

/// Of a shop, the orders that were sold under one name: limited for the same reason.
static STANDINGS_OF_SUB_PLATFORM: Statement = Statement::org(
    "read.standings_of_sub_platform",
    standings!(
        "FROM orders o WHERE o.org_id = $1 AND o.shop_id = $2 AND o.sub_platform = $3
         ORDER BY o.id LIMIT $4"
    ),
);

static LIST_ATTENTION: Statement = Statement::org(
    "read.list_attention",
    newest!("AND (o.attentions <> '' OR o.tab IS NULL) AND ' ' || o.attentions || ' ' LIKE $7"),
);
static LIST_ATTENTION_DUE: Statement = Statement::org(
    "read.list_attention_due",
    soonest!("AND (o.attentions <> '' OR o.tab IS NULL) AND ' ' || o.attentions || ' ' LIKE $7"),
);

static SHOPS: Statement = Statement::org(
    "read.shop_ids",
    "SELECT id, channel FROM shop WHERE org_id = $1 AND id >= 0 ORDER BY id",
);

/// How many orders each view of each shop holds.
static TAB_COUNTS: Statement = Statement::org(
    "read.tab_counts",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint})
     SELECT c.shop_id, c.tab, c.orders
     FROM v {join} tab_count c ON c.org_id = $1 AND c.shop_id = v.shop_id",
);

/// How many orders that were sold under one name each view of each shop holds.
static SUB_PLATFORM_COUNTS: Statement = Statement::org(
    "read.sub_platform_counts",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint})
     SELECT c.shop_id, c.tab, c.orders
     FROM v {join} sub_platform_count c
       ON c.org_id = $1 AND c.shop_id = v.shop_id AND c.sub_platform = $3",
);

statements![
    LIST_ALL,
    LIST_TAB,
    LIST_ACTION,
    LIST_BIN,
    LIST_ALL_DUE,
    LIST_TAB_DUE,
    LIST_ACTION_DUE,
    LIST_ATTENTION,
    LIST_ATTENTION_DUE,
    SEARCH,
    SEARCH_DOCUMENT,
    LIST_FOUND,
    STANDINGS,
    STANDINGS_NUMBERED,
    STANDINGS_OF_SHOP,
    STANDINGS_OF_SUB_PLATFORM,
    SHOPS,
    TAB_COUNTS,
    SUB_PLATFORM_COUNTS,
];

#[derive(sqlx::FromRow)]
struct ShopRow {
    id: i64,
    channel: String,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    order_id: i64,
}

/// The orders of a view of a shop.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct CountRow {
    shop_id: i64,
    pub(super) tab: String,
    pub(super) orders: i64,
}

/// What an order is sorted and sifted by.
#[derive(sqlx::FromRow)]
struct Standing {
    id: i64,
    shop_id: i64,
    tab: Option<String>,
    attentions: String,
    bin: bool,
    sub_platform: Option<String>,
    sort_at: i64,
    due_at: i64,
}

impl Standing {
    const fn place(&self, sort: Sort) -> (i64, i64) {
        place(self.sort_at, self.due_at, self.id, sort)
    }

    fn shows_in(&self, view: View) -> bool {
        match view {
            View::All => true,
            View::Tab(tab) => self.tab.as_deref() == Some(tab.as_str()),
            View::Action => !self.attentions.is_empty() || self.tab.is_none(),
            View::Attention(reason) => {
                self.attentions.split(' ').any(|word| word == reason.as_str())
            }
            View::Bin => self.bin,
        }
    }
}

/// The shops of an org, and those among them that are visible and asked for.
struct Shops {
    all: Vec<i64>,
    wanted: Vec<i64>,
}

async fn shops(conn: &mut Conn, scope: &Scope, query: &Query) -> db::Result<Shops> {
    let rows: Vec<ShopRow> = conn.all(&SHOPS, &[scope.org.0.into()]).await?;
    let is_wanted = |row: &&ShopRow| {
        scope.sees(ShopId(row.id))
            && query.shop.is_none_or(|shop| shop.0 == row.id)
            && query.channel.as_ref().is_none_or(|channel| *channel == row.channel)
    };
    let wanted = rows.iter().filter(is_wanted).map(|row| row.id).collect();
    Ok(Shops { all: rows.iter().map(|row| row.id).collect(), wanted })
}

/// How many orders each view holds, by shop, over the shops that are visible and asked for.
pub(super) async fn view_counts(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
) -> db::Result<Vec<CountRow>> {
    let shops = shops(conn, scope, query).await?;
    counts(conn, scope.org.0, shops.wanted, query.sub_platform.as_deref()).await
}

/// How many orders each view of some shops holds; of one sub-platform, or all.
async fn counts(
    conn: &mut Conn,
    org: i64,
    shops: Vec<i64>,
    sub_platform: Option<&str>,
) -> db::Result<Vec<CountRow>> {
    let shops = id_rows(shops).into();
    match sub_platform {
        Some(key) => conn.all(&SUB_PLATFORM_COUNTS, &[org.into(), shops, key.into()]).await,
        None => conn.all(&TAB_COUNTS, &[org.into(), shops]).await,
    }
}

/// The orders of a list, at most so many.
pub(super) async fn page(
    conn: &mut Conn,
    scope: &Scope,
    query: &Query,
    limit: i64,
) -> db::Result<Vec<OrderRow>> {
    let org = scope.org.0;
    let shops = shops(conn, scope, query).await?;
    let found = if let Some(number) = &query.channel_order_id {
        let mut rows = Rows::default();
        for shop in &shops.wanted {
            rows.push(&[shop, number]);
        }
        conn.all(&STANDINGS_NUMBERED, &[org.into(), rows.into()]).await?
    } else if let Some(text) = query.search.as_deref().filter(|text| !normalised(text).is_empty()) {
        searched(conn, org, text).await?
    } else if let Some(few) = few(conn, org, &shops, query, limit).await? {
        few.read(conn, org, query.sub_platform.as_deref()).await?
    } else {
        return walked(conn, org, shops.wanted, query, limit).await;
    };
    of_standings(conn, org, found, &shops.wanted, query, limit).await
}

/// Orders that a text names: by a term that it begins, or by a document's number.
async fn searched(conn: &mut Conn, org: i64, text: &str) -> db::Result<Vec<Standing>> {
    let term = normalised(text);
    let last = format!("{term}\u{10ffff}");
    let values: [Value; 4] = [org.into(), term.into(), last.into(), SEARCH_MAX.into()];
    let mut found: Vec<FoundRow> = conn.all(&SEARCH, &values).await?;
    if let Some((kind, number)) = document_of(text) {
        let values = [org.into(), kind.into(), number.into()];
        found.extend(conn.all::<FoundRow>(&SEARCH_DOCUMENT, &values).await?);
    }
    let ids: std::collections::BTreeSet<i64> = found.into_iter().map(|row| row.order_id).collect();
    conn.all(&STANDINGS, &[org.into(), id_rows(ids).into()]).await
}

/// Shops of which so few orders are asked for that they are read, one shop after another.
struct Few {
    shops: Vec<i64>,
    /// Their orders, at most.
    orders: i64,
}

impl Few {
    async fn read(
        &self,
        conn: &mut Conn,
        org: i64,
        sub_platform: Option<&str>,
    ) -> db::Result<Vec<Standing>> {
        let mut found = Vec::new();
        for shop in &self.shops {
            let (org, shop, most) = (org.into(), (*shop).into(), self.orders.into());
            found.extend(match sub_platform {
                Some(key) => {
                    let values = [org, shop, key.into(), most];
                    conn.all::<Standing>(&STANDINGS_OF_SUB_PLATFORM, &values).await?
                }
                None => conn.all::<Standing>(&STANDINGS_OF_SHOP, &[org, shop, most]).await?,
            });
        }
        Ok(found)
    }
}

/// The shops whose orders are asked for, where it is less work to read all of these than to walk the list
/// past all the others.
async fn few(
    conn: &mut Conn,
    org: i64,
    shops: &Shops,
    query: &Query,
    limit: i64,
) -> db::Result<Option<Few>> {
    let sub_platform = query.sub_platform.as_deref();
    if shops.wanted.len() == shops.all.len() && sub_platform.is_none() {
        return Ok(None);
    }
    let everybody = counts(conn, org, shops.all.clone(), None).await?;
    let asked_for = match sub_platform {
        Some(_) => counts(conn, org, shops.wanted.clone(), sub_platform).await?,
        None => {
            let wanted = |row: &&CountRow| shops.wanted.contains(&row.shop_id);
            everybody.iter().filter(wanted).cloned().collect()
        }
    };
    let with_some = asked_for.iter().filter(|row| row.tab == ALL && row.orders > 0);
    let shops_read: Vec<i64> = with_some.map(|row| row.shop_id).collect();
    if shops_read.len() > SHOPS_READ_MAX {
        return Ok(None);
    }
    let view = query.view.counted_as();
    let (to_read, shown) = (sum(&asked_for, ALL), sum(&asked_for, view));
    let less = reading_is_less(to_read, (shown, sum(&everybody, view)), limit);
    Ok(less.then_some(Few { shops: shops_read, orders: to_read + COME_MEANWHILE }))
}

/// How many orders a view holds, over the shops that were counted.
fn sum(counts: &[CountRow], view: &str) -> i64 {
    counts.iter().filter(|row| row.tab == view).map(|row| row.orders).sum()
}

/// Whether reading so many orders costs less than a walk through `walked` of which `shown` are wanted.
const fn reading_is_less(to_read: i64, (shown, walked): (i64, i64), limit: i64) -> bool {
    // A walk meets one of those among so many, until the page is full or the list ends.
    let apart = if shown > 0 { walked / shown } else { walked };
    let passed = limit.saturating_mul(apart);
    to_read.saturating_mul(READ_COST) < if passed < walked { passed } else { walked }
}

async fn walked(
    conn: &mut Conn,
    org: i64,
    shops: Vec<i64>,
    query: &Query,
    limit: i64,
) -> db::Result<Vec<OrderRow>> {
    let sort = query.sorted();
    let first = match sort {
        Sort::Newest => (i64::MAX, i64::MAX),
        Sort::Deadline => (i64::MIN, i64::MIN),
    };
    let after = query.after.filter(|after| after.sort == sort);
    let after = after.map_or(first, |after| (after.key, after.id.0));
    let sub_platform = query.sub_platform.as_deref().map_or(Value::NULL_TEXT, Value::from);
    let (key, id) = (after.0.into(), after.1.into());
    let mut values: Vec<Value> =
        vec![org.into(), id_rows(shops).into(), key, id, limit.into(), sub_platform];
    match query.view {
        View::Tab(tab) => values.push(tab.as_str().into()),
        View::Attention(reason) => values.push(format!("% {reason} %").into()),
        View::All | View::Action | View::Bin => {}
    }
    let statement = match (query.view, sort) {
        (View::All, Sort::Newest) => &LIST_ALL,
        (View::All, Sort::Deadline) => &LIST_ALL_DUE,
        (View::Action, Sort::Newest) => &LIST_ACTION,
        (View::Action, Sort::Deadline) => &LIST_ACTION_DUE,
        (View::Attention(_), Sort::Newest) => &LIST_ATTENTION,
        (View::Attention(_), Sort::Deadline) => &LIST_ATTENTION_DUE,
        (View::Tab(_), Sort::Newest) => &LIST_TAB,
        (View::Tab(_), Sort::Deadline) => &LIST_TAB_DUE,
        (View::Bin, _) => &LIST_BIN,
    };
    conn.all(statement, &values).await
}

/// The document that a text names by its number: `INV-000123`, `inv 123`.
fn document_of(text: &str) -> Option<(&'static str, i64)> {
    let term = normalised(text);
    let series =
        [("so", "sales_order"), ("inv", "invoice"), ("dlv", "delivery"), ("pay", "payment")];
    series.into_iter().find_map(|(series, kind)| {
        let number = term.strip_prefix(series).filter(|rest| !rest.is_empty())?;
        Some((kind, number.parse().ok().filter(|number| *number > 0)?))
    })
}

/// The part of what was found that is asked for, sorted as asked.
async fn of_standings(
    conn: &mut Conn,
    org: i64,
    mut found: Vec<Standing>,
    shops: &[i64],
    query: &Query,
    limit: i64,
) -> db::Result<Vec<OrderRow>> {
    let sort = query.sorted();
    let after = query.after.filter(|after| after.sort == sort).map(|after| match sort {
        Sort::Newest => (-after.key, -after.id.0),
        Sort::Deadline => (after.key, after.id.0),
    });
    found.retain(|standing| {
        shops.contains(&standing.shop_id)
            && after.is_none_or(|after| standing.place(sort) > after)
            && standing.shows_in(query.view)
            && query
                .sub_platform
                .as_ref()
                .is_none_or(|key| standing.sub_platform.as_ref() == Some(key))
    });
    found.sort_unstable_by_key(|standing| standing.place(sort));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut rows = by_ids(conn, org, found.iter().map(|standing| standing.id)).await?;
    rows.sort_unstable_by_key(|row| row.place(sort));
    Ok(rows)
}

/// These orders, in no order.
pub(super) async fn by_ids(
    conn: &mut Conn,
    org: i64,
    ids: impl IntoIterator<Item = i64>,
) -> db::Result<Vec<OrderRow>> {
    conn.all(&LIST_FOUND, &[org.into(), id_rows(ids).into()]).await
}

#[cfg(test)]
mod tests {
    use super::reading_is_less;

    #[test]
    fn the_orders_of_few_are_read_and_the_list_of_many_is_walked() {
        for (to_read, of_view, less) in [
            (100, (100, 1_000_000), true),
            (3_000, (3_000, 1_000_000), true),
            (5_000, (5_000, 1_000_000), false),
            (500_000, (500_000, 1_000_000), false),
            // None of theirs is in the view: a walk would go to its end.
            (100, (0, 50_000), true),
            (100, (0, 300), false),
            (500_000, (0, 1_000_000), false),
            (0, (0, 0), false),
        ] {
            assert_eq!(reading_is_less(to_read, of_view, 51), less, "{to_read} {of_view:?}");
        }
    }
}
