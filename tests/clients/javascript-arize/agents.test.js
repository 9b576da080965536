// Integrations of the type AGENT: an endpoint, its schema, and presets of requests to it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NOT_FOUND, NO_SUCH_NAME, SECRET, UNPROCESSABLE, fresh, timeless } from "./arize.js";
import { EVERYWHERE, PRESETS, SCHEMA, URL_2, agent } from "./samples.js";

const HEADERS = { Authorization: SECRET };
const FULL = { headers: HEADERS, requestPresets: PRESETS };

/** A fresh server with the agent "main". */
async function main(t, config = FULL) {
  const arize = await fresh(t);
  const made = await arize.createIntegration({ ...agent("main", config), description: "answers" });
  const update = (changes) =>
    arize.updateIntegration({ integration: made.id, type: "AGENT", ...changes });
  return { ...arize, made, update, read: () => arize.getIntegration({ integration: made.id }) };
}

/** Presets as they were sent. */
const sent = (presets) =>
  presets.map(({ id, createdAt, updatedAt, description, ...preset }) =>
    description ? { description, ...preset } : preset,
  );

test("an agent is made, read, listed, renamed and deleted", async (t) => {
  const { made, read, update, listIntegrations, getIntegration, deleteIntegration } = await main(t);
  const { requestPresets, ...config } = made.config;
  assert.deepEqual(config, {
    endpoint: "https://agent.example/run",
    hasHeaders: true,
    inputSchema: SCHEMA,
  });
  assert.deepEqual(sent(requestPresets), PRESETS);
  assert.deepEqual([made.type, made.name, made.description], ["AGENT", "main", "answers"]);
  assert.deepEqual(made.scopings, EVERYWHERE);
  assert.match(atob(made.id), /^RemoteEndpointIntegration:\d+:[A-Za-z0-9]{4}$/);
  assert.match(atob(made.createdByUserId), /^User:app:/);

  assert.deepEqual(await read(), made);
  assert.deepEqual(await getIntegration({ integration: "main", type: "AGENT" }), made);
  assert.deepEqual((await listIntegrations({})).data, [made]);
  assert.deepEqual((await listIntegrations({ type: "AGENT" })).data, [made]);
  assert.deepEqual((await listIntegrations({ type: "LLM" })).data, []);

  const renamed = await update({ integration: "main", name: "new" });
  assert.deepEqual(timeless(renamed), timeless({ ...made, name: "new" }));
  const old = getIntegration({ integration: "main", type: "AGENT" });
  await assert.rejects(old, NO_SUCH_NAME);
  await deleteIntegration({ integration: "new", type: "AGENT" });
  await assert.rejects(read(), NOT_FOUND);
});

test("an agent of which little was said has little", async (t) => {
  const { createIntegration, getIntegration } = await fresh(t);
  const made = await createIntegration(agent("main"));
  assert.equal(made.description, null);
  assert.deepEqual(made.config, {
    endpoint: "https://agent.example/run",
    hasHeaders: false,
    inputSchema: SCHEMA,
    requestPresets: [],
  });
  assert.deepEqual(await getIntegration({ integration: made.id }), made);
});

// What is sent, and what it changes.
const OTHER_SCHEMA = { ...SCHEMA, required: [], additionalProperties: true };
const UPDATES = [
  [{ description: "answers more" }, { description: "answers more" }],
  [{ description: null }, { description: null }],
  [{ scopings: [] }, {}],
  [{ config: { headers: { Authorization: `${SECRET}-2` } } }, {}],
  [{ config: { headers: { "X-Other": SECRET } } }, {}],
  [{ config: { headers: null } }, { config: { hasHeaders: false } }],
  [{ config: { headers: {} } }, { config: { hasHeaders: false } }],
  [{ config: { endpoint: URL_2, headers: HEADERS } }, { config: { endpoint: URL_2 } }],
  [{ config: { inputSchema: OTHER_SCHEMA } }, { config: { inputSchema: OTHER_SCHEMA } }],
  [{ config: { requestPresets: [] } }, { config: { requestPresets: [] } }],
];

test("each update changes what it names", async (t) => {
  const { createIntegration, getIntegration, updateIntegration } = await fresh(t);
  for (const [index, [changes, changed]] of UPDATES.entries()) {
    const made = await createIntegration({
      ...agent(`main-${index}`, FULL),
      description: "answers",
    });
    const id = { integration: made.id, type: "AGENT" };
    const updated = await updateIntegration({ ...id, ...changes });
    const expected = { ...made, ...changed, config: { ...made.config, ...changed.config } };
    assert.deepEqual(timeless(updated), timeless(expected), JSON.stringify(changes));
    assert.deepEqual(await getIntegration(id), updated);
  }
});

test("a preset is known by its name", async (t) => {
  const { made, update, read } = await main(t);
  const [greeting, deep] = made.config.requestPresets;
  for (const preset of [greeting, deep]) {
    assert.ok(preset.id && preset.createdAt.getTime() && preset.updatedAt.getTime());
  }
  assert.notEqual(greeting.id, deep.id);

  const requestPresets = [
    { name: "deep", description: "now told", config: { input: "x", depth: 9 } },
    { name: "Deep", config: {} },
  ];
  const { config } = await update({ config: { requestPresets } });
  assert.deepEqual(sent(config.requestPresets), requestPresets);
  const [kept, added] = config.requestPresets;
  assert.deepEqual([kept.id, kept.createdAt], [deep.id, deep.createdAt]);
  assert.ok(kept.updatedAt >= deep.updatedAt);
  assert.ok(![greeting.id, deep.id].includes(added.id));

  // Taken away and made again, it is another.
  await update({ config: { requestPresets: [] } });
  const again = (await update({ config: { requestPresets } })).config.requestPresets;
  assert.deepEqual(sent(again), requestPresets);
  assert.notEqual(again[0].id, kept.id);
  assert.deepEqual((await read()).config.requestPresets, again);
});

const REFUSED_PRESETS = {
  "of a wrong type": [{ name: "a", config: { input: 7 } }],
  "out of bounds": [{ name: "a", config: { depth: 0 } }],
  "called like another": [PRESETS[0], PRESETS[0]],
  "without a name": [{ config: {} }],
  "with an empty name": [{ name: "", config: {} }],
  "with too long a name": [{ name: "x".repeat(256), config: {} }],
  "with too long a description": [{ name: "a", description: "x".repeat(1025), config: {} }],
  "without a configuration": [{ name: "a" }],
};

for (const [what, requestPresets] of Object.entries(REFUSED_PRESETS)) {
  test(`a preset ${what} is refused`, async (t) => {
    const { made, read, update, createIntegration, listIntegrations } = await main(t);
    const creation = createIntegration(agent("other", { requestPresets }));
    await assert.rejects(creation, UNPROCESSABLE);
    await assert.rejects(update({ config: { requestPresets } }), UNPROCESSABLE);
    assert.deepEqual(await read(), made);
    assert.equal((await listIntegrations({})).data.length, 1);
  });
}

test("a schema that the presets do not fit is refused, unless they change with it", async (t) => {
  const { made, read, update } = await main(t);
  const inputSchema = { type: "object", properties: { input: { type: "integer" } } };
  await assert.rejects(update({ config: { inputSchema } }), UNPROCESSABLE);
  assert.deepEqual(await read(), made);
  const requestPresets = [{ name: "greeting", config: { input: 7 } }];
  const { config } = await update({ config: { inputSchema, requestPresets } });
  assert.deepEqual(config.inputSchema, inputSchema);
  assert.deepEqual(sent(config.requestPresets), requestPresets);
});

for (const inputSchema of [
  { $ref: "https://schemas.example/input.json" },
  { properties: { input: { $ref: "file:///etc/hostname" } } },
  { type: "planet" },
  { properties: { input: { pattern: "(" } } },
]) {
  test(`the schema ${JSON.stringify(inputSchema)} is refused`, async (t) => {
    const { made, read, update, createIntegration } = await main(t, {});
    await assert.rejects(createIntegration(agent("other", { inputSchema })), UNPROCESSABLE);
    await assert.rejects(update({ config: { inputSchema } }), UNPROCESSABLE);
    assert.deepEqual(await read(), made);
  });
}
