-- Tables for the tests of the database layer only.
CREATE TABLE node (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) WITHOUT ROWID;

CREATE TABLE item (
  org_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  flag BOOLEAN NOT NULL,
  hash BLOB,
  at BIGINT,
  CONSTRAINT item_at CHECK (at >= 0),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name)
) WITHOUT ROWID;

CREATE TABLE part (
  org_id BIGINT NOT NULL,
  item_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (org_id, item_id, position),
  FOREIGN KEY (org_id, item_id) REFERENCES item (org_id, id)
) WITHOUT ROWID;

CREATE TABLE message (
  org_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  connection_id BIGINT NOT NULL,
  shop_id BIGINT,
  kind TEXT NOT NULL,
  dedupe BLOB NOT NULL,
  received_at BIGINT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL,
  repeats BIGINT NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, connection_id, dedupe)
);
