//! The statements of an apply batch, in the order in which they run. Their number does not depend on
//! the size of the batch.

use crate::db::{Statement, statements};

/// Reads the orders and locks them, in the order of their keys.
pub(super) static LOCK_ORDERS: Statement = Statement::org(
    "apply.lock_orders",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_order_id text})
     SELECT o.id, o.shop_id, o.channel_order_id, o.channel_invoice, o.flow_version_id, o.channel_status,
            o.status_about, o.status_at, o.document, o.delivery, o.payment, o.cancelled, o.returned, o.bin,
            o.tab, o.attentions, o.documented, o.currency, o.goods, o.shipping, o.fees, o.discount,
            o.total, o.ordered_at, o.ship_by, o.accept_by, o.channel_warehouse, o.carrier, o.service, o.sub_platform,
            o.cash_on_delivery, o.cancel_requested, o.awb, o.stamps, o.created_at, o.updated_at
     FROM v {join} orders o
       ON o.org_id = $1 AND o.shop_id = v.shop_id AND o.channel_order_id = v.channel_order_id
     ORDER BY o.shop_id, o.channel_order_id {for update of o}",
);

/// The flow versions under which new orders of these shops are judged.
pub(super) static LOAD_SHOPS: Statement = Statement::org(
    "apply.load_shops",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT s.id, s.flow_version_id FROM v {join} shop s ON s.org_id = $1 AND s.id = v.id",
);

/// Adds the facts that are new, and strengthens those that were only pushed so far; gives whose.
pub(super) static INSERT_FACTS: Statement = Statement::org(
    "apply.insert_facts",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, about text, reference text, unit text,
        status text, actor text, at bigint, mode text, fetched boolean, reason text,
        message_id bigint, heard_at bigint})
     INSERT INTO fact (org_id, order_id, about, reference, unit, status, actor, at, mode, fetched,
        reason, message_id, heard_at)
     SELECT $1, order_id, about, reference, unit, status, actor, at, mode, fetched, reason,
        message_id, heard_at
     FROM v WHERE true
     ON CONFLICT (org_id, order_id, about, reference, unit, status, actor, at, mode)
     DO UPDATE SET fetched = fact.fetched OR excluded.fetched,
        reason = CASE WHEN fact.reason IS NULL OR {bytes excluded.reason} > {bytes fact.reason}
            THEN excluded.reason ELSE fact.reason END
     WHERE (excluded.fetched AND NOT fact.fetched)
        OR (excluded.reason IS NOT NULL
            AND (fact.reason IS NULL OR {bytes excluded.reason} > {bytes fact.reason}))
     RETURNING order_id",
);

/// Records acts of people, numbered after those of their order.
pub(super) static INSERT_ACTS: Statement = Statement::org(
    "apply.insert_acts",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, kind text, account_id bigint, key_id bigint, at bigint, note text})
     INSERT INTO act (org_id, order_id, number, kind, account_id, key_id, at, note)
     SELECT $1, v.order_id,
            1 + COALESCE((SELECT MAX(a.number) FROM act a WHERE a.org_id = $1 AND a.order_id = v.order_id), 0),
            v.kind, v.account_id, v.key_id, v.at, v.note
     FROM v WHERE true",
);

pub(super) static LOAD_FACTS: Statement = Statement::org(
    "apply.load_facts",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT f.order_id, f.about, f.reference, f.unit, f.status, f.actor, f.at, f.mode, f.fetched, f.reason
     FROM v {join} fact f ON f.org_id = $1 AND f.order_id = v.order_id",
);

pub(super) static LOAD_ACTS: Statement = Statement::org(
    "apply.load_acts",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT a.order_id, a.number, a.kind
     FROM v {join} act a ON a.org_id = $1 AND a.order_id = v.order_id",
);

pub(super) static LOAD_LINES: Statement = Statement::org(
    "apply.load_lines",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT l.order_id, l.line_key, l.id, l.position, l.channel_product_id, l.channel_sku, l.name,
            l.quantity, l.cancelled, l.live, l.unit_price, l.units, l.sku_id, l.components, l.gone
     FROM v {join} order_line l ON l.org_id = $1 AND l.order_id = v.order_id
     ORDER BY l.order_id, l.position",
);

pub(super) static LOAD_PACKAGES: Statement = Statement::org(
    "apply.load_packages",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT p.order_id, p.package_key, p.id, p.carrier, p.booking_code, p.awb, p.lines, p.stamp
     FROM v {join} package p ON p.org_id = $1 AND p.order_id = v.order_id",
);

pub(super) static LOAD_DOCUMENTS: Statement = Statement::org(
    "apply.load_documents",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT d.order_id, d.slot, d.id, d.kind, d.number, d.sales_order_number, d.state, d.created_at
     FROM v {join} document d ON d.org_id = $1 AND d.order_id = v.order_id",
);

pub(super) static LOAD_BUYER_STAMPS: Statement = Statement::org(
    "apply.load_buyer_stamps",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint})
     SELECT b.order_id, b.stamp
     FROM v {join} buyer b ON b.org_id = $1 AND b.order_id = v.order_id",
);

pub(super) static LOAD_FLOWS: Statement = Statement::org(
    "apply.load_flows",
    "WITH v AS MATERIALIZED ({rows $2: id bigint})
     SELECT f.id, f.body FROM v {join} flow_version f ON f.org_id = $1 AND f.id = v.id",
);

/// A listing's mapping; without one, the SKU of equal code. What a person unmapped stays unmapped.
pub(super) static LOAD_MAPPINGS: Statement = Statement::org(
    "apply.load_mappings",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, channel_product_id text, channel_sku text})
     SELECT v.shop_id, v.channel_product_id, v.channel_sku,
            CASE WHEN l.mapped_by = 'person' THEN l.sku_id ELSE COALESCE(l.sku_id, k.id) END AS sku_id
     FROM v
     LEFT JOIN listing l ON l.org_id = $1 AND l.shop_id = v.shop_id
        AND l.channel_product_id = v.channel_product_id
     LEFT JOIN sku k ON k.org_id = $1 AND k.code = v.channel_sku AND v.channel_sku <> ''",
);

pub(super) static LOAD_SOURCES: Statement = Statement::org(
    "apply.load_sources",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint})
     SELECT s.shop_id, s.warehouse_id, s.channel_warehouse
     FROM v {join} shop_source s ON s.org_id = $1 AND s.shop_id = v.shop_id
     ORDER BY s.shop_id, s.position",
);

/// Creates orders as they are judged. One that somebody else created meanwhile is left alone, which
/// the number of rows tells.
pub(super) static INSERT_ORDERS: Statement = Statement::org(
    "apply.insert_orders",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, channel_invoice text, flow_version_id bigint,
        channel_status text, status_about text, status_at bigint, document text, delivery text,
        payment text, cancelled text, returned text, bin boolean, tab text, attentions text,
        documented boolean, cancelled_by text, cancelled_reason text, currency text, goods bigint,
        shipping bigint, fees bigint, discount bigint, total bigint, ordered_at bigint,
        ship_by bigint, accept_by bigint, channel_warehouse text, carrier text, service text,
        sub_platform text, cash_on_delivery boolean, cancel_requested boolean, awb text, stamps text, sort_at bigint,
        due_at bigint, reread_until bigint, updated_at bigint,
        shop_id bigint, channel_order_id text, created_at bigint})
     INSERT INTO orders (org_id, shop_id, channel, channel_order_id, created_at,
        id, channel_invoice, flow_version_id, channel_status, status_about, status_at,
        document, delivery, payment, cancelled, returned, bin, tab, attentions, documented,
        cancelled_by, cancelled_reason, currency, goods, shipping, fees, discount, total,
        ordered_at, ship_by, accept_by, channel_warehouse, carrier, service, sub_platform,
        cash_on_delivery, cancel_requested, awb, stamps, sort_at, due_at, reread_until,
        updated_at)
     SELECT $1, v.shop_id, s.channel, v.channel_order_id, v.created_at,
        v.id, v.channel_invoice, v.flow_version_id, v.channel_status, v.status_about,
        v.status_at, v.document, v.delivery, v.payment, v.cancelled, v.returned, v.bin,
        v.tab, v.attentions, v.documented, v.cancelled_by, v.cancelled_reason, v.currency,
        v.goods, v.shipping, v.fees, v.discount, v.total, v.ordered_at, v.ship_by,
        v.accept_by, v.channel_warehouse, v.carrier, v.service, v.sub_platform,
        v.cash_on_delivery, v.cancel_requested, v.awb, v.stamps, v.sort_at, v.due_at, v.reread_until, v.updated_at
     FROM v {join} shop s ON s.org_id = $1 AND s.id = v.shop_id
     WHERE true
     ORDER BY v.shop_id, v.channel_order_id
     ON CONFLICT (org_id, shop_id, channel_order_id) DO NOTHING",
);

pub(super) static UPDATE_ORDERS: Statement = Statement::org(
    "apply.update_orders",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, channel_invoice text, flow_version_id bigint,
        channel_status text, status_about text, status_at bigint, document text, delivery text,
        payment text, cancelled text, returned text, bin boolean, tab text, attentions text,
        documented boolean, cancelled_by text, cancelled_reason text, currency text, goods bigint,
        shipping bigint, fees bigint, discount bigint, total bigint, ordered_at bigint,
        ship_by bigint, accept_by bigint, channel_warehouse text, carrier text, service text,
        sub_platform text, cash_on_delivery boolean, cancel_requested boolean, awb text, stamps text, sort_at bigint,
        due_at bigint, reread_until bigint, updated_at bigint})
     UPDATE orders SET channel_invoice = v.channel_invoice, flow_version_id = v.flow_version_id,
        channel_status = v.channel_status, status_about = v.status_about, status_at = v.status_at,
        document = v.document, delivery = v.delivery, payment = v.payment, cancelled = v.cancelled,
        returned = v.returned, bin = v.bin, tab = v.tab, attentions = v.attentions,
        documented = v.documented, cancelled_by = v.cancelled_by,
        cancelled_reason = v.cancelled_reason, currency = v.currency, goods = v.goods,
        shipping = v.shipping, fees = v.fees, discount = v.discount, total = v.total,
        ordered_at = v.ordered_at, ship_by = v.ship_by, accept_by = v.accept_by,
        channel_warehouse = v.channel_warehouse, carrier = v.carrier, service = v.service,
        sub_platform = v.sub_platform, cash_on_delivery = v.cash_on_delivery, cancel_requested = v.cancel_requested, awb = v.awb,
        stamps = v.stamps, sort_at = v.sort_at, due_at = v.due_at,
        reread_until = v.reread_until, updated_at = v.updated_at
     FROM v WHERE orders.org_id = $1 AND orders.id = v.id",
);

pub(super) static UPSERT_LINES: Statement = Statement::org(
    "apply.upsert_lines",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, line_key text, id bigint, position bigint,
        channel_product_id text, channel_sku text, name text, quantity bigint, cancelled bigint,
        live bigint, unit_price bigint, units text, sku_id bigint, components text, gone boolean})
     INSERT INTO order_line (org_id, order_id, line_key, id, position, channel_product_id,
        channel_sku, name, quantity, cancelled, live, unit_price, units, sku_id, components, gone)
     SELECT $1, order_id, line_key, id, position, channel_product_id, channel_sku, name, quantity,
        cancelled, live, unit_price, units, sku_id, components, gone
     FROM v WHERE true
     ON CONFLICT (org_id, order_id, line_key) DO UPDATE SET position = excluded.position,
        channel_product_id = excluded.channel_product_id, channel_sku = excluded.channel_sku,
        name = excluded.name, quantity = excluded.quantity, cancelled = excluded.cancelled,
        live = excluded.live, unit_price = excluded.unit_price, units = excluded.units,
        sku_id = excluded.sku_id, components = excluded.components, gone = excluded.gone",
);

pub(super) static UPSERT_PACKAGES: Statement = Statement::org(
    "apply.upsert_packages",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, package_key text, id bigint, carrier text,
        booking_code text, awb text, lines text, stamp text})
     INSERT INTO package (org_id, order_id, package_key, id, carrier, booking_code, awb, lines, stamp)
     SELECT $1, order_id, package_key, id, carrier, booking_code, awb, lines, stamp
     FROM v WHERE true
     ON CONFLICT (org_id, order_id, package_key) DO UPDATE SET carrier = excluded.carrier,
        booking_code = excluded.booking_code, awb = excluded.awb, lines = excluded.lines,
        stamp = excluded.stamp",
);

pub(super) static UPSERT_BUYERS: Statement = Statement::org(
    "apply.upsert_buyers",
    "WITH v AS MATERIALIZED ({rows $2+$3: order_id bigint, stamp text, sealed blob})
     INSERT INTO buyer (org_id, order_id, stamp, sealed)
     SELECT $1, order_id, stamp, sealed FROM v WHERE true
     ON CONFLICT (org_id, order_id) DO UPDATE SET stamp = excluded.stamp, sealed = excluded.sealed",
);

pub(super) static INSERT_TRANSITIONS: Statement = Statement::org(
    "apply.insert_transitions",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, id bigint, verb text, attention text,
        status text, mode text, act bigint, flow_version_id bigint, at bigint})
     INSERT INTO transition (org_id, order_id, id, verb, attention, status, mode, act,
        flow_version_id, at)
     SELECT $1, order_id, id, verb, attention, status, mode, act, flow_version_id, at FROM v",
);

pub(super) static INSERT_TERMS: Statement = Statement::org(
    "apply.insert_terms",
    "WITH v AS MATERIALIZED ({rows $2: term text, order_id bigint})
     INSERT INTO term (org_id, term, order_id) SELECT $1, term, order_id FROM v WHERE true
     ON CONFLICT (org_id, term, order_id) DO NOTHING",
);

pub(super) static FINISH_MESSAGES: Statement = Statement::org(
    "apply.finish_messages",
    "WITH v AS MATERIALIZED ({rows $2: id bigint, repeats bigint, state text, reason text,
        about text})
     UPDATE message SET state = v.state, reason = v.reason, about = v.about
     FROM v WHERE message.org_id = $1 AND message.id = v.id AND message.repeats = v.repeats",
);

pub(super) static ADD_TAB_COUNTS: Statement = Statement::org(
    "apply.add_tab_counts",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, tab text, orders bigint})
     INSERT INTO tab_count (org_id, shop_id, tab, orders)
     SELECT $1, shop_id, tab, orders FROM v WHERE true ORDER BY shop_id, tab
     ON CONFLICT (org_id, shop_id, tab) DO UPDATE SET orders = tab_count.orders + excluded.orders",
);

/// The same for each name of a channel that sells under several.
pub(super) static ADD_SUB_PLATFORM_COUNTS: Statement = Statement::org(
    "apply.add_sub_platform_counts",
    "WITH v AS MATERIALIZED ({rows $2: shop_id bigint, sub_platform text, tab text, orders bigint})
     INSERT INTO sub_platform_count (org_id, shop_id, sub_platform, tab, orders)
     SELECT $1, shop_id, sub_platform, tab, orders FROM v WHERE true
     ORDER BY shop_id, sub_platform, tab
     ON CONFLICT (org_id, shop_id, sub_platform, tab)
     DO UPDATE SET orders = sub_platform_count.orders + excluded.orders",
);

/// The last lock of every transaction: numbers for new documents and positions in the feed.
pub(crate) static TAKE_NUMBERS: Statement = Statement::org(
    "counter.take",
    "UPDATE counter SET feed = feed + $2, sales_order = sales_order + $3, invoice = invoice + $4,
        delivery = delivery + $5, payment = payment + $6
     WHERE org_id = $1 RETURNING feed, sales_order, invoice, delivery, payment",
);

pub(super) static UPSERT_DOCUMENTS: Statement = Statement::org(
    "apply.upsert_documents",
    "WITH v AS MATERIALIZED ({rows $2: order_id bigint, slot text, id bigint, kind text,
        number bigint, sales_order_number bigint, state text, created_at bigint, changed_at bigint})
     INSERT INTO document (org_id, order_id, slot, id, kind, number, sales_order_number, state,
        created_at, changed_at)
     SELECT $1, order_id, slot, id, kind, number, sales_order_number, state, created_at, changed_at
     FROM v WHERE true
     ON CONFLICT (org_id, order_id, slot) DO UPDATE SET kind = excluded.kind,
        number = excluded.number, sales_order_number = excluded.sales_order_number,
        state = excluded.state, changed_at = excluded.changed_at",
);

pub(crate) static INSERT_FEED: Statement = Statement::org(
    "feed.insert",
    "WITH v AS MATERIALIZED ({rows $2: position bigint, kind text, subject_id bigint, at bigint})
     INSERT INTO feed (org_id, position, kind, subject_id, at)
     SELECT $1, position, kind, subject_id, at FROM v",
);

statements![
    LOCK_ORDERS,
    LOAD_SHOPS,
    INSERT_FACTS,
    INSERT_ACTS,
    LOAD_FACTS,
    LOAD_ACTS,
    LOAD_LINES,
    LOAD_PACKAGES,
    LOAD_DOCUMENTS,
    LOAD_BUYER_STAMPS,
    LOAD_FLOWS,
    LOAD_MAPPINGS,
    LOAD_SOURCES,
    INSERT_ORDERS,
    UPDATE_ORDERS,
    UPSERT_LINES,
    UPSERT_PACKAGES,
    UPSERT_BUYERS,
    INSERT_TRANSITIONS,
    INSERT_TERMS,
    FINISH_MESSAGES,
    ADD_TAB_COUNTS,
    ADD_SUB_PLATFORM_COUNTS,
    TAKE_NUMBERS,
    UPSERT_DOCUMENTS,
    INSERT_FEED,
];
