-- Version 2: the audit log is chained and says what was done, and a secret knows where it may be
-- sent and which key sealed it. What needs keys is filled in when the registry is opened.

ALTER TABLE audit RENAME TO audit_1;
CREATE TABLE audit (
    seq         BIGINT NOT NULL PRIMARY KEY,
    revision    BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    subject     TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    address     TEXT,
    action      TEXT NOT NULL,
    access      TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail      TEXT,
    hash        TEXT NOT NULL
);
INSERT INTO audit (seq, revision, at, subject, key_id, address, action, access,
                   target_kind, target_id, outcome, detail, hash)
SELECT seq, revision, at, subject, key_id, address, '', access,
       target_kind, target_id, outcome, NULL, ''
FROM audit_1;
DROP TABLE audit_1;

CREATE TABLE audit_head (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL,
    seal TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash, seal) VALUES (1, 0, '', '');

ALTER TABLE secret RENAME TO secret_1;
CREATE TABLE secret (
    integration TEXT COLLATE "C" NOT NULL REFERENCES integration (name) ON DELETE CASCADE,
    resource    TEXT COLLATE "C" NOT NULL,
    path        TEXT COLLATE "C" NOT NULL,
    destination TEXT NOT NULL,
    seal_key    TEXT COLLATE "C" NOT NULL,
    sealed      TEXT NOT NULL,
    PRIMARY KEY (integration, resource, path)
);
INSERT INTO secret (integration, resource, path, destination, seal_key, sealed)
SELECT integration, resource, path, '', '', sealed FROM secret_1;
DROP TABLE secret_1;
CREATE INDEX secret_seal_key ON secret (seal_key);
