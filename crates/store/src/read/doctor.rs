//! The invariants, looked at from the inside: each check is one statement that gives what breaks it.
//!
//! Orders, SKUs and messages are walked in ranges of ids, so that no statement reads more than a
//! page of them; each statement sees one state of the database, so that a hub at work is not
//! reported for what it is in the middle of.

use dermaga_domain::id::{OrderId, OrgId, ShopId, SkuId};

use crate::db::{self, Conn, Statement, Value, statements};
use crate::error::Result;
use crate::open::Store;

/// How many orders, SKUs or messages one round looks at.
const PAGE: i64 = 1_000;

macro_rules! check {
    ($name:ident, $key:literal, $text:literal) => {
        static $name: Statement = Statement::org($key, $text);
    };
}

static PAGE_ORDERS: Statement = Statement::org(
    "doctor.page_orders",
    "SELECT id FROM orders WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);

static PAGE_SKUS: Statement = Statement::org(
    "doctor.page_skus",
    "SELECT id FROM sku WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);

static PAGE_MESSAGES: Statement = Statement::org(
    "doctor.page_messages",
    "SELECT id FROM message WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);

static PAGE_SHOPS: Statement = Statement::org(
    "doctor.page_shops",
    "SELECT id FROM shop WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
);

check!(
    INVENTED_DOCUMENTS,
    "doctor.invented_documents",
    "SELECT d.order_id AS subject, d.kind || ' ' || d.number || ' without a fact or an act' AS detail
     FROM document d WHERE d.org_id = $1 AND d.order_id > $2 AND d.order_id <= $3
       AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.org_id = $1 AND f.order_id = d.order_id)
       AND NOT EXISTS (SELECT 1 FROM act a WHERE a.org_id = $1 AND a.order_id = d.order_id)"
);

check!(
    INVENTED_MOVEMENTS,
    "doctor.invented_movements",
    "SELECT m.sku_id AS subject, m.kind || ' without an order' AS detail
     FROM movement m WHERE m.org_id = $1 AND m.sku_id > $2 AND m.sku_id <= $3
       AND ((m.kind IN ('reserve', 'allocate', 'release', 'sale') AND m.line_id IS NULL)
         OR (m.line_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM order_line l
               WHERE l.org_id = $1 AND l.order_id = m.order_id AND l.id = m.line_id)))"
);

check!(
    MORE_THAN_ONE,
    "doctor.more_than_one",
    "SELECT d.order_id AS subject,
            COUNT(*) || ' live sales orders and invoices' AS detail
     FROM document d WHERE d.org_id = $1 AND d.order_id > $2 AND d.order_id <= $3
       AND d.kind IN ('sales_order', 'invoice') AND d.state = 'live'
     GROUP BY d.order_id HAVING COUNT(*) > 1"
);

/// An order that was judged under one flow only and that nobody touched.
macro_rules! untouched {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM act a WHERE a.org_id = $1 AND a.order_id = o.id)
          AND NOT EXISTS (SELECT 1 FROM transition t WHERE t.org_id = $1 AND t.order_id = o.id
                AND t.flow_version_id <> o.flow_version_id)"
    };
}

static FELL: Statement = Statement::org(
    "doctor.fell",
    concat!(
        "SELECT o.id AS subject, d.kind || ' ' || d.number || ' is ' || d.state
                || ', the order is ' || o.document || ', ' || o.delivery || ', ' || o.payment AS detail
         FROM orders o {join} document d ON d.org_id = $1 AND d.order_id = o.id
         WHERE o.org_id = $1 AND o.id > $2 AND o.id <= $3
           AND ((d.slot = 'sale' AND d.kind = 'invoice' AND o.document <> 'invoice')
             OR (d.slot = 'delivery' AND d.state = 'withdrawn')
             OR (d.slot = 'payment' AND d.state = 'withdrawn'
                AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.org_id = $1
                    AND l.order_id = o.id AND l.units <> '')))",
        untouched!()
    ),
);

check!(
    LEVELS_DRIFT,
    "doctor.levels_drift",
    "SELECT l.sku_id AS subject, 'level ' || l.on_hand || '/' || l.allocated || '/' || l.reserved
            || '/' || l.short || ' is not the sum of its movements' AS detail
     FROM stock_level l WHERE l.org_id = $1 AND l.sku_id > $2 AND l.sku_id <= $3
       AND (l.on_hand <> COALESCE((SELECT SUM(m.on_hand) FROM movement m WHERE m.org_id = $1
              AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id), 0)
         OR l.allocated <> COALESCE((SELECT SUM(m.allocated) FROM movement m WHERE m.org_id = $1
              AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id), 0)
         OR l.reserved <> COALESCE((SELECT SUM(m.reserved) FROM movement m WHERE m.org_id = $1
              AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id), 0)
         OR l.short <> COALESCE((SELECT SUM(m.short) FROM movement m WHERE m.org_id = $1
              AND m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id), 0))"
);

// Both sides are laid beside each other and summed: a look for each holding reads a SKU's ledger each time.
check!(
    HOLDINGS_DRIFT,
    "doctor.holdings_drift",
    "WITH line AS MATERIALIZED (SELECT DISTINCT h.order_id, h.line_id FROM holding h
        WHERE h.org_id = $1 AND h.order_id > $2 AND h.order_id <= $3),
     both_sides AS (
        SELECT h.order_id, h.line_id, h.sku_id, h.warehouse_id, 1 AS held, h.reserved, h.allocated,
            h.sold, h.short, h.revision, 0 AS m_reserved, 0 AS m_allocated, 0 AS m_sold, 0 AS m_short,
            0 AS m_revision
        FROM holding h WHERE h.org_id = $1 AND h.order_id > $2 AND h.order_id <= $3
        UNION ALL
        SELECT line.order_id, m.line_id, m.sku_id, m.warehouse_id, 0, 0, 0, 0, 0, 0, m.reserved,
            m.allocated, -m.on_hand, m.short, m.revision
        FROM line {join} movement m {indexed by movement_revision} ON m.org_id = $1 AND m.line_id = line.line_id
            AND m.line_id IS NOT NULL)
     SELECT order_id AS subject, 'a holding of ' || SUM(reserved) || '/' || SUM(allocated) || '/'
            || SUM(sold) || '/' || SUM(short) || ' is not the sum of its movements' AS detail
     FROM both_sides GROUP BY order_id, line_id, sku_id, warehouse_id
     HAVING SUM(held) > 0 AND (SUM(reserved) <> SUM(m_reserved) OR SUM(allocated) <> SUM(m_allocated)
         OR SUM(sold) <> SUM(m_sold) OR SUM(short) <> SUM(m_short)
         OR SUM(revision) < MAX(m_revision))"
);

check!(
    HELD_TWICE,
    "doctor.held_twice",
    "WITH both_sides AS (
        SELECT l.sku_id, l.warehouse_id, 1 AS kept, l.on_hand, l.allocated, l.reserved,
            0 AS h_allocated, 0 AS h_reserved
        FROM stock_level l WHERE l.org_id = $1 AND l.sku_id > $2 AND l.sku_id <= $3
        UNION ALL
        SELECT h.sku_id, h.warehouse_id, 0, 0, 0, 0, h.allocated, h.reserved
        FROM holding h WHERE h.org_id = $1 AND h.sku_id > $2 AND h.sku_id <= $3
            AND (h.reserved > 0 OR h.allocated > 0))
     SELECT sku_id AS subject, 'available ' || (SUM(on_hand) - SUM(allocated) - SUM(reserved))
            || ', allocated ' || SUM(allocated) || ', reserved ' || SUM(reserved)
            || '; the holdings say otherwise' AS detail
     FROM both_sides GROUP BY sku_id, warehouse_id
     HAVING SUM(kept) > 0 AND (SUM(on_hand) - SUM(allocated) - SUM(reserved) < 0
         OR SUM(allocated) <> SUM(h_allocated) OR SUM(reserved) <> SUM(h_reserved))"
);

check!(
    LOST_MESSAGES,
    "doctor.lost_messages",
    "SELECT m.id AS subject, 'message is ' || m.state || COALESCE(', ' || m.reason, '') AS detail
     FROM message m WHERE m.org_id = $1 AND m.id > $2 AND m.id <= $3
       AND (m.state NOT IN ('pending', 'done', 'dead', 'held', 'ignored', 'previewed')
         OR (m.state = 'dead' AND m.reason IS NULL))"
);

check!(
    TOTALS,
    "doctor.totals",
    "SELECT o.id AS subject, 'goods are ' || o.goods || ', the lines come to '
            || (SELECT SUM(l.quantity * l.unit_price) FROM order_line l
                WHERE l.org_id = $1 AND l.order_id = o.id AND NOT l.gone) AS detail
     FROM orders o WHERE o.org_id = $1 AND o.id > $2 AND o.id <= $3 AND o.goods IS NOT NULL
       AND o.goods <> (SELECT SUM(l.quantity * l.unit_price) FROM order_line l
            WHERE l.org_id = $1 AND l.order_id = o.id AND NOT l.gone)"
);

check!(
    REPEATED_FACTS,
    "doctor.repeated_facts",
    "SELECT f.order_id AS subject, COUNT(*) || ' times ' || f.status || ' at ' || f.at AS detail
     FROM fact f WHERE f.org_id = $1 AND f.order_id > $2 AND f.order_id <= $3
     GROUP BY f.order_id, f.about, f.reference, f.unit, f.status, f.actor, f.at, f.mode
     HAVING COUNT(*) > 1"
);

check!(
    EMPTY_MOVEMENTS,
    "doctor.empty_movements",
    "SELECT m.sku_id AS subject, 'a ' || m.kind || ' that moves nothing' AS detail
     FROM movement m WHERE m.org_id = $1 AND m.sku_id > $2 AND m.sku_id <= $3
       AND m.on_hand = 0 AND m.allocated = 0 AND m.reserved = 0 AND m.short = 0"
);

check!(
    EMPTY_TRANSITIONS,
    "doctor.empty_transitions",
    "SELECT t.order_id AS subject, 'a transition that changes nothing' AS detail
     FROM transition t WHERE t.org_id = $1 AND t.order_id > $2 AND t.order_id <= $3
       AND t.verb = 'none'"
);

check!(
    FEED_GAPS,
    "doctor.feed_gaps",
    "SELECT c.org_id AS subject, 'the counter is ' || c.feed || ', the feed ends at '
            || COALESCE((SELECT MAX(f.position) FROM feed f WHERE f.org_id = $1 AND f.position > 0), 0)
            || ' with ' || (SELECT COUNT(*) FROM feed f WHERE f.org_id = $1 AND f.position > 0)
            || ' positions' AS detail
     FROM counter c WHERE c.org_id = $1
       AND (c.feed <> COALESCE((SELECT MAX(f.position) FROM feed f WHERE f.org_id = $1 AND f.position > 0), 0)
         OR COALESCE((SELECT MAX(f.position) - MIN(f.position) + 1 FROM feed f
                WHERE f.org_id = $1 AND f.position > 0), 0)
            <> (SELECT COUNT(*) FROM feed f WHERE f.org_id = $1 AND f.position > 0))"
);

check!(
    NUMBER_GAPS,
    "doctor.number_gaps",
    "SELECT c.org_id AS subject, 'numbers were given that no document has' AS detail
     FROM counter c WHERE c.org_id = $1
       AND (c.invoice <> (SELECT COUNT(*) FROM document d {indexed by document_number}
              WHERE d.org_id = $1 AND d.kind = 'invoice')
         OR c.delivery <> (SELECT COUNT(*) FROM document d {indexed by document_number}
              WHERE d.org_id = $1 AND d.kind = 'delivery')
         OR c.payment <> (SELECT COUNT(*) FROM document d {indexed by document_number}
              WHERE d.org_id = $1 AND d.kind = 'payment')
         OR c.sales_order <> (SELECT COUNT(*) FROM document d {indexed by document_number}
              WHERE d.org_id = $1 AND d.kind = 'sales_order')
              + (SELECT COUNT(*) FROM document d {indexed by document_number}
              WHERE d.org_id = $1 AND d.kind = 'invoice'
                    AND d.sales_order_number IS NOT NULL))"
);

check!(
    COUNTS_DRIFT,
    "doctor.counts_drift",
    "WITH o AS MATERIALIZED (SELECT tab, attentions, bin, sub_platform FROM orders
        WHERE org_id = $1 AND shop_id = $2),
     recounted AS (SELECT tab AS view, COUNT(*) AS n FROM o WHERE tab IS NOT NULL GROUP BY tab
        UNION ALL SELECT 'all', COUNT(*) FROM o
        UNION ALL SELECT 'action', COUNT(*) FROM o WHERE attentions <> '' OR tab IS NULL
        UNION ALL SELECT 'bin', COUNT(*) FROM o WHERE bin
        UNION ALL SELECT sub_platform || ' ' || tab, COUNT(*) FROM o
            WHERE sub_platform IS NOT NULL AND tab IS NOT NULL GROUP BY sub_platform, tab
        UNION ALL SELECT sub_platform || ' all', COUNT(*) FROM o
            WHERE sub_platform IS NOT NULL GROUP BY sub_platform
        UNION ALL SELECT sub_platform || ' action', COUNT(*) FROM o
            WHERE sub_platform IS NOT NULL AND (attentions <> '' OR tab IS NULL) GROUP BY sub_platform
        UNION ALL SELECT sub_platform || ' bin', COUNT(*) FROM o
            WHERE sub_platform IS NOT NULL AND bin GROUP BY sub_platform),
     kept AS (SELECT tab AS view, orders AS n FROM tab_count WHERE org_id = $1 AND shop_id = $2
        UNION ALL SELECT sub_platform || ' ' || tab, orders FROM sub_platform_count
            WHERE org_id = $1 AND shop_id = $2),
     both_sides AS (SELECT view, n, 0 AS k FROM recounted UNION ALL SELECT view, 0, n FROM kept)
     SELECT CAST($2 AS BIGINT) AS subject, view || ': ' || SUM(k) || ' kept, ' || SUM(n)
            || ' recounted' AS detail
     FROM both_sides GROUP BY view HAVING SUM(k) <> SUM(n)"
);

statements![
    PAGE_ORDERS,
    PAGE_SKUS,
    PAGE_MESSAGES,
    PAGE_SHOPS,
    INVENTED_DOCUMENTS,
    INVENTED_MOVEMENTS,
    MORE_THAN_ONE,
    FELL,
    LEVELS_DRIFT,
    HOLDINGS_DRIFT,
    HELD_TWICE,
    LOST_MESSAGES,
    TOTALS,
    REPEATED_FACTS,
    EMPTY_MOVEMENTS,
    EMPTY_TRANSITIONS,
    FEED_GAPS,
    NUMBER_GAPS,
    COUNTS_DRIFT,
];

/// A statement with the invariant that it looks at.
type Check = (&'static str, &'static Statement);

static OF_ORDERS: &[Check] = &[
    ("I2", &INVENTED_DOCUMENTS),
    ("I3", &MORE_THAN_ONE),
    ("I5", &FELL),
    ("I6", &HOLDINGS_DRIFT),
    ("I14", &TOTALS),
    ("I16", &REPEATED_FACTS),
    ("I16", &EMPTY_TRANSITIONS),
];

static OF_SKUS: &[Check] = &[
    ("I2", &INVENTED_MOVEMENTS),
    ("I6", &LEVELS_DRIFT),
    ("I7", &HELD_TWICE),
    ("I16", &EMPTY_MOVEMENTS),
];

static OF_MESSAGES: &[Check] = &[("I10", &LOST_MESSAGES)];

static OF_ORG: &[Check] = &[("I2", &NUMBER_GAPS), ("I17", &FEED_GAPS)];

/// The name under which a drift of the counts beside the tabs is reported.
const COUNTS: &str = "tab_counts";

/// The invariants that are looked at from the inside, in order, and the counts beside the tabs.
pub const CHECKED: &[&str] = &["I2", "I3", "I5", "I6", "I7", "I10", "I14", "I16", "I17", COUNTS];

/// Something that breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which, as in [`CHECKED`].
    pub invariant: &'static str,
    /// What it was found at: an id with its prefix.
    pub subject: String,
    /// What is wrong with it; never buyer data.
    pub detail: String,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    subject: i64,
    detail: String,
}

impl Store {
    /// Looks at every invariant that can be seen from the inside.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_violations(&self, org: OrgId) -> Result<Vec<Finding>> {
        let mut found = Vec::new();
        let shown: fn(i64) -> String = |id| OrderId(id).to_string();
        self.walk(org, &PAGE_ORDERS, OF_ORDERS, shown, &mut found).await?;
        let shown: fn(i64) -> String = |id| SkuId(id).to_string();
        self.walk(org, &PAGE_SKUS, OF_SKUS, shown, &mut found).await?;
        let shown: fn(i64) -> String = |id| dermaga_domain::id::MessageId(id).to_string();
        self.walk(org, &PAGE_MESSAGES, OF_MESSAGES, shown, &mut found).await?;
        for &(invariant, statement) in OF_ORG {
            let rows = self.found(org, statement, vec![org.0.into()]).await?;
            found.extend(rows.into_iter().map(|row| Finding {
                invariant,
                subject: OrgId(row.subject).to_string(),
                detail: row.detail,
            }));
        }
        for shop in self.page(org, &PAGE_SHOPS, -1, i64::MAX).await? {
            let rows = self.found(org, &COUNTS_DRIFT, vec![org.0.into(), shop.into()]).await?;
            found.extend(rows.into_iter().map(|row| Finding {
                invariant: COUNTS,
                subject: ShopId(row.subject).to_string(),
                detail: row.detail,
            }));
        }
        let place = |name: &str| CHECKED.iter().position(|checked| *checked == name);
        found.sort_by_key(|finding| place(finding.invariant));
        Ok(found)
    }

    /// Runs checks over everything that `pages` gives, range by range.
    async fn walk(
        &self,
        org: OrgId,
        pages: &'static Statement,
        checks: &[Check],
        shown: fn(i64) -> String,
        found: &mut Vec<Finding>,
    ) -> Result<()> {
        let mut from = -1;
        loop {
            let ids = self.page(org, pages, from, PAGE).await?;
            let Some(&to) = ids.last() else { return Ok(()) };
            for &(invariant, statement) in checks {
                let values = vec![org.0.into(), from.into(), to.into()];
                let rows = self.found(org, statement, values).await?;
                found.extend(rows.into_iter().map(|row| Finding {
                    invariant,
                    subject: shown(row.subject),
                    detail: row.detail,
                }));
            }
            from = to;
        }
    }

    async fn page(
        &self,
        org: OrgId,
        statement: &'static Statement,
        from: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        let rows: Vec<IdRow> = self
            .db
            .read(Some(org.0), move |conn| {
                Box::pin(async move {
                    conn.all(statement, &[org.0.into(), from.into(), limit.into()]).await
                })
            })
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    async fn found(
        &self,
        org: OrgId,
        statement: &'static Statement,
        values: Vec<Value>,
    ) -> Result<Vec<FoundRow>> {
        Ok(self
            .db
            .read_with(Some(org.0), values, move |conn, values| {
                Box::pin(rows(conn, statement, values))
            })
            .await?)
    }
}

async fn rows(
    conn: &mut Conn,
    statement: &'static Statement,
    values: &[Value],
) -> db::Result<Vec<FoundRow>> {
    conn.all(statement, values).await
}
