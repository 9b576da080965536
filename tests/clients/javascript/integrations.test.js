// Integrations: the provider half of the SDK's IntegrationClient.

import assert from "node:assert/strict";
import { test } from "node:test";

import { each, fresh, model, provider } from "./podium.js";

// Everything that must survive the way through a path segment.
const NAMES = ["openai-main", "two words", "a+b", "50%25", "a&b=c?d#e", "größe-模型", "v1.2_x"];

for (const name of NAMES) {
  test(`the integration "${name}" comes back under its name`, async (t) => {
    const { integrations } = await fresh(t);
    await integrations.saveIntegrationProvider(name, provider());
    assert.equal((await integrations.getIntegrationProvider(name)).name, name);
    assert.deepEqual(each(await integrations.getIntegrationProviders(), "name"), [name]);
    await integrations.deleteIntegrationProvider(name);
    await assert.rejects(integrations.getIntegrationProvider(name), /No such integration/);
  });
}

test("every field comes back", async (t) => {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("main", provider());
  const saved = await integrations.getIntegrationProvider("main");
  assert.equal(saved.type, "openai");
  assert.equal(saved.category, "AI_MODEL");
  assert.equal(saved.description, "team account");
  assert.equal(saved.enabled, true);
  assert.equal(saved.modelsCount, 0);
  assert.deepEqual(saved.tags, []);
  assert.equal(saved.configuration.endpoint, "https://models.example/v1");
  assert.match(saved.createdBy, /^app:/);
  assert.equal(saved.updatedBy, saved.createdBy);
  assert.ok(saved.createTime > 1_700_000_000_000);
  assert.equal(saved.updateTime, saved.createTime);
  assert.deepEqual(await integrations.getIntegrationProviders(), [saved]);
});

test("saving again replaces everything but the origin", async (t) => {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("main", provider());
  const first = await integrations.getIntegrationProvider("main");
  await integrations.saveIntegrationProvider("main", { type: "openai", category: "AI_MODEL" });
  const second = await integrations.getIntegrationProvider("main");
  assert.equal(second.enabled, false);
  assert.deepEqual(second.configuration, {});
  assert.ok(!second.description);
  assert.equal(second.createTime, first.createTime);
  assert.equal(second.createdBy, first.createdBy);
  assert.ok(second.updateTime >= first.updateTime);
});

test("a secret is masked, kept by its mask, and cleared when left out", async (t) => {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("main", provider());
  const saved = await integrations.getIntegrationProvider("main");
  assert.ok(saved.configuration.api_key);
  assert.ok(!JSON.stringify(await integrations.getIntegrations()).includes("sk-stored"));

  // A whole object with the server's own fields, as a user interface sends it.
  await integrations.saveIntegrationProvider("main", { ...saved, description: "renamed" });
  const again = await integrations.getIntegrationProvider("main");
  assert.equal(again.description, "renamed");
  assert.deepEqual(again.configuration, saved.configuration);

  // Left out, it is cleared; then the mask stands for nothing and is refused.
  await integrations.saveIntegrationProvider("main", provider({ configuration: {} }));
  await assert.rejects(integrations.saveIntegrationProvider("main", saved), /api_key/);
  assert.deepEqual((await integrations.getIntegrationProvider("main")).configuration, {});
});

test("the listing of everything embeds the models", async (t) => {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("main", provider());
  await integrations.saveIntegrationApi("main", "gpt-4o", model());
  await integrations.setIntegrationTags("main", "gpt-4o", [{ key: "team", value: "core" }]);
  const [listed] = await integrations.getIntegrations();
  assert.equal(listed.modelsCount, 1);
  assert.deepEqual(each(listed.apis, "api"), ["gpt-4o"]);
  assert.equal(listed.apis[0].integrationName, "main");
  assert.ok(!("tags" in listed.apis[0]));
  const [provided] = await integrations.getIntegrationProviders();
  assert.ok(!("apis" in provided));
});

test("the listing of everything filters by category and by activity", async (t) => {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("on", provider());
  await integrations.saveIntegrationProvider("off", provider({ enabled: false }));
  const index = provider({ type: "pineconedb", category: "VECTOR_DB" });
  await integrations.saveIntegrationProvider("index", index);
  const names = async (...filter) => each(await integrations.getIntegrations(...filter), "name");
  assert.deepEqual(await names(), ["index", "on"]);
  assert.deepEqual(await names("AI_MODEL"), ["on"]);
  assert.deepEqual(await names("AI_MODEL", false), ["off", "on"]);
  assert.deepEqual(await names("VECTOR_DB", true), ["index"]);
  assert.deepEqual(await names("GIT"), []);
});

test("a category unknown to other SDKs is listed", async (t) => {
  const { integrations } = await fresh(t);
  const broker = { type: "kafka", category: "MESSAGE_BROKER", enabled: true };
  await integrations.saveIntegrationProvider("events", broker);
  const [listed] = await integrations.getIntegrationProviders();
  assert.equal(listed.category, "MESSAGE_BROKER");
});

test("deleting takes the models along and works once", async (t) => {
  const { integrations } = await fresh(t);
  await integrations.saveIntegrationProvider("main", provider());
  await integrations.saveIntegrationApi("main", "gpt-4o", model());
  await integrations.deleteIntegrationProvider("main");
  await assert.rejects(integrations.deleteIntegrationProvider("main"), /No such integration/);
  await assert.rejects(integrations.getIntegrationApi("main", "gpt-4o"), /No such/);
  assert.deepEqual(await integrations.getProvidersAndIntegrations(), []);
});

test("an unknown type, another type and a misleading name are refused", async (t) => {
  const { integrations } = await fresh(t);
  const save = (name, changes) => integrations.saveIntegrationProvider(name, provider(changes));
  await assert.rejects(save("main", { type: "no_such_type" }), /provider 'main': ./);
  await assert.rejects(save("a:b"), /provider 'a:b': ./);
  await assert.rejects(save("a/b"), /provider 'a\/b': ./);
  await save("main");
  await assert.rejects(save("main", { type: "anthropic" }), /type/);
  assert.equal((await integrations.getIntegrationProvider("main")).type, "openai");
});

test("the definitions say which fields a type has", async (t) => {
  const { integrations } = await fresh(t);
  const definitions = await integrations.getIntegrationProviderDefs();
  const openai = definitions.find((definition) => definition.type === "openai");
  assert.equal(openai.name, "OpenAI");
  assert.equal(openai.category, "AI_MODEL");
  const key = openai.configuration.find((field) => field.fieldName === "api_key");
  assert.equal(key.fieldType, "PASSWORD");
  assert.ok(each(openai.apis, "api").includes("gpt-4o"));
});

test("many integrations are saved in one call, or none", async (t) => {
  const { integrations, raw } = await fresh(t);
  const saveAll = (body) =>
    raw.post({
      url: "/api/integrations/",
      security: [{ name: "X-Authorization", type: "apiKey" }],
      headers: { "Content-Type": "application/json" },
      body,
      throwOnError: true,
    });
  const first = provider({
    name: "first",
    tags: [{ key: "team", value: "core" }],
    apis: [{ integrationName: "first", api: "gpt-4o", description: "chat", enabled: true }],
  });
  await saveAll([first, provider({ name: "second" })]);
  assert.deepEqual((await integrations.getProvidersAndIntegrations()).sort(), [
    "first:gpt-4o",
    "second",
  ]);
  assert.deepEqual(await integrations.getProviderTags("first"), first.tags);

  await assert.rejects(
    saveAll([provider({ name: "third" }), provider({ name: "second", type: "anthropic" })]),
    { status: 400 },
  );
  assert.deepEqual(each(await integrations.getIntegrations(), "name"), ["first", "second"]);
});
