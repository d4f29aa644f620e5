-- A seller is being asked at the channel's page whether this hub may speak for the shop: what was entered
-- waits here, sealed, until the browser comes back with the state, once and in the session that asked.
CREATE TABLE consent (
    org_id BIGINT NOT NULL,
    state_hash TEXT NOT NULL,
    session_id BIGINT NOT NULL,
    connection_id BIGINT,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    credentials BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, state_hash),
    FOREIGN KEY (org_id, connection_id) REFERENCES connection (org_id, id)
);

CREATE INDEX consent_expiry ON consent (org_id, expires_at);

-- When a connection's token can no longer be renewed, so that the seller must be asked again.
ALTER TABLE connection ADD COLUMN renewable_until BIGINT;

ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent FORCE ROW LEVEL SECURITY;
CREATE POLICY org ON consent USING (org_id = nullif(current_setting('app.org_id', true), '')::bigint);
