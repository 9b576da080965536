// What the server refuses, and the error that the client makes of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as ax from "@arizeai/ax-client";

import { BAD_REQUEST, CONFLICT, NOT_FOUND, UNPROCESSABLE, calls, fresh } from "./arize.js";
import { ROLE, URL_1, agent, llm } from "./samples.js";

/** What creates an integration "other" of the provider, with the rest of the configuration. */
const other = (provider, config) => ({
  type: "LLM",
  name: "other",
  config: { provider, ...config },
});

const models = { modelNames: ["m-1"] };
const bedrock = (auth) => other("AWS_BEDROCK", { auth, ...models });

const CREATIONS = [
  ["no name", llm(undefined), UNPROCESSABLE],
  ["an empty name", llm(""), UNPROCESSABLE],
  ["a blank name", llm(" "), UNPROCESSABLE],
  ["white space at the end of the name", llm("other "), UNPROCESSABLE],
  ["too long a name", llm("x".repeat(256)), UNPROCESSABLE],
  ["a control character in the name", llm("a\nb"), UNPROCESSABLE],
  ["a number for a name", llm(7), BAD_REQUEST],
  ["null for a name", llm(null), UNPROCESSABLE],
  ["a taken name", llm("main"), CONFLICT],
  ["the name of another agent", agent("agent"), CONFLICT],
  ["no key", other("OPEN_AI", {}), UNPROCESSABLE],
  ["null for a key", other("OPEN_AI", { apiKey: null }), UNPROCESSABLE],
  ["a number for a key", other("OPEN_AI", { apiKey: 7 }), BAD_REQUEST],
  [
    "a word for a flag",
    other("GEMINI", { apiKey: "a", isFunctionCallingEnabled: "yes" }),
    BAD_REQUEST,
  ],
  ["no address", other("CUSTOM", models), UNPROCESSABLE],
  ["no source of models at CUSTOM", other("CUSTOM", { baseUrl: URL_1 }), UNPROCESSABLE],
  ["no source of models at NVIDIA_NIM", other("NVIDIA_NIM", {}), UNPROCESSABLE],
  [
    "no source of models at AWS_BEDROCK",
    other("AWS_BEDROCK", { auth: { authType: "DEFAULT", roleArn: ROLE } }),
    UNPROCESSABLE,
  ],
  ["an empty list of models", other("CUSTOM", { baseUrl: URL_1, modelNames: [] }), UNPROCESSABLE],
  ["a word for the models", other("NVIDIA_NIM", { modelNames: "m-1" }), BAD_REQUEST],
  ["numbers for the models", other("NVIDIA_NIM", { modelNames: [7] }), BAD_REQUEST],
  ["plain http", other("CUSTOM", { ...models, baseUrl: "http://models.example" }), UNPROCESSABLE],
  ["no address but a word", other("CUSTOM", { ...models, baseUrl: "models" }), UNPROCESSABLE],
  [
    "a forbidden address",
    other("CUSTOM", { ...models, baseUrl: "https://169.254.169.254/" }),
    UNPROCESSABLE,
  ],
  ["a list for headers", other("NVIDIA_NIM", { ...models, headers: ["a"] }), BAD_REQUEST],
  ["a number for a header", other("NVIDIA_NIM", { ...models, headers: { a: 7 } }), BAD_REQUEST],
  [
    "too many headers",
    other("NVIDIA_NIM", { ...models, headers: { a: "x".repeat(8176) } }),
    UNPROCESSABLE,
  ],
  ["no role", bedrock({ authType: "DEFAULT" }), UNPROCESSABLE],
  ["no token", bedrock({ authType: "BEARER_TOKEN" }), UNPROCESSABLE],
  ["no proxy", bedrock({ authType: "PROXY_WITH_HEADERS" }), UNPROCESSABLE],
  ["no project", other("VERTEX_AI", { location: "eu", projectAccessLabel: "a" }), UNPROCESSABLE],
  ["a rule that is no rule", { ...llm("other"), scopings: [{ organizationId: 7 }] }, BAD_REQUEST],
  ["an agent without an endpoint", agent("other", { endpoint: undefined }), UNPROCESSABLE],
  ["an agent at plain http", agent("other", { endpoint: "http://agent.example" }), UNPROCESSABLE],
  [
    "too long an endpoint",
    agent("other", { endpoint: `${URL_1}/${"x".repeat(2048)}` }),
    UNPROCESSABLE,
  ],
  ["an agent without a schema", agent("other", { inputSchema: undefined }), UNPROCESSABLE],
  ["a word for a schema", agent("other", { inputSchema: "object" }), BAD_REQUEST],
  ["a number for a description", { ...agent("other"), description: 7 }, BAD_REQUEST],
];

/** A fresh server with "main" of CUSTOM, "second" of OPEN_AI, and "agent". */
async function three(t) {
  const arize = await fresh(t);
  const main = await arize.createIntegration(llm("main", "CUSTOM"));
  const second = await arize.createIntegration(llm("second"));
  return { ...arize, main, second, third: await arize.createIntegration(agent("agent")) };
}

test("what cannot be made is refused", async (t) => {
  const { createIntegration, listIntegrations } = await three(t);
  const before = await listIntegrations({});
  for (const [what, creation, refusal] of CREATIONS) {
    await t.test(what, async () => {
      await assert.rejects(createIntegration(creation), refusal);
      assert.deepEqual(await listIntegrations({}), before);
    });
  }
});

const custom = (config) => ({ type: "LLM", config: { provider: "CUSTOM", ...config } });

const UPDATES = [
  ["another type", { type: "AGENT", name: "new" }, UNPROCESSABLE],
  ["another provider", { type: "LLM", config: { provider: "OPEN_AI" } }, UNPROCESSABLE],
  [
    "another provider's field",
    { type: "LLM", config: { provider: "VERTEX_AI", location: "eu" } },
    UNPROCESSABLE,
  ],
  ["a taken name", { type: "LLM", name: "second" }, CONFLICT],
  ["an empty name", { type: "LLM", name: "" }, UNPROCESSABLE],
  ["null for a name", { type: "LLM", name: null }, UNPROCESSABLE],
  ["a number for a name", { type: "LLM", name: 7 }, BAD_REQUEST],
  ["null for the address", custom({ baseUrl: null }), UNPROCESSABLE],
  [
    "plain http",
    custom({ baseUrl: "http://models.example", apiKey: "a", headers: {} }),
    UNPROCESSABLE,
  ],
  ["null for a flag", custom({ isFunctionCallingEnabled: null }), UNPROCESSABLE],
  ["null for the models", custom({ modelNames: null }), UNPROCESSABLE],
  ["no source of models", custom({ modelNames: [] }), UNPROCESSABLE],
  ["a number for a key", custom({ apiKey: 7 }), BAD_REQUEST],
  ["half of it right", { ...custom({ isDefaultModelsEnabled: true }), name: "second" }, CONFLICT],
];

test("what cannot be changed is refused, and nothing changes", async (t) => {
  const { updateIntegration, listIntegrations, main } = await three(t);
  const before = await listIntegrations({});
  for (const [what, update, refusal] of UPDATES) {
    await t.test(what, async () => {
      await assert.rejects(updateIntegration({ integration: main.id, ...update }), refusal);
      assert.deepEqual(await listIntegrations({}), before);
    });
  }
});

test("the classes of the client's errors are those that it exports", async (t) => {
  const { main, getIntegration, createIntegration, deleteIntegration, server } = await three(t);
  await deleteIntegration({ integration: main.id });
  for (const [call, Kind] of [
    [() => getIntegration({ integration: main.id }), ax.NotFoundError],
    [() => createIntegration(llm(7)), ax.BadRequestError],
    [() => createIntegration(llm("second")), ax.APIError],
    [() => calls(server, { key: { bearer: "no" } }).listIntegrations(), ax.AuthenticationError],
  ]) {
    await assert.rejects(call, (error) => error.constructor === Kind && error.message.length > 40);
  }
});

for (const [what, id, refusal] of [
  ["nothing", btoa("LlmIntegration:4711:abcd"), NOT_FOUND],
  ["another kind of thing", btoa("Space:1:abcd"), NOT_FOUND],
  ["no number", btoa("LlmIntegration:x"), NOT_FOUND],
  ["something without padding", btoa("LlmIntegration:12:abcd").replace(/=+$/, ""), BAD_REQUEST],
  ["what is no text", btoa(":\xff\xfe"), BAD_REQUEST],
]) {
  test(`an id of ${what} is refused`, async (t) => {
    const arize = await three(t);
    for (const call of [
      () => arize.getIntegration({ integration: id }),
      () => arize.deleteIntegration({ integration: id }),
      () => arize.updateIntegration({ integration: id, type: "LLM", name: "new" }),
      () => arize.getAiIntegration({ integration: id }),
      () => arize.deleteAiIntegration({ integration: id }),
      () => arize.updateAiIntegration({ integration: id, name: "new" }),
    ]) {
      await assert.rejects(call, refusal);
    }
    assert.equal((await arize.listIntegrations({})).data.length, 3);
  });
}

test("an id is one of its kind, number and installation", async (t) => {
  const { main, third, getIntegration } = await three(t);
  const altered = (id, from, to) => btoa(atob(id).replace(from, to));
  for (const id of [
    altered(main.id, /.$/, (last) => (last === "a" ? "b" : "a")),
    altered(main.id, "LlmIntegration", "RemoteEndpointIntegration"),
    altered(third.id, "RemoteEndpointIntegration", "LlmIntegration"),
  ]) {
    await assert.rejects(getIntegration({ integration: id }), NOT_FOUND);
  }
});
