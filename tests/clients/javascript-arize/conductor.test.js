// One record, two dialects: what either client makes, changes or deletes, the other sees.

import assert from "node:assert/strict";
import { test } from "node:test";

import { each, model, provider } from "../javascript/podium.js";
import { NEW_SECRET, NOT_FOUND, NO_SUCH_NAME, SECRET, fresh, named, timeless } from "./arize.js";
import { LLM, PRESETS, ROLE, SCHEMA, URL_1, URL_2, agent, llm } from "./samples.js";

const NO_SUCH = /No such integration/;

/** A fresh server's clients, those of the other dialect among them. */
async function both(t) {
  const { conductor, ...arize } = await fresh(t);
  const { integrations } = conductor;
  return {
    ...arize,
    ...conductor,
    read: (name) => integrations.getIntegrationProvider(name),
    save: (name, type, configuration, changes = {}) =>
      integrations.saveIntegrationProvider(name, provider({ type, configuration, ...changes })),
    find: (integration, type = "LLM") => arize.getIntegration({ integration, type }),
  };
}

const VERTEX = { projectName: "models-1", environment: "us-central1" };
const IN_ROLE = { connectionType: "EXTERNAL_ROLE", roleArn: ROLE };

// What the newest client makes of each provider, as the other dialect shows it.
const SHOWN = {
  OPEN_AI: ["openai", {}],
  ANTHROPIC: ["anthropic", {}],
  GEMINI: ["google_gemini", {}],
  CUSTOM: ["custom_openai", { endpoint: URL_1 }],
  NVIDIA_NIM: ["nvidia_nim", { endpoint: URL_1 }],
  AWS_BEDROCK: ["aws_bedrock_anthropic", IN_ROLE],
  VERTEX_AI: ["vertex_ai_gemini", VERTEX],
};

for (const [name, [type, configuration]] of Object.entries(SHOWN)) {
  test(`${name} of the one dialect is ${type} of the other`, async (t) => {
    const { createIntegration, read, resolve, integrations, find } = await both(t);
    const made = await createIntegration(llm("main", name));
    const shown = await read("main");
    assert.deepEqual([shown.type, shown.category, shown.enabled], [type, "AI_MODEL", true]);
    assert.equal(shown.createTime, made.createdAt.getTime());
    assert.equal(`User:${shown.createdBy}`, atob(made.createdByUserId));
    const { apiKey } = llm("main", name).config;
    const stored = await resolve("main");
    assert.deepEqual(
      { ...stored, ...configuration, api_key: apiKey },
      { api_key: apiKey, ...stored },
    );
    const models = (await integrations.getIntegrationApis("main")).map(({ api }) => api);
    assert.deepEqual(models.sort(), made.config.modelNames ?? []);

    await integrations.deleteIntegrationProvider("main");
    await assert.rejects(find(made.id), NOT_FOUND);
    await assert.rejects(find("main"), NO_SUCH_NAME);
  });
}

for (const [modelName, type] of Object.entries({
  "anthropic.claude-v2:0": "aws_bedrock_anthropic",
  "cohere.command-r": "aws_bedrock_cohere",
  "meta.llama3-70b": "aws_bedrock_llama2",
  "amazon.titan-text": "aws_bedrock_titan",
  "another.model": "aws_bedrock_anthropic",
})) {
  test(`AWS_BEDROCK with ${modelName} is ${type}`, async (t) => {
    const { createIntegration, read, integrations } = await both(t);
    const { config } = llm("main", "AWS_BEDROCK");
    await createIntegration({ ...llm("main"), config: { ...config, modelNames: [modelName] } });
    assert.equal((await read("main")).type, type);
    assert.equal((await integrations.getIntegrationApi("main", modelName)).enabled, true);
  });
}

const key = { api_key: SECRET };
const called = { isFunctionCallingEnabled: true };
const keyed = { hasApiKey: true, ...called };
const hosted = { baseUrl: URL_1, headerNames: [], isDefaultModelsEnabled: false };
const bedrock = {
  provider: "AWS_BEDROCK",
  isDefaultModelsEnabled: false,
  auth: { authType: "DEFAULT", roleArn: ROLE, externalId: null, baseUrl: null },
};
const vertex = { projectId: "models-1", location: "us-central1" };

// What the other dialect makes, as the newest client shows it. Models go to those who have some.
const SEEN = [
  ["openai", key, { provider: "OPEN_AI", ...keyed }],
  ["anthropic", key, { provider: "ANTHROPIC", ...keyed }],
  ["google_gemini", {}, { provider: "GEMINI", ...keyed, hasApiKey: false }],
  [
    "custom_openai",
    { ...key, endpoint: URL_1 },
    { provider: "CUSTOM", ...keyed, ...hosted },
    ["m-1"],
  ],
  [
    "nvidia_nim",
    { endpoint: URL_1 },
    { provider: "NVIDIA_NIM", ...keyed, ...hosted, hasApiKey: false },
    [],
  ],
  ["nvidia_nim", key, { provider: "NVIDIA_NIM", ...keyed, ...hosted, baseUrl: null }, ["m-1"]],
  ...["anthropic", "cohere", "llama2", "titan"].map((family) => [
    `aws_bedrock_${family}`,
    IN_ROLE,
    bedrock,
    ["m-1"],
  ]),
];

for (const [type, configuration, config, models] of SEEN) {
  test(`${type} of ${Object.keys(configuration)} is read as ${config.provider}`, async (t) => {
    const { save, find, integrations, read, listIntegrations, deleteIntegration } = await both(t);
    await save("main", type, configuration);
    for (const name of models ?? []) await integrations.saveIntegrationApi("main", name, model());
    const found = await find("main");
    assert.deepEqual(found.config, models ? { ...config, modelNames: models } : config);
    assert.equal(found.createdAt.getTime(), (await read("main")).createTime);
    assert.deepEqual((await listIntegrations({})).data, [found]);
    await deleteIntegration({ integration: found.id });
    await assert.rejects(read("main"), NO_SUCH);
  });
}

for (const type of ["vertex_ai", "vertex_ai_gemini"]) {
  test(`${type} is read as VERTEX_AI and stays what it is`, async (t) => {
    const { save, find, read, updateIntegration } = await both(t);
    await save("main", type, VERTEX);
    const { projectAccessLabel, ...config } = (await find("main")).config;
    assert.deepEqual(config, { provider: "VERTEX_AI", ...vertex });
    assert.equal(typeof projectAccessLabel, "string");
    const update = { provider: "VERTEX_AI", location: "eu", projectAccessLabel: "team" };
    await updateIntegration({ integration: "main", type: "LLM", config: update });
    assert.equal((await read("main")).type, type);
    assert.deepEqual((await read("main")).configuration, { ...VERTEX, environment: "eu" });
  });
}

test("what one dialect writes back, the other has not lost", async (t) => {
  const { createIntegration, find, read, resolve, integrations } = await both(t);
  for (const { title, config } of LLM) {
    const name = `main ${title}`;
    const made = await createIntegration({ type: "LLM", name, config });
    const stored = await resolve(name);
    const shown = { ...(await read(name)), description: "edited" };
    await integrations.saveIntegrationProvider(name, shown);
    assert.deepEqual(timeless(await find(made.id)), timeless(made));
    assert.deepEqual(await resolve(name), stored);
    assert.equal((await read(name)).description, "edited");
  }
});

test("an agent is an API of the other dialect", async (t) => {
  const { createIntegration, read, find, integrations } = await both(t);
  const requestPresets = PRESETS;
  const made = await createIntegration(
    agent("main", { headers: { Authorization: SECRET }, requestPresets }),
  );
  const shown = await read("main");
  assert.deepEqual([shown.type, shown.category], ["arize_agent", "API"]);
  assert.equal(shown.configuration.endpoint, "https://agent.example/run");
  assert.deepEqual(JSON.parse(shown.configuration.inputSchema), SCHEMA);
  const preset = await integrations.getIntegrationApi("main", "greeting");
  assert.deepEqual(preset.configuration, PRESETS[0].config);
  assert.equal(preset.description, PRESETS[0].description);
  await integrations.saveIntegrationProvider("main", { ...shown, description: "edited" });
  const edited = await find(made.id);
  assert.deepEqual(timeless(edited), timeless({ ...made, description: "edited" }));
});

test("an agent of the other dialect is read once it is complete", async (t) => {
  const { save, find, integrations, listIntegrations } = await both(t);
  const api = { category: "API" };
  await save("main", "arize_agent", { endpoint: URL_1, inputSchema: JSON.stringify(SCHEMA) }, api);
  const greeting = model({ description: "hello", configuration: { input: "hello" } });
  await integrations.saveIntegrationApi("main", "greeting", greeting);
  const { config, type, description } = await find("main", "AGENT");
  assert.deepEqual([type, description], ["AGENT", "team account"]);
  const [{ id, createdAt, updatedAt, ...preset }] = config.requestPresets;
  assert.deepEqual(preset, { name: "greeting", description: "hello", config: { input: "hello" } });
  assert.ok(id && createdAt.getTime() && updatedAt.getTime());
  assert.deepEqual(
    { ...config, requestPresets: [] },
    { endpoint: URL_1, hasHeaders: false, inputSchema: SCHEMA, requestPresets: [] },
  );
  assert.deepEqual(named((await listIntegrations({ type: "AGENT" })).data), ["main"]);
});

test("what lacks a part that the client needs is left out until it has it", async (t) => {
  const { save, find, listIntegrations, listAiIntegrations } = await both(t);
  for (const [name, type, complete] of [
    ["custom", "custom_openai", { endpoint: URL_1 }],
    ["vertex", "vertex_ai", VERTEX],
  ]) {
    await save(name, type, {});
    await assert.rejects(find(name), NO_SUCH_NAME);
    const { data } = await listAiIntegrations({ name });
    assert.deepEqual(named(data), [name]);
    await assert.rejects(find(data[0].id), NOT_FOUND);
    await save(name, type, complete);
    assert.equal((await find(name)).id, data[0].id);
  }
  assert.deepEqual(named((await listIntegrations({})).data), ["vertex", "custom"]);
});

test("models are replaced by name, and keep what else is known of them", async (t) => {
  const { createIntegration, updateIntegration, integrations } = await both(t);
  const made = await createIntegration(llm("main", "CUSTOM"));
  const update = async (...modelNames) => {
    const config = { provider: "CUSTOM", modelNames };
    const change = { integration: made.id, type: "LLM", config };
    return (await updateIntegration(change)).config.modelNames;
  };
  const read = (name) => integrations.getIntegrationApi("main", name);
  const save = (name, changes) =>
    integrations.saveIntegrationApi("main", name, model({ maxTokens: 9, ...changes }));
  await save("m-1", {});
  await save("asleep", { enabled: false });
  assert.deepEqual(await update("m-3", "m-1"), ["m-3", "m-1"]);
  assert.deepEqual([(await read("m-1")).description, (await read("m-1")).maxTokens], ["chat", 9]);
  assert.equal((await read("m-3")).enabled, true);
  await assert.rejects(read("m-2"), /No such/);
  assert.equal((await read("asleep")).enabled, false);

  assert.deepEqual(await update("asleep"), ["asleep"]);
  assert.deepEqual([(await read("asleep")).enabled, (await read("asleep")).maxTokens], [true, 9]);
  assert.deepEqual(each(await integrations.getIntegrationApis("main"), "api"), ["asleep"]);
});

test("a key that one dialect changes is the key of the other", async (t) => {
  const { createIntegration, updateIntegration, save, find, resolve, read } = await both(t);
  const made = await createIntegration(llm("main"));
  await save("main", "openai", {});
  assert.equal((await find("main")).config.hasApiKey, false);
  await save("main", "openai", { api_key: NEW_SECRET });
  assert.equal((await find("main")).config.hasApiKey, true);
  const clear = { provider: "OPEN_AI", apiKey: null };
  await updateIntegration({ integration: made.id, type: "LLM", config: clear });
  assert.deepEqual((await read("main")).configuration, {});
  assert.equal((await resolve("main")).api_key, undefined);
});

test("an address that one dialect changes is the address of the other", async (t) => {
  const { createIntegration, save, find } = await both(t);
  await createIntegration(
    llm("main", "CUSTOM", {
      config: {
        provider: "CUSTOM",
        baseUrl: URL_1,
        modelNames: ["m-1"],
      },
    }),
  );
  await save("main", "custom_openai", { endpoint: URL_2 });
  assert.equal((await find("main")).config.baseUrl, URL_2);
});

test("a disabled integration is read like any other", async (t) => {
  const { save, find, listIntegrations } = await both(t);
  await save("main", "openai", key, { enabled: false });
  assert.deepEqual((await listIntegrations({})).data, [await find("main")]);
});
