-- Who moved stock by hand: a person or a key of the API; neither = the command line, or an order did it.
ALTER TABLE movement ADD COLUMN account_id BIGINT;
ALTER TABLE movement ADD COLUMN key_id BIGINT;
