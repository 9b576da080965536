// Names: what finds an integration in this dialect, and what it is called in the other.

import assert from "node:assert/strict";
import { test } from "node:test";

import { each, provider } from "../javascript/podium.js";
import { CONFLICT, NOT_FOUND, SECRET, fresh, named } from "./arize.js";
import { agent, llm } from "./samples.js";

const NO_SUCH = /No such integration/;

/** A fresh server, with `read` as the other dialect does, and `find` by name or id. */
async function both(t) {
  const arize = await fresh(t);
  const { integrations } = arize.conductor;
  return {
    ...arize,
    integrations,
    read: (name) => integrations.getIntegrationProvider(name),
    find: (integration, type = "LLM") => arize.getIntegration({ integration, type }),
  };
}

// Everything that must survive the way through a query, and through the names of other dialects.
const NAMES = [
  "two words",
  "a+b",
  "50%25",
  "a&b=c?d#e",
  "größe-模型",
  "a/b",
  "a:b",
  "x".repeat(255),
];

for (const name of NAMES) {
  test(`the name "${name.slice(0, 20)}" finds its integration`, async (t) => {
    const arize = await fresh(t);
    const made = await arize.createIntegration(llm(name));
    assert.equal(made.name, name);
    await arize.createIntegration(llm("other"));
    assert.deepEqual(await arize.getIntegration({ integration: name, type: "LLM" }), made);
    assert.deepEqual((await arize.listIntegrations({ name })).data, [made]);
    await arize.deleteIntegration({ integration: name, type: "LLM" });
    assert.deepEqual(named((await arize.listIntegrations({})).data), ["other"]);
  });
}

test("a name is found among those that contain it, in its case and type", async (t) => {
  const arize = await fresh(t);
  const made = new Map();
  for (const name of ["main", "MAIN", "Main", "main-2", "the main one"]) {
    made.set(name, await arize.createIntegration(llm(name)));
  }
  const namesake = await arize.createIntegration(agent("main"));
  assert.equal((await arize.listIntegrations({ name: "mAiN" })).data.length, 6);
  for (const [integration, expected] of made) {
    assert.deepEqual(await arize.getIntegration({ integration, type: "LLM" }), expected);
  }
  assert.deepEqual(await arize.getIntegration({ integration: "main", type: "AGENT" }), namesake);
  await arize.deleteIntegration({ integration: "main", type: "LLM" });
  assert.deepEqual(await arize.getIntegration({ integration: namesake.id }), namesake);
});

test("one name in both types, and names of other letters, are told apart", async (t) => {
  const { createIntegration, read, find, integrations } = await both(t);
  for (const [made, name, type] of [
    [llm("main"), "main", "openai"],
    [agent("main"), "main.agent", "arize_agent"],
    [agent("tool"), "tool", "arize_agent"],
    [llm("tool"), "tool.llm", "openai"],
    [llm("a/b:c"), "a-b-c", "openai"],
    [llm("a:b/c"), "a-b-c.llm", "openai"],
    [llm("a:b:c"), "a-b-c.llm.2", "openai"],
  ]) {
    const { id, type: kind } = await createIntegration(made);
    assert.equal((await read(name)).type, type, name);
    assert.equal((await find(made.name, kind)).id, id);
  }
  assert.equal((await integrations.getIntegrationProviders()).length, 7);
});

test("a new name goes over, and the former still finds the integration", async (t) => {
  const { createIntegration, updateIntegration, read, resolve, find, integrations } = await both(t);
  const { id } = await createIntegration(llm("main"));
  await updateIntegration({ integration: id, type: "LLM", name: "new" });
  assert.deepEqual(each(await integrations.getIntegrationProviders(), "name"), ["new"]);
  assert.equal((await read("new")).type, "openai");
  assert.equal((await read("main")).type, "openai");
  assert.equal((await resolve("main")).api_key, SECRET);
  await integrations.saveIntegrationProvider("main", provider({ description: "edited" }));
  assert.equal((await read("new")).description, "edited");
  assert.equal((await integrations.getIntegrationProviders()).length, 1);
  await integrations.deleteIntegrationProvider("main");
  await assert.rejects(read("new"), NO_SUCH);
  await assert.rejects(find(id), NOT_FOUND);
});

test("a name that was given up is free", async (t) => {
  const { createIntegration, updateIntegration, find, read } = await both(t);
  const first = await createIntegration(llm("main"));
  await updateIntegration({ integration: first.id, type: "LLM", name: "new" });
  const second = await createIntegration(llm("main", "ANTHROPIC"));
  assert.equal((await find("main")).id, second.id);
  assert.equal((await find("new")).id, first.id);
  assert.equal((await read("new")).type, "openai");
});

for (const sample of [llm, agent]) {
  test(`of many who take a name at once, one ${sample("").type} gets it`, async (t) => {
    const { createIntegration, listIntegrations } = await fresh(t);
    const attempts = Array.from({ length: 8 }, () => createIntegration(sample("main")));
    const ends = await Promise.allSettled(attempts);
    const made = ends.flatMap(({ value = [] }) => value);
    assert.deepEqual((await listIntegrations({})).data, made);
    const codes = ends.flatMap(({ reason }) => reason?.statusCode ?? []);
    assert.deepEqual(codes, Array(7).fill(CONFLICT.statusCode));
  });
}

test("changes at once are all kept", async (t) => {
  const { createIntegration, updateIntegration, find } = await both(t);
  const { id, config } = await createIntegration(llm("main", "CUSTOM"));
  const update = (sent, rest) =>
    updateIntegration({
      integration: id,
      type: "LLM",
      config: { provider: "CUSTOM", ...sent },
      ...rest,
    });
  await Promise.all([
    update({ isFunctionCallingEnabled: true }),
    update({ isDefaultModelsEnabled: true }),
    update({ modelNames: ["m-9"] }),
    update({}, { name: "new" }),
  ]);
  const changed = {
    isFunctionCallingEnabled: true,
    isDefaultModelsEnabled: true,
    modelNames: ["m-9"],
  };
  assert.deepEqual((await find("new")).config, { ...config, ...changed });
});
