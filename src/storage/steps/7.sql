-- Version 7: the age of seal keys.

-- The keys that have sealed secrets, and since when each is known. The keys themselves are not here.
CREATE TABLE seal_key (
    id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);
