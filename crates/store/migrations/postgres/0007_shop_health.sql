-- A shop that was disconnected keeps its documents; nothing of it is asked or heard any more.
ALTER TABLE shop ADD COLUMN disconnected_at BIGINT;

-- How often a shop is heard, and what comes of asking for it: read by the pages of shops.
CREATE INDEX message_heard ON message (org_id, shop_id, received_at) WHERE NOT fetched;
CREATE INDEX exchange_shop ON exchange (org_id, shop_id, at, outcome);
