// A stored secret is sent nowhere else: who changes where an integration points sends it again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { provider } from "../javascript/podium.js";
import { CONFLICT, NEW_SECRET, RELEASES, SECRET, UNPROCESSABLE } from "./arize.js";
import { calls, fresh, timeless } from "./arize.js";
import { URL_1, URL_2, agent, spoken } from "./samples.js";

const HEADERS = { "X-Team": SECRET };
const AGENT = { endpoint: URL_2 };

// What is stored, what would move it, and what of the stored secrets must come with that.
const MOVES = [
  ["CUSTOM", { apiKey: SECRET }, { baseUrl: URL_2 }, ["apiKey"]],
  ["CUSTOM", { headers: HEADERS }, { baseUrl: URL_2 }, ["headers"]],
  ["CUSTOM", { apiKey: SECRET, headers: HEADERS }, { baseUrl: URL_2 }, ["apiKey", "headers"]],
  ["CUSTOM", { apiKey: SECRET }, { headers: HEADERS }, ["apiKey"]],
  ["CUSTOM", {}, { baseUrl: URL_2 }, []],
  ["NVIDIA_NIM", { apiKey: SECRET }, { baseUrl: URL_2 }, ["apiKey"]],
  ["NVIDIA_NIM", { apiKey: SECRET }, { baseUrl: null }, ["apiKey"]],
  ["NVIDIA_NIM", { headers: HEADERS }, { baseUrl: null }, ["headers"]],
  ["NVIDIA_NIM", { apiKey: SECRET, headers: HEADERS }, { baseUrl: URL_2 }, ["apiKey", "headers"]],
  ["NVIDIA_NIM", {}, { baseUrl: null }, []],
  ["AGENT", { headers: HEADERS }, AGENT, ["headers"]],
  ["AGENT", {}, AGENT, []],
];

const WIRE_NAMES = { apiKey: "api_key", headers: "headers" };
const FRESH = { apiKey: NEW_SECRET, headers: { "X-Team": NEW_SECRET } };
const CLEARED = { apiKey: null, headers: null };

/** The fields of an object that are named. */
const only = (names, object) => Object.fromEntries(names.map((name) => [name, object[name]]));

/** What creates the integration "main" with these secrets. */
const sample = (kind, stored) =>
  kind === "AGENT"
    ? agent("main", { endpoint: URL_1, ...stored })
    : {
        type: "LLM",
        name: "main",
        config: { provider: kind, baseUrl: URL_1, modelNames: ["m-1"], ...stored },
      };

for (const [kind, stored, move, secrets] of MOVES) {
  const what = `${kind} with ${Object.keys(stored).join(" and ") || "no secret"}`;
  test(`${what}: ${JSON.stringify(move)} needs ${secrets.join(" and ") || "no more"}`, async (t) => {
    const arize = await fresh(t);
    const made = await arize.createIntegration(sample(kind, stored));
    const id = { integration: made.id, type: made.type };
    const provider = made.config.provider && { provider: kind };
    const update = (...parts) =>
      arize.updateIntegration({ ...id, config: Object.assign({ ...provider }, ...parts) });

    for (const left of secrets) {
      const others = only(
        secrets.filter((name) => name !== left),
        FRESH,
      );
      const message = new RegExp(`\\b${WIRE_NAMES[left]}\\b`);
      await assert.rejects(update(move, others), { ...CONFLICT, message });
      await assert.rejects(update(move), { ...CONFLICT, message });
      assert.deepEqual(await arize.getIntegration(id), made);
    }
    // The address that is stored already is no change.
    assert.deepEqual(timeless(await update({ baseUrl: URL_1, endpoint: URL_1 })), timeless(made));

    const moved = await update(move, only(secrets, FRESH));
    for (const [field, value] of Object.entries(only(Object.keys(move), moved.config))) {
      if (field !== "headers") assert.equal(value, move[field]);
    }
    const secret = await arize.resolve("main");
    if (stored.apiKey) assert.equal(secret.api_key, NEW_SECRET);
    if (stored.headers) assert.deepEqual(secret.arize.headers, FRESH.headers);
  });
}

test("secrets that are cleared with the move are no obstacle", async (t) => {
  const { createIntegration, updateIntegration } = await fresh(t);
  const stored = { apiKey: SECRET, headers: HEADERS };
  for (const provider of ["CUSTOM", "NVIDIA_NIM"]) {
    const made = await createIntegration({ ...sample(provider, stored), name: provider });
    const config = { provider, baseUrl: URL_2, ...CLEARED };
    const moved = await updateIntegration({ integration: made.id, type: "LLM", config });
    const { baseUrl, hasApiKey, headerNames } = moved.config;
    assert.deepEqual([baseUrl, hasApiKey, headerNames], [URL_2, false, []]);
  }
});

for (const [name, release] of Object.entries(RELEASES)) {
  test(`the older family, as ${name} speaks it, has the same rule`, async (t) => {
    const { server, resolve } = await fresh(t);
    const older = calls(server, { release });
    for (const [index, [kind, stored, move, secrets]] of MOVES.slice(0, 10).entries()) {
      const [provider, base] = [spoken(name, kind), { baseUrl: URL_1, modelNames: ["m-1"] }];
      const made = await older.createAiIntegration({
        name: `${index}`,
        provider,
        ...base,
        ...stored,
      });
      const update = (sent) => older.updateAiIntegration({ integration: made.id, ...sent });
      for (const left of secrets) {
        const message = new RegExp(`\\b${WIRE_NAMES[left]}\\b`);
        const others = only(
          secrets.filter((secret) => secret !== left),
          FRESH,
        );
        await assert.rejects(update({ ...move, ...others }), { ...CONFLICT, message });
        assert.deepEqual(await older.getAiIntegration({ integration: made.id }), made);
      }
      const moved = await update({ ...move, ...only(secrets, FRESH) });
      if ("baseUrl" in move) assert.equal(moved.baseUrl ?? null, move.baseUrl);
      if (stored.apiKey) assert.equal((await resolve(`${index}`)).api_key, NEW_SECRET);
    }
  });
}

for (const [name, release] of Object.entries(RELEASES)) {
  test(`the masks that ${name} reads go nowhere else`, async (t) => {
    const { server, resolve } = await fresh(t);
    const older = calls(server, { release });
    const made = await older.createAiIntegration({
      name: "main",
      provider: spoken(name, "OPEN_AI"),
      baseUrl: URL_1,
      headers: HEADERS,
    });
    const { headers } = made;
    for (const [changes, refusal] of [
      [{ baseUrl: URL_2, headers }, CONFLICT],
      [{ headers: { ...headers, "X-Other": SECRET } }, CONFLICT],
      [{ headers: { "X-Other": headers["X-Team"] } }, UNPROCESSABLE],
    ]) {
      await assert.rejects(
        older.updateAiIntegration({ integration: made.id, ...changes }),
        refusal,
      );
      assert.deepEqual(await older.getAiIntegration({ integration: made.id }), made);
      assert.deepEqual((await resolve("main")).arize.headers, HEADERS);
    }
  });
}

test("the other dialect sends no headers elsewhere either", async (t) => {
  const { createIntegration, getIntegration, conductor } = await fresh(t);
  const { integrations } = conductor;
  for (const kind of ["CUSTOM", "AGENT"]) {
    const made = await createIntegration({ ...sample(kind, { headers: HEADERS }), name: kind });
    const shown = await integrations.getIntegrationProvider(kind);
    const configuration = { ...shown.configuration, endpoint: URL_2 };
    const moved = integrations.saveIntegrationProvider(kind, { ...shown, configuration });
    await assert.rejects(moved, /headers\.X-Team.* must be sent again/);
    assert.deepEqual(await getIntegration({ integration: made.id }), made);
  }
});

test("a label is no address, a project is one", async (t) => {
  const { updateIntegration, conductor } = await fresh(t);
  const file = `${SECRET} of a service account`;
  const configuration = { projectName: "models-1", environment: "eu", file };
  const vertex = provider({ type: "vertex_ai_gemini", configuration });
  await conductor.integrations.saveIntegrationProvider("main", vertex);
  const update = (changes) =>
    updateIntegration({
      integration: "main",
      type: "LLM",
      config: { provider: "VERTEX_AI", ...changes },
    });
  await assert.rejects(update({ projectId: "models-2" }), CONFLICT);
  await assert.rejects(update({ location: "us" }), CONFLICT);
  const { config } = await update({ projectAccessLabel: "team" });
  assert.deepEqual(config, {
    provider: "VERTEX_AI",
    projectId: "models-1",
    location: "eu",
    projectAccessLabel: "team",
  });
});
