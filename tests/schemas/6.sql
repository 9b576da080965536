-- The whole current schema of Podium, for SQLite and PostgreSQL alike.
--
-- Portable SQL only: TEXT, BIGINT and BOOLEAN; times are epoch milliseconds that the program
-- passes in; ids are names or UUIDv7; JSON is text and never queried inside; writes use
-- ON CONFLICT … DO UPDATE. Every TEXT that is compared or ordered is COLLATE "C", the order of
-- its bytes; SQLite has no other order, so its driver leaves these words out.
--
-- A change here goes together with a step in src/storage/migrate.rs.

-- One row a key of the server itself, sealed: what signs tokens, what hashes access keys.
CREATE TABLE server_key (
    purpose    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    id         TEXT NOT NULL,
    sealed     TEXT NOT NULL,
    created_on BIGINT NOT NULL
);

-- The revision: the number of the latest committed change, and how many of all changes were narrow:
-- they moved nothing beside the one thing that their records name.
CREATE TABLE revision (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    narrow BIGINT NOT NULL DEFAULT 0
);
INSERT INTO revision (id, number) VALUES (1, 0);

-- What was done (with its revision), and what was refused or failed (at the revision of the time).
-- `detail` is JSON; `hash` is keyed and covers the record and the hash before it.
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

-- The end of the log: the last record's place and hash, and the keyed hash of both.
CREATE TABLE audit_head (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL,
    seal TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash, seal) VALUES (1, 0, '', '');

CREATE TABLE application (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_on BIGINT NOT NULL
);

-- The secret itself is not here, only its keyed hash.
CREATE TABLE access_key (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application_id TEXT COLLATE "C" NOT NULL REFERENCES application (id) ON DELETE CASCADE,
    secret_hash    TEXT NOT NULL,
    active         BOOLEAN NOT NULL,
    created_on     BIGINT NOT NULL,
    expires_on     BIGINT,
    last_used_on   BIGINT
);
CREATE INDEX access_key_application ON access_key (application_id);

-- Failed sign-ins with one key id from one address, since `since`.
CREATE TABLE sign_in_failure (
    key_id  TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    since   BIGINT NOT NULL,
    count   BIGINT NOT NULL,
    PRIMARY KEY (address, key_id)
);
CREATE INDEX sign_in_failure_since ON sign_in_failure (since);

-- People; `id` is in lower case. An application is the user `app:<application id>` without a row.
CREATE TABLE user_account (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uuid       TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_on BIGINT NOT NULL
);

-- `default_access` is JSON: what members may do to things of the orchestrator.
CREATE TABLE user_group (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    description    TEXT NOT NULL,
    default_access TEXT NOT NULL,
    created_by     TEXT NOT NULL,
    created_on     BIGINT NOT NULL,
    updated_by     TEXT NOT NULL,
    updated_on     BIGINT NOT NULL
);

CREATE TABLE group_member (
    user_id  TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_member_group ON group_member (group_id);

-- Roles that administrators made; `permissions` is a JSON list of names.
CREATE TABLE custom_role (
    name        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    permissions TEXT NOT NULL
);

-- The roles of a subject: of a `USER` (also an application's), or of a `GROUP`.
CREATE TABLE subject_role (
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id   TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, role)
);
CREATE INDEX subject_role_role ON subject_role (role, subject_kind, subject_id);

-- What a subject (a `USER`, a `GROUP`, or with `ROLE` whoever has it) may do to one thing, or with
-- the target kind `TAG` to whatever carries it, beside what roles give.
CREATE TABLE access_grant (
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id   TEXT COLLATE "C" NOT NULL,
    target_kind  TEXT COLLATE "C" NOT NULL,
    target_id    TEXT COLLATE "C" NOT NULL,
    access       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, target_kind, target_id, access)
);
CREATE INDEX access_grant_target ON access_grant (target_kind, target_id);

-- Definitions registered beside the built-in catalogue; `kind` is in lower case.
CREATE TABLE definition (
    kind TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

-- `configuration` is the JSON that everyone with READ may see: its secrets are masked here and
-- sealed in `secret`.
CREATE TABLE integration (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind          TEXT NOT NULL,
    category      TEXT NOT NULL,
    description   TEXT,
    enabled       BOOLEAN NOT NULL,
    configuration TEXT NOT NULL,
    created_by    TEXT NOT NULL,
    created_on    BIGINT NOT NULL,
    updated_by    TEXT NOT NULL,
    updated_on    BIGINT NOT NULL
);

CREATE TABLE resource (
    integration   TEXT COLLATE "C" NOT NULL REFERENCES integration (name) ON DELETE CASCADE,
    name          TEXT COLLATE "C" NOT NULL,
    description   TEXT,
    enabled       BOOLEAN NOT NULL,
    configuration TEXT NOT NULL,
    max_tokens    BIGINT,
    frequency     TEXT,
    created_by    TEXT NOT NULL,
    created_on    BIGINT NOT NULL,
    updated_by    TEXT NOT NULL,
    updated_on    BIGINT NOT NULL,
    PRIMARY KEY (integration, name)
);

-- The secrets of an integration (`resource` is empty) or of one of its resources; `path` is the
-- JSON Pointer of the value in the configuration, `destination` the hash of where it may be sent,
-- `seal_key` the key that sealed it.
CREATE TABLE secret (
    integration TEXT COLLATE "C" NOT NULL REFERENCES integration (name) ON DELETE CASCADE,
    resource    TEXT COLLATE "C" NOT NULL,
    path        TEXT COLLATE "C" NOT NULL,
    destination TEXT NOT NULL,
    seal_key    TEXT COLLATE "C" NOT NULL,
    sealed      TEXT NOT NULL,
    PRIMARY KEY (integration, resource, path)
);
CREATE INDEX secret_seal_key ON secret (seal_key);

-- The tags of anything; `kind` is what the client sent as the tag's deprecated type.
CREATE TABLE tag (
    target_kind TEXT COLLATE "C" NOT NULL,
    target_id   TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    kind        TEXT,
    PRIMARY KEY (target_kind, target_id, key, value)
);
CREATE INDEX tag_key ON tag (key, value);

-- Tokens used, summed up by resource and day.
CREATE TABLE token_usage (
    integration TEXT COLLATE "C" NOT NULL REFERENCES integration (name) ON DELETE CASCADE,
    resource    TEXT COLLATE "C" NOT NULL,
    day         BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    PRIMARY KEY (integration, resource, day)
);

CREATE TABLE token_limit (
    integration TEXT COLLATE "C" NOT NULL PRIMARY KEY
        REFERENCES integration (name) ON DELETE CASCADE,
    resource    TEXT,
    max_tokens  BIGINT NOT NULL,
    period      TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_on  BIGINT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_on  BIGINT NOT NULL
);

-- Events that workers report, counted by day.
CREATE TABLE event_count (
    kind      TEXT COLLATE "C" NOT NULL,
    event     TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    handler   TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL,
    total     BIGINT NOT NULL,
    PRIMARY KEY (kind, event, direction, handler, day)
);

-- Workflow definitions, kept for grants and tags to speak of; this server runs none.
CREATE TABLE workflow_definition (
    name    TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (name, version)
);

-- Versions of prompts. `settings` is JSON: how models are asked.
CREATE TABLE prompt (
    name        TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    description TEXT NOT NULL,
    template    TEXT NOT NULL,
    settings    TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_on  BIGINT NOT NULL,
    updated_by  TEXT NOT NULL,
    updated_on  BIGINT NOT NULL,
    PRIMARY KEY (name, version)
);

-- The models that a version of a prompt is for, whether they are registered or not.
CREATE TABLE prompt_model (
    prompt      TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    integration TEXT COLLATE "C" NOT NULL,
    model       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (prompt, version, integration, model),
    FOREIGN KEY (prompt, version) REFERENCES prompt (name, version) ON DELETE CASCADE
);
CREATE INDEX prompt_model_model ON prompt_model (integration, model);

-- Names that point at a version of a prompt.
CREATE TABLE prompt_label (
    prompt     TEXT COLLATE "C" NOT NULL,
    label      TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_on BIGINT NOT NULL,
    PRIMARY KEY (prompt, label),
    FOREIGN KEY (prompt, version) REFERENCES prompt (name, version) ON DELETE CASCADE
);

-- Organizations and spaces, by the number in their ids.
CREATE TABLE organization (
    number     BIGINT NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    created_by TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_on BIGINT NOT NULL
);
CREATE UNIQUE INDEX organization_name ON organization (name);

CREATE TABLE space (
    number       BIGINT NOT NULL PRIMARY KEY,
    organization BIGINT NOT NULL REFERENCES organization (number),
    name         TEXT COLLATE "C" NOT NULL,
    created_by   TEXT NOT NULL,
    created_on   BIGINT NOT NULL,
    updated_by   TEXT NOT NULL,
    updated_on   BIGINT NOT NULL
);
CREATE UNIQUE INDEX space_name ON space (organization, name);

-- What Arize's dialect knows of every integration beside its row in `integration`: the number in
-- its id, its name among those of its namespace, the order that the names of its resources were
-- given in, and what has no place in the configuration. `resources` and `settings` are JSON; the
-- secrets of these are masked here and sealed in `secret`.
CREATE TABLE arize_integration (
    integration TEXT COLLATE "C" NOT NULL PRIMARY KEY
        REFERENCES integration (name) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    namespace   TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    resources   TEXT NOT NULL,
    settings    TEXT NOT NULL
);
CREATE UNIQUE INDEX arize_integration_number ON arize_integration (number);
CREATE UNIQUE INDEX arize_integration_name ON arize_integration (namespace, name);

-- Where an integration is seen in Arize's dialect; everywhere if nothing is said.
CREATE TABLE scoping (
    integration  TEXT COLLATE "C" NOT NULL REFERENCES integration (name) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    organization BIGINT NOT NULL REFERENCES organization (number),
    space        BIGINT REFERENCES space (number),
    PRIMARY KEY (integration, position)
);
CREATE INDEX scoping_organization ON scoping (organization);
CREATE INDEX scoping_space ON scoping (space);

-- Former names of integrations, which still lead to them.
CREATE TABLE integration_alias (
    alias       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    integration TEXT COLLATE "C" NOT NULL REFERENCES integration (name) ON DELETE CASCADE
);
CREATE INDEX integration_alias_integration ON integration_alias (integration);

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
