-- What people download: asked, read and looked at first, applied when they agree. One row for each order
-- that is wanted, so that each has one result whatever happens on the way.
CREATE TABLE download (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    range_from BIGINT,
    range_to BIGINT,
    -- Where the list of the range goes on; none = it was read to its end, or there is none to read.
    list_from BIGINT,
    list_window_to BIGINT,
    list_page TEXT,
    trouble TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL DEFAULT 0,
    asked_by BIGINT,
    asked_key BIGINT,
    asked_at BIGINT NOT NULL,
    agreed_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, shop_id) REFERENCES shop (org_id, id)
);
CREATE INDEX download_open ON download (org_id, id) WHERE state IN ('reading', 'applying');

-- standing: 0 failed, 1 not found, 2 changed, 3 new, 4 the same, 5 not known yet. While the state is 'read'
-- it is what would become of the order, when it is 'done' what became of it.
CREATE TABLE download_order (
    org_id BIGINT NOT NULL,
    download_id BIGINT NOT NULL,
    channel_order_id TEXT NOT NULL,
    state TEXT NOT NULL,
    standing BIGINT NOT NULL,
    changes TEXT NOT NULL,
    message_id BIGINT,
    order_id BIGINT,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    code TEXT,
    reason TEXT,
    PRIMARY KEY (org_id, download_id, channel_order_id),
    FOREIGN KEY (org_id, download_id) REFERENCES download (org_id, id)
) WITHOUT ROWID;
CREATE INDEX download_order_work ON download_order (org_id, download_id, state, due_at);
CREATE INDEX download_order_standing ON download_order (org_id, download_id, standing, channel_order_id);
