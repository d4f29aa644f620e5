-- What people asked channels to do with orders; at most one pending for an order, package and kind.
CREATE TABLE command (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    package TEXT NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    run_at BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    asked_by BIGINT,
    asked_at BIGINT NOT NULL,
    sent_at BIGINT,
    ended_at BIGINT,
    code TEXT,
    answer TEXT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
);
CREATE UNIQUE INDEX command_pending ON command (org_id, order_id, package, kind) WHERE state IN ('waiting', 'sending', 'unknown');
CREATE INDEX command_due ON command (org_id, shop_id, run_at, id) WHERE state IN ('waiting', 'sending', 'unknown');
CREATE INDEX command_order ON command (org_id, order_id, id);
CREATE INDEX command_batch ON command (org_id, batch_id, state, id);

-- What a command brought to print, sealed: it names the buyer.
CREATE TABLE paper (
    org_id BIGINT NOT NULL,
    command_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    body BLOB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, command_id),
    FOREIGN KEY (org_id, order_id) REFERENCES orders (org_id, id)
);
CREATE INDEX paper_order ON paper (org_id, order_id, at);
