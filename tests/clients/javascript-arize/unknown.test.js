// Records that a client does not know: they are hidden from it, and break none of its lists.

import assert from "node:assert/strict";
import { test } from "node:test";

import { provider } from "../javascript/podium.js";
import { NOT_FOUND, NO_SUCH_NAME, RELEASES, SECRET, UNPROCESSABLE } from "./arize.js";
import { calls, fresh, named, pages } from "./arize.js";
import { SCHEMA, URL_1, agent, llm } from "./samples.js";

/** What a newer client would send of the type LLM. */
const newer = (name, config) => ({ type: "LLM", name, config });

const keyed = { api_key: SECRET };
const oauth = {
  auth_type: "OAUTH2_CLIENT_CREDENTIALS",
  token_url: "https://login.example/token",
  client_id: "podium",
  client_secret: SECRET,
};

const NEWER = [
  newer("litellm", { provider: "LITELLM", base_url: URL_1, ...keyed }),
  newer("fireworks", { provider: "FIREWORKS", ...keyed }),
  newer("together", { provider: "TOGETHER_AI", ...keyed }),
  {
    type: "EVALUATOR",
    name: "evaluator",
    config: { endpoint: URL_1, input_schema: SCHEMA },
  },
];

/** A fresh server with what the newest client knows, and as much between that it does not. */
async function mixed(t) {
  const arize = await fresh(t);
  const { createIntegration, createAiIntegration, conductor, wire } = arize;
  const hidden = [];
  const add = async (record) => hidden.push(await wire("POST", "/v2/integrations", record));
  await add(NEWER[0]);
  await createIntegration(llm("one"));
  await add(NEWER[1]);
  await add(NEWER[2]);
  await createIntegration(agent("two"));
  await add(NEWER[3]);
  for (const type of ["cohere", "mistral", "ollama"]) {
    await conductor.integrations.saveIntegrationProvider(type, provider({ type }));
  }
  const index = { type: "pineconedb", category: "VECTOR_DB" };
  await conductor.integrations.saveIntegrationProvider("index", provider(index));
  await createAiIntegration({ name: "azure", provider: "AZURE_OPEN_AI", baseUrl: URL_1 });
  await createIntegration(llm("three", "NVIDIA_NIM"));
  return { ...arize, hidden };
}

test("the newest client lists what it knows, page by page", async (t) => {
  const { listIntegrations, hidden } = await mixed(t);
  assert.equal(hidden.length, NEWER.length);
  for (const limit of [1, 2, 50]) {
    const found = await pages(listIntegrations, { limit });
    assert.deepEqual(named(found.flat()), ["three", "two", "one"]);
    assert.equal(found.length, Math.ceil(3 / limit));
  }
  assert.deepEqual(named((await listIntegrations({ type: "LLM" })).data), ["three", "one"]);
  assert.deepEqual(named((await listIntegrations({ type: "AGENT" })).data), ["two"]);
  assert.deepEqual((await listIntegrations({ name: "litellm" })).data, []);
});

test("the newest client does not find what it does not know", async (t) => {
  const { getIntegration, updateIntegration, deleteIntegration, hidden, wire } = await mixed(t);
  for (const { id, name } of hidden) {
    await assert.rejects(getIntegration({ integration: id }), NOT_FOUND);
    await assert.rejects(deleteIntegration({ integration: id }), NOT_FOUND);
    const update = { integration: id, type: "LLM", name: "new" };
    await assert.rejects(updateIntegration(update), NOT_FOUND);
    const byName = { integration: name, type: "LLM" };
    await assert.rejects(getIntegration(byName), NO_SUCH_NAME);
    assert.equal((await wire("GET", `/v2/integrations/${encodeURIComponent(id)}`)).name, name);
  }
});

for (const [name, release] of Object.entries(RELEASES)) {
  test(`the older family, as ${name} speaks it, lists what that release knows`, async (t) => {
    const { server, hidden } = await mixed(t);
    const older = calls(server, { release });
    for (const limit of [1, 2, 50]) {
      const found = await pages(older.listAiIntegrations, { limit });
      assert.deepEqual(named(found.flat()), ["three", "azure", "one"]);
      assert.equal(found.length, Math.ceil(3 / limit));
    }
    for (const { id } of hidden) {
      await assert.rejects(older.getAiIntegration({ integration: id }), NOT_FOUND);
      await assert.rejects(older.deleteAiIntegration({ integration: id }), NOT_FOUND);
    }
  });
}

test("a name of what is hidden is taken all the same", async (t) => {
  const { createIntegration, createAiIntegration } = await mixed(t);
  const taken = { name: "APIError", statusCode: 409 };
  await assert.rejects(createIntegration(llm("litellm")), taken);
  await assert.rejects(createIntegration(agent("evaluator")), taken);
  const older = { name: "fireworks", provider: "OPEN_AI" };
  await assert.rejects(createAiIntegration(older), taken);
});

test("AZURE_OPEN_AI has no place in the newer family", async (t) => {
  const { listAiIntegrations, getIntegration, createIntegration } = await mixed(t);
  const [{ id }] = (await listAiIntegrations({ name: "azure" })).data;
  await assert.rejects(getIntegration({ integration: id }), NOT_FOUND);
  await assert.rejects(createIntegration(llm("azure")), { statusCode: 409 });
});

test("a way to sign in that the client does not know hides nothing", async (t) => {
  const { wire, getIntegration, updateIntegration } = await fresh(t);
  const config = { provider: "CUSTOM", base_url: URL_1, model_names: ["m-1"], auth: oauth };
  const { id } = await wire("POST", "/v2/integrations", newer("main", config));
  const found = await getIntegration({ integration: id });
  assert.deepEqual(found.config, {
    provider: "CUSTOM",
    hasApiKey: false,
    isFunctionCallingEnabled: true,
    baseUrl: URL_1,
    headerNames: [],
    isDefaultModelsEnabled: false,
    modelNames: ["m-1"],
  });
  const flags = { provider: "CUSTOM", isFunctionCallingEnabled: false };
  await updateIntegration({ integration: id, type: "LLM", config: flags });
  const { config: kept } = await wire("GET", `/v2/integrations/${encodeURIComponent(id)}`);
  assert.deepEqual(kept.auth, {
    auth_type: oauth.auth_type,
    token_url: oauth.token_url,
    client_id: oauth.client_id,
    has_client_secret: true,
    scopes: null,
    audience: null,
  });
  const late = { provider: "CUSTOM", baseUrl: null };
  await assert.rejects(
    updateIntegration({ integration: id, type: "LLM", config: late }),
    UNPROCESSABLE,
  );
});
