-- What a program did, by its key of the API.
ALTER TABLE act ADD COLUMN key_id BIGINT;
