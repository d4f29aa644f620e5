-- What channels are told of what is left: settings of shops and listings, what each listing is believed to
-- show, and every value that was sent.
ALTER TABLE shop ADD COLUMN push BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE listing ADD COLUMN push BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE listing ADD COLUMN told BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE listing ADD COLUMN percent BIGINT NOT NULL DEFAULT 100;
ALTER TABLE listing ADD COLUMN buffer BIGINT NOT NULL DEFAULT 0;
ALTER TABLE listing ADD COLUMN cap BIGINT;
ALTER TABLE listing ADD COLUMN published BIGINT;
ALTER TABLE listing ADD COLUMN pushed_at BIGINT;
ALTER TABLE listing ADD COLUMN counted_to BIGINT NOT NULL DEFAULT 0;

CREATE TABLE push (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    listing_id BIGINT NOT NULL,
    available BIGINT NOT NULL,
    believed BIGINT,
    value BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, listing_id) REFERENCES listing (org_id, id)
);
CREATE INDEX bundle_part ON bundle_component (org_id, sku_id, bundle_id);
CREATE INDEX listing_untold ON listing (org_id, shop_id, id) WHERE told AND published IS NULL;
CREATE INDEX push_listing ON push (org_id, listing_id, id);
CREATE INDEX push_shop ON push (org_id, shop_id, id);

ALTER TABLE push ENABLE ROW LEVEL SECURITY;
ALTER TABLE push FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON push USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);
