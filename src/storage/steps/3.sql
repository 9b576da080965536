-- Version 3: prompts.

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
