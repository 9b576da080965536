-- Version 5: requests that are sent again.

-- Results of changes, kept for a day for requests that are sent again by `user_id` with the same
-- `key`; `request` is the keyed hash of the request, `sealed` the result, `seal_key` the key that
-- sealed it.
CREATE TABLE idempotency (
    user_id    TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    request    TEXT NOT NULL,
    seal_key   TEXT COLLATE "C" NOT NULL,
    sealed     TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_created_on ON idempotency (created_on);
CREATE INDEX idempotency_seal_key ON idempotency (seal_key);
