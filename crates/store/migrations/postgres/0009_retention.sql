-- What retention has removed so far of an org, kind by kind, and when it last did.
CREATE TABLE retention (
    org_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    removed BIGINT NOT NULL,
    ran_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, kind)
);

-- Orders whose buyer was erased because somebody asked: what comes again of that buyer is not kept.
CREATE TABLE erasure (
    org_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    channel_order_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    account_id BIGINT,
    key_id BIGINT,
    PRIMARY KEY (org_id, shop_id, channel_order_id),
    FOREIGN KEY (org_id, shop_id) REFERENCES shop (org_id, id)
);

-- Few exchanges keep an answer: those are found without looking at the others.
CREATE INDEX exchange_answered ON exchange (org_id, id) WHERE answer IS NOT NULL;

ALTER TABLE retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON retention USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);

ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON erasure USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);
