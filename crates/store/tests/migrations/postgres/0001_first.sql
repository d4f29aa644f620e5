-- Tables for the tests of the database layer only.
CREATE TABLE node (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE item (
  org_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  flag BOOLEAN NOT NULL,
  hash BYTEA,
  at BIGINT,
  CONSTRAINT item_at CHECK (at >= 0),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name)
);

CREATE TABLE part (
  org_id BIGINT NOT NULL,
  item_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (org_id, item_id, position),
  FOREIGN KEY (org_id, item_id) REFERENCES item (org_id, id)
);

CREATE TABLE message (
  org_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  connection_id BIGINT NOT NULL,
  shop_id BIGINT,
  kind TEXT NOT NULL,
  dedupe BYTEA NOT NULL,
  received_at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  state TEXT NOT NULL,
  repeats BIGINT NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, connection_id, dedupe)
);

ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE item FORCE ROW LEVEL SECURITY;
CREATE POLICY item_org ON item
  USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);

ALTER TABLE part ENABLE ROW LEVEL SECURITY;
ALTER TABLE part FORCE ROW LEVEL SECURITY;
CREATE POLICY part_org ON part
  USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);

ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
CREATE POLICY message_org ON message
  USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);
