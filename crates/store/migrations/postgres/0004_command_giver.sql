-- Which key of the API gave a command, and why a rule refused it, in words of any language.
ALTER TABLE command ADD COLUMN asked_key BIGINT;
ALTER TABLE command ADD COLUMN refusal TEXT;

-- What a request with an Idempotency-Key came to, for a day: the same again gives the same.
CREATE TABLE idempotency (
    org_id BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (org_id, key_id, idempotency_key)
);
CREATE INDEX idempotency_at ON idempotency (org_id, at);

ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON idempotency USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);
