// Integrations of the type LLM, of every provider that the client knows.

import assert from "node:assert/strict";
import { test } from "node:test";

import { NO_SUCH_NAME, NOT_FOUND, fresh, named, timeless } from "./arize.js";
import { EVERYWHERE, LLM, llm } from "./samples.js";

// A key that is hard to carry unchanged.
const TRICKY = `CANARY "\\%2B+&=/\${x} 'end'`;

for (const { title, config, reads } of LLM) {
  test(`${title}: made, read, listed, renamed, deleted`, async (t) => {
    const arize = await fresh(t);
    const began = Date.now();
    const made = await arize.createIntegration({ type: "LLM", name: "main", config });
    assert.deepEqual(made.config, reads);
    assert.deepEqual([made.type, made.name, made.scopings], ["LLM", "main", EVERYWHERE]);
    assert.match(atob(made.id), /^LlmIntegration:\d+:[A-Za-z0-9]{4}$/);
    assert.match(atob(made.createdByUserId), /^User:app:/);
    assert.ok(made.createdAt.getTime() >= began - 1 && made.createdAt.getTime() <= Date.now());
    assert.deepEqual(made.updatedAt, made.createdAt);

    assert.deepEqual(await arize.getIntegration({ integration: made.id }), made);
    assert.deepEqual(await arize.getIntegration({ integration: "main", type: "LLM" }), made);
    for (const filter of [{}, { type: "LLM" }, { name: "AI" }]) {
      assert.deepEqual((await arize.listIntegrations(filter)).data, [made]);
    }
    assert.deepEqual((await arize.listIntegrations({ type: "AGENT" })).data, []);
    assert.deepEqual((await arize.listIntegrations({ name: "other" })).data, []);

    const renamed = await arize.updateIntegration({
      integration: "main",
      type: "LLM",
      name: "new",
    });
    assert.deepEqual(timeless(renamed), timeless({ ...made, name: "new" }));
    assert.ok(renamed.updatedAt >= made.updatedAt);
    assert.deepEqual(await arize.getIntegration({ integration: "new", type: "LLM" }), renamed);
    await assert.rejects(arize.getIntegration({ integration: "main", type: "LLM" }), NO_SUCH_NAME);

    assert.equal(await arize.deleteIntegration({ integration: "new", type: "LLM" }), undefined);
    await assert.rejects(arize.getIntegration({ integration: made.id }), NOT_FOUND);
    await assert.rejects(arize.deleteIntegration({ integration: made.id }), NOT_FOUND);
    assert.deepEqual((await arize.listIntegrations({})).data, []);
  });
}

for (const { title, provider, config, updates } of LLM) {
  test(`${title}: each update changes what it names`, async (t) => {
    const arize = await fresh(t);
    for (const [index, [sent, changes]] of updates.entries()) {
      const name = `main-${index}`;
      const made = await arize.createIntegration({ type: "LLM", name, config });
      const updated = await arize.updateIntegration({
        integration: made.id,
        type: "LLM",
        config: { provider, ...sent },
      });
      const expected = { ...made, config: { ...made.config, ...changes } };
      assert.deepEqual(timeless(updated), timeless(expected), JSON.stringify(sent));
      assert.ok(updated.updatedAt >= made.updatedAt);
      assert.deepEqual(await arize.getIntegration({ integration: made.id }), updated);
    }
  });
}

test("only what is named is changed by an update of everything", async (t) => {
  const arize = await fresh(t);
  const made = await arize.createIntegration(llm("main", "CUSTOM"));
  const other = await arize.createIntegration(llm("other", "CUSTOM"));
  const updated = await arize.updateIntegration({
    integration: made.id,
    type: "LLM",
    name: "renamed",
    scopings: [],
    config: { provider: "CUSTOM", isFunctionCallingEnabled: true, modelNames: ["m-9"] },
  });
  const config = { ...made.config, isFunctionCallingEnabled: true, modelNames: ["m-9"] };
  assert.deepEqual(timeless(updated), timeless({ ...made, name: "renamed", config }));
  assert.deepEqual(await arize.getIntegration({ integration: other.id }), other);
});

test("a key is stored as it was sent, replaced and cleared", async (t) => {
  const { createIntegration, updateIntegration, resolve } = await fresh(t);
  for (const provider of ["OPEN_AI", "ANTHROPIC", "GEMINI", "CUSTOM", "NVIDIA_NIM"]) {
    const made = await createIntegration(llm(provider, provider));
    const first = (await resolve(provider)).api_key;
    assert.equal(first, llm(provider, provider).config.apiKey);
    for (const [sent, stored] of [[undefined, first], [TRICKY, TRICKY], [null]]) {
      const config = { provider, apiKey: sent, isFunctionCallingEnabled: true };
      await updateIntegration({ integration: made.id, type: "LLM", config });
      assert.equal((await resolve(provider)).api_key, stored);
    }
  }
});

test("an empty update is refused by the client itself", async (t) => {
  const { createIntegration, updateIntegration } = await fresh(t);
  const { id } = await createIntegration(llm("main"));
  await assert.rejects(updateIntegration({ integration: id, type: "LLM" }), /At least one/);
});
