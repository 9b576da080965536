// Read, change the description, write back: how clients edit. No secret changes by that.
//
// Every type that the server offers goes this way, with a value in each of its fields. That a
// secret is what it was is proved by resolving it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { makesSealKey } from "./database.js";
import { FILES, configuration, secrets, takesFiles } from "./fields.js";
import { fresh, model, provider } from "./podium.js";

/** The SDK's clients on a fresh server, with `resolve("main")` and `resolve("main", "gpt-4o")`. */
async function resolving(t) {
  const clients = await fresh(t, { PODIUM_RESOLVE: "on" });
  const resolve = async (...names) => {
    const path = names.map(encodeURIComponent).join("/integration/");
    const answer = await clients.wire("POST", `/integrations/provider/${path}/resolve`);
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    return body.configuration;
  };
  return { ...clients, resolve };
}

/** A valid integration of the type. */
const sample = ({ type, category }, configuration) => provider({ type, category, configuration });

/** The fields that show a mask in the place of what was sent, in order. */
function masked(shown, sent) {
  const differing = Object.keys(sent).filter((key) => shown[key] !== sent[key]);
  for (const key of differing) assert.match(shown[key], /^\*{4}[a-z2-7]{8}\*{4}.{4}$/, key);
  return differing.sort();
}

/** What was read, but for when it was saved last. */
const timeless = ({ updateTime, updatedOn, ...rest }) => rest;

// What is sent to an agent or an evaluator overlays nothing of it, and their secrets are headers,
// which only Arize's clients write.
const REQUESTED = ["arize_agent", "arize_evaluator"];

/** Runs `body` for each type, and for a type that takes files with each kind of file. */
async function eachType(t, body) {
  const clients = await resolving(t);
  const definitions = await clients.integrations.getIntegrationProviderDefs();
  assert.ok(definitions.length >= 41, "the catalogue has shrunk");
  for (const definition of definitions) {
    const files = Object.entries(FILES).slice(0, takesFiles(definition) ? undefined : 1);
    for (const [kind, file] of files) {
      const name = `${definition.type} ${kind}`;
      await t.test(name, () => body({ ...clients, name, definition, file }));
    }
  }
}

test("an integration written back keeps its secrets", async (t) => {
  await eachType(t, async ({ integrations, resolve, name, definition, file }) => {
    const sent = configuration(definition, "first", file);
    await integrations.saveIntegrationProvider(name, sample(definition, sent));
    const before = await integrations.getIntegrationProvider(name);
    const hidden = masked(before.configuration, sent);
    assert.deepEqual(secrets(definition).filter((key) => !hidden.includes(key)), []);
    for (const description of ["renamed", "renamed again"]) {
      const read = await integrations.getIntegrationProvider(name);
      await integrations.saveIntegrationProvider(name, { ...read, description });
      const after = await integrations.getIntegrationProvider(name);
      assert.deepEqual(timeless(after), timeless({ ...before, description }));
      assert.deepEqual(await resolve(name), sent);
    }
  });
});

test("what was read before a secret changed is refused", async (t) => {
  await eachType(t, async ({ integrations, resolve, name, definition, file }) => {
    const older = configuration(definition, "first", file);
    const newer = configuration(definition, "second", file);
    await integrations.saveIntegrationProvider(name, sample(definition, older));
    const stale = await integrations.getIntegrationProvider(name);
    await integrations.saveIntegrationProvider(name, sample(definition, newer));
    const before = await integrations.getIntegrationProvider(name);
    const late = integrations.saveIntegrationProvider(name, { ...stale, description: "late" });
    if (REQUESTED.includes(definition.type)) {
      assert.deepEqual(secrets(definition), []);
      await late;
      return;
    }
    await assert.rejects(late, ({ message }) => {
      // All that the SDK tells of a refusal.
      const named = [...message.matchAll(/`configuration\.(\w+)` is a mask, and not/g)];
      const hidden = masked(before.configuration, newer);
      assert.deepEqual(named.map(([, key]) => key).sort(), hidden, message);
      return true;
    });
    assert.deepEqual(await integrations.getIntegrationProvider(name), before);
    assert.deepEqual(await resolve(name), newer);
  });
});

test("a resource written back keeps its secrets", async (t) => {
  await eachType(t, async ({ integrations, resolve, name, definition, file }) => {
    const whole = configuration(definition, "whole", file);
    const own = configuration(definition, "own", file);
    await integrations.saveIntegrationProvider(name, sample(definition, whole));
    for (const [api, sent] of [["own", own], ["plain", {}]]) {
      const limited = model({ configuration: sent, maxTokens: 9, frequency: "daily" });
      await integrations.saveIntegrationApi(name, api, limited);
      const before = await integrations.getIntegrationApi(name, api);
      assert.equal(before.maxTokens, 9);
      for (const description of ["renamed", "renamed again"]) {
        const read = await integrations.getIntegrationApi(name, api);
        await integrations.saveIntegrationApi(name, api, { ...read, description });
        const after = await integrations.getIntegrationApi(name, api);
        assert.deepEqual(timeless(after), timeless({ ...before, description }));
      }
    }
    assert.deepEqual(await resolve(name, "own"), own);
    const isRequest = REQUESTED.includes(definition.type);
    assert.deepEqual(await resolve(name, "plain"), isRequest ? {} : whole);
    assert.deepEqual(await resolve(name), whole);
  });
});

test("a stale resource is refused", async (t) => {
  const { integrations, resolve, wire } = await resolving(t);
  const save = (api_key) =>
    integrations.saveIntegrationApi("main", "own", model({ configuration: { api_key } }));
  await integrations.saveIntegrationProvider("main", provider({ configuration: {} }));
  await save("sk-1");
  const stale = await integrations.getIntegrationApi("main", "own");
  await save("sk-2");
  await assert.rejects(integrations.saveIntegrationApi("main", "own", stale), /api_key/);
  const path = "/integrations/provider/main/integration/own";
  assert.equal((await wire("POST", path, stale)).status, 400);
  assert.deepEqual(await resolve("main", "own"), { api_key: "sk-2" });
});

test("a new seal key disturbs no write-back", async (t) => {
  const { integrations, resolve, wire } = await resolving(t);
  const definitions = await integrations.getIntegrationProviderDefs();
  const sent = new Map(definitions.map((each) => [each.type, configuration(each, "first")]));
  for (const definition of definitions) {
    const { type } = definition;
    await integrations.saveIntegrationProvider(type, sample(definition, sent.get(type)));
  }
  const found = await integrations.getIntegrations();
  assert.equal(found.length, definitions.length);

  const [old] = (await (await wire("GET", "/seal")).json()).keys;
  const rotated = await wire("POST", "/seal/rotate");
  if (makesSealKey) {
    const { keys } = await rotated.json();
    assert.equal(keys.length, 1);
    assert.notEqual(keys[0].id, old.id);
  } else {
    assert.equal(rotated.status, 409, "the operator has to give another key");
  }

  // As the listing of everything showed it: an integration with its resources.
  for (const read of found) {
    await integrations.saveIntegrationProvider(read.name, { ...read, description: "renamed" });
    const after = await integrations.getIntegrationProvider(read.name);
    assert.deepEqual([after.description, after.configuration], ["renamed", read.configuration]);
    assert.deepEqual(await resolve(read.name), sent.get(read.name));
  }
});
