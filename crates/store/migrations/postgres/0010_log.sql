-- What a request was after: the channel's id of an order, or the window and page of a list; which try.
ALTER TABLE exchange ADD COLUMN about TEXT;
ALTER TABLE exchange ADD COLUMN window_from BIGINT;
ALTER TABLE exchange ADD COLUMN window_to BIGINT;
ALTER TABLE exchange ADD COLUMN page TEXT;
ALTER TABLE exchange ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;

-- Few requests go wrong: those are found without looking at the others.
CREATE INDEX exchange_wrong ON exchange (org_id, id) WHERE outcome <> 'ok';

-- The channel's id of the order that a message tells of, once it was read.
ALTER TABLE message ADD COLUMN about TEXT;

-- What only a person can tell.
CREATE INDEX command_person ON command (org_id, id) WHERE state = 'needs_person';
