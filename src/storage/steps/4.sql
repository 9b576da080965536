-- Version 4: Arize's dialect.

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

-- What is there already is numbered from the oldest on.
INSERT INTO arize_integration (integration, number, namespace, name, resources, settings)
SELECT name, ROW_NUMBER() OVER (ORDER BY created_on, name),
       CASE
           WHEN LOWER(kind) IN ('openai', 'anthropic', 'google_gemini', 'vertex_ai_gemini',
                   'vertex_ai', 'aws_bedrock_anthropic', 'aws_bedrock_cohere',
                   'aws_bedrock_llama2', 'aws_bedrock_titan', 'azure_openai', 'litellm',
                   'custom_openai', 'nvidia_nim', 'fireworks', 'together_ai') THEN 'LLM'
           WHEN LOWER(kind) IN ('arize_agent', 'arize_evaluator') THEN 'AGENT'
           ELSE ''
       END,
       name, '[]', '{}'
FROM integration;
