-- What pgbench runs: the save of a resource that exists, drawn from all of them, and nothing else.
\set integration random(0, :integrations - 1)
\set resource random(0, :resources - 1)
\set version random(0, 999999)
INSERT INTO raw_resource (integration, name, description, enabled, configuration, max_tokens,
    frequency, created_by, created_on, updated_by, updated_on)
VALUES ('integration-' || lpad(:integration, 6, '0'), 'model-' || lpad(:resource, 3, '0'),
    'Updated model ' || lpad(:version, 6, '0') || ', for questions and answers', true,
    '{"temperature": 0.7, "endpoint": "https://models.example.com/v1/chat", "region": "eu-west-1"}',
    4096, 'daily', 'pgbench', 0, 'pgbench', 0)
ON CONFLICT (integration, name) DO UPDATE SET description = excluded.description,
    enabled = excluded.enabled, configuration = excluded.configuration,
    max_tokens = excluded.max_tokens, frequency = excluded.frequency,
    updated_by = excluded.updated_by, updated_on = excluded.updated_on;
