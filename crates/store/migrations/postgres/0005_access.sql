-- People of an org: their role, what of it they may see, their second factor. Ids are separated by
-- spaces; null = all. The secret of the second factor counts once it was confirmed.
CREATE TABLE member (
    org_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    shops TEXT,
    warehouses TEXT,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    totp BYTEA,
    totp_since BIGINT,
    totp_step BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, account_id)
);
INSERT INTO member (org_id, account_id, role, created_at)
SELECT m.org, m.account_id, m.role, a.created_at FROM membership m JOIN account a ON a.id = m.account_id;
ALTER TABLE membership DROP COLUMN role;

-- What lets a person in once when their device is gone; only hashes.
CREATE TABLE recovery_code (
    org_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    code_hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (org_id, account_id, code_hash)
);

-- Links with which people set their password, once.
CREATE TABLE invitation (
    org_id BIGINT NOT NULL,
    token_hash TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, token_hash)
);
CREATE INDEX invitation_account ON invitation (org_id, account_id);

-- A session that is pending waits for the second factor, and lets nobody in.
ALTER TABLE session ADD COLUMN id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN pending BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX session_account ON session (org_id, account_id, id);
CREATE INDEX session_expires ON session (org_id, expires_at);

ALTER TABLE api_key ADD COLUMN shops TEXT;
ALTER TABLE api_key ADD COLUMN warehouses TEXT;
ALTER TABLE api_key ADD COLUMN created_by BIGINT;
ALTER TABLE api_key ADD COLUMN seen_at BIGINT;

-- Who did what: by whom, what, and on what.
ALTER TABLE audit ADD COLUMN key_id BIGINT;
CREATE INDEX audit_account ON audit (org_id, account_id, id);
CREATE INDEX audit_act ON audit (org_id, act, id);
CREATE INDEX audit_subject ON audit (org_id, subject, id);
CREATE INDEX shop_source_warehouse ON shop_source (org_id, warehouse_id, shop_id);

ALTER TABLE member ENABLE ROW LEVEL SECURITY;
ALTER TABLE member FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON member USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);

ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON recovery_code USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);

ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON invitation USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);
