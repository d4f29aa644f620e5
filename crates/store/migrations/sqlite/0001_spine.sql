-- The directory: what must be unique across orgs. No row-level security; small; on Citus, reference tables.

CREATE TABLE org (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE account (
    id BIGINT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE membership (
    account_id BIGINT NOT NULL REFERENCES account (id),
    org BIGINT NOT NULL REFERENCES org (id),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, org)
);

CREATE TABLE webhook_route (
    route TEXT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    org BIGINT NOT NULL,
    connection_id BIGINT NOT NULL
);

CREATE TABLE shop_route (
    channel TEXT NOT NULL,
    channel_shop_id TEXT NOT NULL,
    org BIGINT NOT NULL,
    connection_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    PRIMARY KEY (channel, channel_shop_id)
);

CREATE TABLE node (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Org tables: every key begins with the org.

CREATE TABLE data_key (
    org_id BIGINT NOT NULL,
    month BIGINT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (org_id, month)
);

CREATE TABLE session (
    org_id BIGINT NOT NULL,
    token_hash TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, token_hash)
);

CREATE TABLE api_key (
    org_id BIGINT NOT NULL,
    token_hash TEXT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (org_id, token_hash)
);

CREATE TABLE audit (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    account_id BIGINT,
    at BIGINT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE counter (
    org_id BIGINT NOT NULL PRIMARY KEY,
    feed BIGINT NOT NULL DEFAULT 0,
    sales_order BIGINT NOT NULL DEFAULT 0,
    invoice BIGINT NOT NULL DEFAULT 0,
    delivery BIGINT NOT NULL DEFAULT 0,
    payment BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE connection (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    credentials BLOB NOT NULL,
    webhook_route TEXT NOT NULL,
    webhooks_at BIGINT,
    token BLOB,
    token_expires_at BIGINT,
    trouble TEXT,
    trouble_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE flow_version (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    shop_id BIGINT,
    preset TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT,
    PRIMARY KEY (org_id, id)
);

CREATE TABLE shop (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    connection_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    channel_shop_id TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    flow_version_id BIGINT NOT NULL,
    order_sync BOOLEAN NOT NULL,
    order_sync_from BIGINT,
    return_sync_from BIGINT,
    number_by_invoice BOOLEAN NOT NULL,
    paused BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, connection_id) REFERENCES connection (org_id, id),
    FOREIGN KEY (org_id, flow_version_id) REFERENCES flow_version (org_id, id)
);

CREATE TABLE warehouse (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX warehouse_name ON warehouse (org_id, name);

-- Where a shop's orders take stock from, in order; with the channel's own name of the warehouse.
CREATE TABLE shop_source (
    org_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    warehouse_id BIGINT NOT NULL,
    channel_warehouse TEXT,
    PRIMARY KEY (org_id, shop_id, position),
    FOREIGN KEY (org_id, shop_id) REFERENCES shop (org_id, id),
    FOREIGN KEY (org_id, warehouse_id) REFERENCES warehouse (org_id, id)
);

CREATE TABLE sku (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX sku_code ON sku (org_id, code);

CREATE TABLE bundle_component (
    org_id BIGINT NOT NULL,
    bundle_id BIGINT NOT NULL,
    sku_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (org_id, bundle_id, sku_id),
    FOREIGN KEY (org_id, bundle_id) REFERENCES sku (org_id, id),
    FOREIGN KEY (org_id, sku_id) REFERENCES sku (org_id, id)
);

CREATE TABLE listing (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    channel_product_id TEXT NOT NULL,
    channel_sku TEXT NOT NULL,
    name TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    channel_stock BIGINT,
    seen_at BIGINT NOT NULL,
    sku_id BIGINT,
    mapped_by TEXT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, shop_id) REFERENCES shop (org_id, id),
    FOREIGN KEY (org_id, sku_id) REFERENCES sku (org_id, id)
);
CREATE UNIQUE INDEX listing_product ON listing (org_id, shop_id, channel_product_id);
CREATE INDEX listing_sku ON listing (org_id, sku_id, id);
CREATE INDEX listing_unmapped ON listing (org_id, channel_sku) WHERE sku_id IS NULL;

-- The inbox: raw messages, sealed, once per content.
CREATE TABLE message (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    connection_id BIGINT NOT NULL,
    shop_id BIGINT,
    kind TEXT NOT NULL,
    modes BIGINT NOT NULL DEFAULT 1,
    fetched BOOLEAN NOT NULL DEFAULT FALSE,
    dedupe BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    repeats BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX message_dedupe ON message (org_id, connection_id, dedupe);
CREATE INDEX message_pending ON message (org_id, id) WHERE state = 'pending';
CREATE INDEX message_held ON message (org_id, shop_id, id) WHERE state = 'held';
CREATE INDEX message_dead ON message (org_id, id) WHERE state = 'dead';

-- The transmit log.
CREATE TABLE exchange (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    connection_id BIGINT NOT NULL,
    shop_id BIGINT,
    interface TEXT NOT NULL,
    request TEXT NOT NULL,
    status BIGINT,
    outcome TEXT NOT NULL,
    at BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    message_id BIGINT,
    answer BLOB,
    PRIMARY KEY (org_id, id)
);

-- Work that is wanted: marking raises the generation, done deletes only the generation that was taken.
CREATE TABLE dirty (
    org_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    scope_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    generation BIGINT NOT NULL,
    modes BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (org_id, kind, scope_id, subject)
);
CREATE INDEX dirty_due ON dirty (org_id, kind, due_at);

-- Who does a piece of work now; an answer is stored only under the epoch that claimed.
CREATE TABLE lease (
    org_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    holder BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (org_id, name)
);

-- Scheduled tasks, visible and editable.
CREATE TABLE task (
    org_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    interval_us BIGINT NOT NULL,
    paused BOOLEAN NOT NULL,
    next_run_at BIGINT NOT NULL,
    last_run_at BIGINT,
    cursor_at BIGINT,
    window_to BIGINT,
    page TEXT,
    outcome TEXT,
    succeeded BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, shop_id, kind),
    FOREIGN KEY (org_id, shop_id) REFERENCES shop (org_id, id)
);
CREATE INDEX task_due ON task (org_id, next_run_at);

-- Background work that a person asked for and instructions to channels.
CREATE TABLE job (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    queue TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    progress TEXT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX job_pending ON job (org_id, queue, subject) WHERE state = 'pending';
CREATE INDEX job_due ON job (org_id, run_at) WHERE state = 'pending';

CREATE TABLE orders (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    channel_order_id TEXT NOT NULL,
    channel_invoice TEXT,
    flow_version_id BIGINT NOT NULL,
    channel_status TEXT,
    status_about TEXT,
    status_at BIGINT,
    document TEXT NOT NULL DEFAULT 'none',
    delivery TEXT NOT NULL DEFAULT 'unsent',
    payment TEXT NOT NULL DEFAULT 'unpaid',
    cancelled TEXT NOT NULL DEFAULT 'no',
    returned TEXT NOT NULL DEFAULT 'none',
    bin BOOLEAN NOT NULL DEFAULT FALSE,
    tab TEXT,
    attentions TEXT NOT NULL DEFAULT '',
    documented BOOLEAN NOT NULL DEFAULT FALSE,
    cancelled_by TEXT,
    cancelled_reason TEXT,
    currency TEXT,
    goods BIGINT,
    shipping BIGINT,
    fees BIGINT,
    discount BIGINT,
    total BIGINT,
    ordered_at BIGINT,
    ship_by BIGINT,
    accept_by BIGINT,
    channel_warehouse TEXT,
    carrier TEXT,
    service TEXT,
    cash_on_delivery BOOLEAN NOT NULL DEFAULT FALSE,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    awb TEXT,
    stamps TEXT NOT NULL DEFAULT '{}',
    sort_at BIGINT NOT NULL DEFAULT 0,
    -- The deadline; without one, later than any: the greatest number less sort_at, so the newest first.
    due_at BIGINT NOT NULL DEFAULT 0,
    reread_until BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, shop_id) REFERENCES shop (org_id, id)
);
CREATE UNIQUE INDEX orders_channel_order ON orders (org_id, shop_id, channel_order_id);
CREATE INDEX orders_newest ON orders (org_id, sort_at, id);
CREATE INDEX orders_due ON orders (org_id, due_at, id);
CREATE INDEX orders_tab ON orders (org_id, tab, due_at, id);
-- Only these tabs have deadlines: in every other the soonest deadline first is the newest first.
CREATE INDEX orders_open ON orders (org_id, tab, sort_at, id) WHERE tab IN ('new_order', 'ready_to_ship');
CREATE INDEX orders_bin ON orders (org_id, sort_at, id) WHERE bin;
CREATE INDEX orders_action ON orders (org_id, sort_at, id) WHERE attentions <> '' OR tab IS NULL;
CREATE INDEX orders_action_due ON orders (org_id, due_at, id) WHERE attentions <> '' OR tab IS NULL;
CREATE INDEX orders_reread ON orders (org_id, shop_id, reread_until);

-- What channels said, append-only, each once. An absent reference, unit or actor is empty text; an absent time is 0.
CREATE TABLE fact (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    about TEXT NOT NULL,
    reference TEXT NOT NULL,
    unit TEXT NOT NULL,
    status TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    mode TEXT NOT NULL,
    fetched BOOLEAN NOT NULL,
    reason TEXT,
    message_id BIGINT,
    heard_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, order_id, about, reference, unit, status, actor, at, mode),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;

-- What people did, numbered within the order.
CREATE TABLE act (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    account_id BIGINT,
    at BIGINT NOT NULL,
    note TEXT,
    PRIMARY KEY (org_id, order_id, number),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;

CREATE TABLE order_line (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    line_key TEXT NOT NULL,
    id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    channel_product_id TEXT NOT NULL,
    channel_sku TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    cancelled BIGINT NOT NULL CHECK (cancelled >= 0),
    live BIGINT NOT NULL CHECK (live >= 0),
    unit_price BIGINT NOT NULL,
    units TEXT NOT NULL,
    sku_id BIGINT,
    components TEXT,
    gone BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, order_id, line_key),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;
CREATE INDEX order_line_unmapped ON order_line (org_id, channel_product_id) WHERE sku_id IS NULL;
CREATE INDEX order_line_unmapped_sku ON order_line (org_id, channel_sku) WHERE sku_id IS NULL;

CREATE TABLE package (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    package_key TEXT NOT NULL,
    id BIGINT NOT NULL,
    carrier TEXT NOT NULL,
    booking_code TEXT,
    awb TEXT,
    lines TEXT NOT NULL,
    stamp TEXT NOT NULL,
    PRIMARY KEY (org_id, order_id, package_key),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;

-- Who bought: sealed, away from the order, so that facts and documents outlive it.
CREATE TABLE buyer (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    stamp TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (org_id, order_id),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
);

-- slot: sale (a sales order that becomes an invoice), delivery, payment.
CREATE TABLE document (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    slot TEXT NOT NULL,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    sales_order_number BIGINT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, order_id, slot),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX document_number ON document (org_id, kind, number);
CREATE UNIQUE INDEX document_live_invoice ON document (org_id, order_id) WHERE kind = 'invoice' AND state = 'live';
CREATE UNIQUE INDEX document_open_sales_order ON document (org_id, order_id) WHERE kind = 'sales_order' AND state = 'live';

-- What changed, by the seeds' verbs, with the status that caused it.
CREATE TABLE transition (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    verb TEXT NOT NULL,
    attention TEXT,
    status TEXT,
    mode TEXT,
    act BIGINT,
    flow_version_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, order_id, id),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;

CREATE TABLE stock_level (
    org_id BIGINT NOT NULL,
    sku_id BIGINT NOT NULL,
    warehouse_id BIGINT NOT NULL,
    on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
    allocated BIGINT NOT NULL CHECK (allocated >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    reserved_unpaid BIGINT NOT NULL CHECK (reserved_unpaid >= 0 AND reserved_unpaid <= reserved),
    short BIGINT NOT NULL CHECK (short >= 0),
    version BIGINT NOT NULL,
    PRIMARY KEY (org_id, sku_id, warehouse_id),
    CHECK (on_hand - allocated - reserved >= 0),
    FOREIGN KEY (org_id, sku_id) REFERENCES sku (org_id, id),
    FOREIGN KEY (org_id, warehouse_id) REFERENCES warehouse (org_id, id)
) WITHOUT ROWID;

CREATE TABLE holding (
    org_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    line_id BIGINT NOT NULL,
    sku_id BIGINT NOT NULL,
    warehouse_id BIGINT NOT NULL,
    want BIGINT NOT NULL,
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    allocated BIGINT NOT NULL CHECK (allocated >= 0),
    sold BIGINT NOT NULL CHECK (sold >= 0),
    short BIGINT NOT NULL CHECK (short >= 0),
    found BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    buyer_paid BOOLEAN NOT NULL,
    ship_by BIGINT,
    PRIMARY KEY (org_id, order_id, line_id, sku_id, warehouse_id),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;
CREATE INDEX holding_held ON holding (org_id, sku_id, warehouse_id) WHERE reserved > 0 OR allocated > 0;
CREATE INDEX holding_open ON holding (org_id, sku_id, ship_by, line_id) WHERE want > reserved + allocated + sold;
CREATE INDEX holding_found ON holding (org_id, sku_id, warehouse_id) WHERE found > 0;

-- The stock ledger, append-only.
CREATE TABLE movement (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    sku_id BIGINT NOT NULL,
    warehouse_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    on_hand BIGINT NOT NULL,
    allocated BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    short BIGINT NOT NULL,
    order_id BIGINT,
    line_id BIGINT,
    revision BIGINT,
    note TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, sku_id, warehouse_id, id),
    FOREIGN KEY (org_id, sku_id, warehouse_id) REFERENCES stock_level (org_id, sku_id, warehouse_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX movement_revision ON movement (org_id, line_id, sku_id, warehouse_id, revision) WHERE line_id IS NOT NULL;

CREATE TABLE incident (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    sku_id BIGINT NOT NULL,
    warehouse_id BIGINT,
    kind TEXT NOT NULL,
    order_id BIGINT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX incident_sku ON incident (org_id, sku_id, id);
CREATE UNIQUE INDEX incident_open ON incident (org_id, sku_id, kind) WHERE closed_at IS NULL;

-- An attention that is not of one order: a gap in the pull of a shop, a channel in trouble.
CREATE TABLE notice (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX notice_open ON notice (org_id, shop_id, code, detail) WHERE closed_at IS NULL;

CREATE TABLE term (
    org_id BIGINT NOT NULL,
    term TEXT NOT NULL,
    order_id BIGINT NOT NULL,
    PRIMARY KEY (org_id, term, order_id),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
) WITHOUT ROWID;

CREATE TABLE tab_count (
    org_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    tab TEXT NOT NULL,
    orders BIGINT NOT NULL,
    PRIMARY KEY (org_id, shop_id, tab)
) WITHOUT ROWID;

-- The change feed: positions in commit order, without gaps.
CREATE TABLE feed (
    org_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, position)
) WITHOUT ROWID;

