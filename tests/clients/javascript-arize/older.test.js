// The older family, as each release speaks it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { makesSealKey } from "../javascript/database.js";
import { CONFLICT, NEW_SECRET, NOT_FOUND, RELEASES, SECRET, UNPROCESSABLE } from "./arize.js";
import { calls, fresh, named, timeless } from "./arize.js";
import { ROLE, URL_1, URL_2, agent, llm, spoken } from "./samples.js";

// Names, each with what stands for its value: no two values look alike.
const MASK = /^\*{4}[a-z2-7]{8}\*{4}.{4}$/;

const AWS = { kind: "AWS", role_arn: ROLE, external_id: "podium-1" };
const GCP = { kind: "GCP", project_id: "models-1", location: "eu", project_access_label: "team" };
const METADATA = { AWS_BEDROCK: AWS, VERTEX_AI: GCP };
const HEADERS = { "X-Team": SECRET, "X-Trace": NEW_SECRET };

/** All that a provider takes. */
const whole = (provider) => ({
  provider,
  apiKey: SECRET,
  baseUrl: URL_1,
  modelNames: ["m-1", "m-2"],
  headers: HEADERS,
  enableDefaultModels: true,
  functionCallingEnabled: false,
  authType: "PROXY_WITH_HEADERS",
});

/** What comes from the cloud's own account. */
const cloudy = (provider) => ({
  provider,
  modelNames: ["m-1", "m-2"],
  enableDefaultModels: true,
  functionCallingEnabled: false,
  authType: "DEFAULT",
  providerMetadata: METADATA[provider],
});

const HOSTED = ["OPEN_AI", "AZURE_OPEN_AI", "ANTHROPIC", "CUSTOM", "NVIDIA_NIM", "GEMINI"];
const SAMPLES = [...HOSTED.map(whole), ...Object.keys(METADATA).map(cloudy)];

/** What is read back of what was sent, but for headers. */
const reads = ({ apiKey, headers, ...sent }) => ({
  hasApiKey: Boolean(apiKey),
  baseUrl: null,
  modelNames: [],
  enableDefaultModels: false,
  functionCallingEnabled: true,
  authType: "DEFAULT",
  providerMetadata: null,
  ...sent,
});

/** What an integration says of its provider, with one form for nothing, but for headers. */
const told = (integration) => {
  const { id, name, headers, scopings, createdAt, updatedAt, createdByUserId, ...rest } =
    integration;
  const { baseUrl = null, modelNames, providerMetadata = null } = rest;
  return { ...rest, baseUrl, modelNames: modelNames ?? [], providerMetadata };
};

const UPDATES = [
  [{ apiKey: NEW_SECRET }, { hasApiKey: true }],
  [{ apiKey: null }, { hasApiKey: false }],
  [{ modelNames: ["m-3", "m-1"] }, { modelNames: ["m-3", "m-1"] }],
  [{ modelNames: [] }, { modelNames: [] }],
  [{ enableDefaultModels: false }, { enableDefaultModels: false }],
  [{ functionCallingEnabled: true }, { functionCallingEnabled: true }],
];
const MOVES = [
  [{ baseUrl: URL_2, apiKey: SECRET, headers: HEADERS }, { baseUrl: URL_2 }],
  [{ baseUrl: null, apiKey: SECRET, headers: HEADERS }, { baseUrl: null }],
  [{ headers: null, apiKey: SECRET }, {}],
  [{ authType: "DEFAULT", apiKey: SECRET, headers: null }, { authType: "DEFAULT" }],
];
const AWS_2 = { kind: "AWS", role_arn: `${ROLE}-2`, external_id: "podium-2" };
const GCP_2 = { ...GCP, location: "us" };
const CHANGES = {
  AWS_BEDROCK: [...UPDATES.slice(2), [{ providerMetadata: AWS_2 }, { providerMetadata: AWS_2 }]],
  VERTEX_AI: [...UPDATES.slice(2), [{ providerMetadata: GCP_2 }, { providerMetadata: GCP_2 }]],
};

for (const [name, release] of Object.entries(RELEASES)) {
  const say = (value) => spoken(name, value);
  /** A fresh server, and this release's functions. */
  const older = async (t) => {
    const newest = await fresh(t);
    return { ...newest, ...calls(newest.server, { release }) };
  };

  test(`${name}: each provider is made, read, listed, renamed, deleted`, async (t) => {
    const arize = await older(t);
    for (const sample of SAMPLES) {
      const made = await arize.createAiIntegration({ name: "main", ...say(sample) });
      assert.deepEqual(told(made), say(reads(sample)));
      for (const [header, mask] of Object.entries(made.headers ?? {})) {
        assert.match(mask, MASK, header);
      }
      assert.deepEqual(Object.keys(made.headers ?? {}), Object.keys(sample.headers ?? {}));
      assert.match(atob(made.id), /^LlmIntegration:\d+:[A-Za-z0-9]{4}$/);
      assert.match(atob(made.createdByUserId), /^User:app:/);
      assert.ok(made.scopings.every((rule) => !rule.organizationId && !rule.spaceId));
      assert.deepEqual(await arize.getAiIntegration({ integration: made.id }), made);
      assert.deepEqual((await arize.listAiIntegrations({ name: "AI" })).data, [made]);

      const update = { integration: made.id, name: "new" };
      const renamed = await arize.updateAiIntegration(update);
      assert.deepEqual(timeless(renamed), timeless({ ...made, name: "new" }));
      assert.equal(await arize.deleteAiIntegration({ integration: made.id }), undefined);
      await assert.rejects(arize.getAiIntegration({ integration: made.id }), NOT_FOUND);
      await assert.rejects(arize.deleteAiIntegration({ integration: made.id }), NOT_FOUND);
      assert.deepEqual((await arize.listAiIntegrations()).data, []);
    }
  });

  test(`${name}: each update changes what it names`, async (t) => {
    const arize = await older(t);
    for (const sample of SAMPLES) {
      const { provider } = sample;
      for (const [index, [sent, changes]] of (
        CHANGES[provider] ?? [...UPDATES, ...MOVES]
      ).entries()) {
        const what = `${provider} ${JSON.stringify(sent)}`;
        const unique = { name: `${provider}-${index}` };
        const made = await arize.createAiIntegration({ ...unique, ...say(sample) });
        const updated = await arize.updateAiIntegration({ integration: made.id, ...say(sent) });
        assert.deepEqual(told(updated), { ...told(made), ...say(changes) }, what);
        if (sent.headers === undefined) assert.deepEqual(updated.headers, made.headers, what);
        assert.deepEqual(await arize.getAiIntegration({ integration: made.id }), updated);
      }
    }
  });

  test(`${name}: every provider is listed, and those that need no more are made of a name`, async (t) => {
    const { createAiIntegration, listAiIntegrations } = await older(t);
    for (const sample of SAMPLES) {
      const { provider, providerMetadata } = sample;
      const bare = providerMetadata ? { provider, providerMetadata } : { provider };
      const made = await createAiIntegration({ name: provider, ...say(bare) });
      assert.deepEqual(told(made), say(reads(bare)));
    }
    const { data } = await listAiIntegrations();
    assert.deepEqual(
      data.map(({ provider }) => provider),
      say(SAMPLES.map(({ provider }) => provider)).reverse(),
    );
  });

  test(`${name}: headers keep what their masks stand for`, async (t) => {
    const arize = await older(t);
    const make = (name, headers) =>
      arize.createAiIntegration({ name, ...say({ provider: "OPEN_AI" }), headers });
    const { id, headers } = await make("main", HEADERS);
    const update = (changes) => arize.updateAiIntegration({ integration: id, ...changes });
    assert.notEqual(headers["X-Team"], headers["X-Trace"]);
    const stored = async () => (await arize.resolve("main")).arize.headers;
    assert.deepEqual((await update({ headers })).headers, headers);
    const rotated = await arize.conductor.wire("POST", "/seal/rotate");
    assert.equal(rotated.status, makesSealKey ? 200 : 409);
    assert.deepEqual((await update({ headers })).headers, headers);
    assert.deepEqual(await stored(), HEADERS);
    const changed = (await update({ headers: { ...headers, "X-Trace": "CANARY-3" } })).headers;
    assert.equal(changed["X-Team"], headers["X-Team"]);
    assert.match(changed["X-Trace"], MASK);
    assert.notEqual(changed["X-Trace"], headers["X-Trace"]);
    // What stands for nothing that is stored.
    await assert.rejects(update({ headers }), UNPROCESSABLE);
    assert.deepEqual((await arize.getAiIntegration({ integration: id })).headers, changed);
    assert.deepEqual(await stored(), { ...HEADERS, "X-Trace": "CANARY-3" });
    for (const nothing of [{}, null]) {
      const other = await make(JSON.stringify(nothing), HEADERS);
      const cleared = await arize.updateAiIntegration({ integration: other.id, headers: nothing });
      assert.deepEqual(cleared.headers ?? {}, {});
    }
  });

  test(`${name}: what the newest client makes is what this one sees`, async (t) => {
    const arize = await older(t);
    for (const provider of [...HOSTED, ...Object.keys(METADATA)]) {
      if (provider === "AZURE_OPEN_AI") continue;
      const made = await arize.createIntegration(llm(provider, provider));
      const seen = await arize.getAiIntegration({ integration: made.id });
      assert.equal(seen.provider, say(provider));
      assert.deepEqual([seen.id, seen.name], [made.id, made.name]);
      for (const time of ["createdAt", "updatedAt", "createdByUserId"]) {
        assert.deepEqual(seen[time], made[time]);
      }
      const { config } = made;
      assert.equal(seen.functionCallingEnabled, config.isFunctionCallingEnabled ?? true);
      assert.equal(seen.enableDefaultModels, config.isDefaultModelsEnabled ?? false);
      assert.equal(seen.hasApiKey, config.hasApiKey ?? false);
      assert.deepEqual(seen.modelNames ?? [], config.modelNames ?? []);
      assert.deepEqual(Object.keys(seen.headers ?? {}), config.headerNames ?? []);
      await arize.deleteAiIntegration({ integration: made.id });
      await assert.rejects(arize.getIntegration({ integration: made.id }), NOT_FOUND);
    }
  });

  test(`${name}: what it may not do is refused`, async (t) => {
    const arize = await older(t);
    const openAi = say({ provider: "OPEN_AI" });
    const { id } = await arize.createAiIntegration({ name: "main", ...openAi });
    await arize.createAiIntegration({ name: "second", ...openAi });
    const { id: other } = await arize.createIntegration(agent("agent"));
    const before = await arize.listAiIntegrations();
    assert.deepEqual(named(before.data), ["second", "main"]);
    for (const [call, refusal] of [
      [() => arize.createAiIntegration({ name: "main", ...openAi }), CONFLICT],
      [() => arize.createAiIntegration({ name: "third", provider: "PLANET" }), UNPROCESSABLE],
      [() => arize.createAiIntegration({ name: "third" }), UNPROCESSABLE],
      [
        () => arize.createAiIntegration({ name: "third", ...openAi, baseUrl: "http://a.example" }),
        UNPROCESSABLE,
      ],
      [
        () => arize.createAiIntegration({ name: "third", ...say({ provider: "VERTEX_AI" }) }),
        UNPROCESSABLE,
      ],
      [
        () => arize.createAiIntegration({ name: "third", ...say({ provider: "AWS_BEDROCK" }) }),
        UNPROCESSABLE,
      ],
      [() => arize.updateAiIntegration({ integration: id }), UNPROCESSABLE],
      [() => arize.updateAiIntegration({ integration: id, name: "second" }), CONFLICT],
      [
        () => arize.updateAiIntegration({ integration: id, ...say({ provider: "GEMINI" }) }),
        UNPROCESSABLE,
      ],
      [() => arize.getAiIntegration({ integration: other }), NOT_FOUND],
      [() => arize.updateAiIntegration({ integration: other, name: "new" }), NOT_FOUND],
      [() => arize.deleteAiIntegration({ integration: other }), NOT_FOUND],
    ]) {
      await assert.rejects(call, refusal, `${call}`);
      assert.deepEqual(await arize.listAiIntegrations(), before);
    }
    assert.equal((await arize.updateAiIntegration({ integration: id, ...openAi })).id, id);
  });
}
