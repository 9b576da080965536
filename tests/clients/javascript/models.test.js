// Models, indexes and tables of an integration.

import assert from "node:assert/strict";
import { test } from "node:test";

import { each, fresh, model, provider } from "./podium.js";

const NAMES = [
  "gpt-4o",
  "meta-llama/Llama-3-70b",
  "anthropic.claude-v2:0",
  "two words",
  "a+b",
  "50%25",
  "größe-模型",
  "openai/gpt-4/tags",
];

/** The SDK's IntegrationClient on a fresh server with the integration "main". */
async function main(t) {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("main", provider());
  return integrations;
}

for (const name of NAMES) {
  test(`the model "${name}" comes back under its name`, async (t) => {
    const integrations = await main(t);
    await integrations.saveIntegrationApi("main", name, model());
    assert.equal((await integrations.getIntegrationApi("main", name)).api, name);
    assert.deepEqual(each(await integrations.getIntegrationApis("main"), "api"), [name]);
    assert.deepEqual(await integrations.getProvidersAndIntegrations(), [`main:${name}`]);
    await integrations.deleteIntegrationApi("main", name);
    await assert.rejects(integrations.getIntegrationApi("main", name), /No such/);
  });
}

test("every field comes back, alone and in the list", async (t) => {
  const integrations = await main(t);
  const sent = model({ configuration: { version: "2024-08-06" }, maxTokens: 1000 });
  await integrations.saveIntegrationApi("main", "gpt-4o", sent);
  const saved = await integrations.getIntegrationApi("main", "gpt-4o");
  assert.equal(saved.integrationName, "main");
  assert.equal(saved.description, "chat");
  assert.equal(saved.enabled, true);
  assert.deepEqual(saved.configuration, { version: "2024-08-06" });
  assert.deepEqual(saved.tags, []);
  assert.match(saved.createdBy, /^app:/);
  assert.ok(saved.createTime > 1_700_000_000_000);
  assert.equal(saved.updateTime, saved.createTime);
  assert.deepEqual(await integrations.getIntegrationApis("main"), [saved]);
});

test("saving again replaces everything but the origin", async (t) => {
  const integrations = await main(t);
  await integrations.saveIntegrationApi("main", "gpt-4o", model());
  const first = await integrations.getIntegrationApi("main", "gpt-4o");
  await integrations.saveIntegrationApi("main", "gpt-4o", { description: "vision" });
  const second = await integrations.getIntegrationApi("main", "gpt-4o");
  assert.equal(second.description, "vision");
  assert.equal(second.enabled, false);
  assert.equal(second.createTime, first.createTime);
  assert.equal((await integrations.getIntegrationProvider("main")).modelsCount, 1);
});

test("what is disabled is hidden unless asked for", async (t) => {
  const integrations = await main(t);
  await integrations.saveIntegrationApi("main", "on", model());
  await integrations.saveIntegrationApi("main", "off", model({ enabled: false }));
  await integrations.saveIntegrationProvider("asleep", provider({ enabled: false }));
  await integrations.saveIntegrationApi("asleep", "o3", model());
  assert.deepEqual(each(await integrations.getIntegrationApis("main"), "api"), ["on"]);

  const names = async (...filter) =>
    (await integrations.getProvidersAndIntegrations(...filter)).sort();
  assert.deepEqual(await names(), ["main:on"]);
  assert.deepEqual(await names(undefined, false), ["asleep:o3", "main:off", "main:on"]);
  assert.deepEqual(await names("AI_MODEL", true), ["main:on"]);
  assert.deepEqual(await names("openai"), ["main:on"]);
  assert.deepEqual(await names("VECTOR_DB", false), []);
});

test("a model needs its integration", async (t) => {
  const integrations = await main(t);
  await assert.rejects(integrations.saveIntegrationApi("nowhere", "o3", model()), /No such/);
  await assert.rejects(integrations.getIntegrationApis("nowhere"), /No such/);
  await assert.rejects(integrations.deleteIntegrationApi("main", "o3"), /No such/);
});

test("available models are names", async (t) => {
  const names = await (await main(t)).getIntegrationAvailableApis("main");
  assert.ok(names.includes("gpt-4o"));
  assert.ok(names.every((name) => typeof name === "string"));
});
