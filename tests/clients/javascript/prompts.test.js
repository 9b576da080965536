// Prompts, with every method of the SDK's prompt client, and those of its integration client.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";

import { OrkesClients } from "@io-orkes/conductor-javascript";

import { each, fresh, model, names, provider } from "./podium.js";

const fixture = (name) => readFile(new URL(`../../api/fixtures/prompts/${name}.txt`, import.meta.url));
const TEMPLATE = (await fixture("template")).toString();

const TEXTS = [
  TEMPLATE,
  "",
  "plain",
  "line1\nline2\r\n\ttab\n",
  'ends in a quote"',
  '"begins with one',
  '"in quotes"',
  '"',
  '""',
  "ends in a backslash\\",
  '\\"',
  "literal \\n and \\u00e9",
  "é 模型 💡 \u2028",
  "${x} ${{x}} $${x} {{x}} {x}",
  '{"a": [1, null]}',
  "5",
  "null",
  " white space around ",
  "%41+&=#?",
];

const NAMES = ["greeting", "two words", "a+b", "a:b", "50%25", "größe-模型", "versions"];

/** The SDK's clients on a fresh server with the integration "main" and its model "gpt-4o". */
async function main(t) {
  const clients = await fresh(t);
  await clients.integrations.saveIntegrationProvider("main", provider());
  await clients.integrations.saveIntegrationApi("main", "gpt-4o", model());
  return clients;
}

test("every text comes back, saved and changed", async (t) => {
  const { prompts } = await fresh(t);
  for (const text of TEXTS) {
    await prompts.savePrompt("greeting", "says hello", text);
    assert.equal((await prompts.getPrompt("greeting")).template, text);
    await prompts.updatePrompt("greeting", "says hello", `${text}.`);
    assert.equal((await prompts.getPrompt("greeting")).template, `${text}.`);
    await prompts.updatePrompt("greeting", "says hello", text);
    assert.deepEqual(each(await prompts.getPrompts(), "template"), [text]);
  }
});

test("the bytes on the wire are the recorded ones", async (t) => {
  const seen = [];
  const listener = createServer(async (request, response) => {
    seen.push({ url: request.url, body: Buffer.concat(await request.toArray()) });
    response.writeHead(200, { "Content-Length": 0 }).end();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.closeAllConnections());
  t.after(() => listener.close());
  const serverUrl = `http://127.0.0.1:${listener.address().port}/api`;
  const prompts = (await OrkesClients.from({ serverUrl })).getPromptClient();
  await prompts.savePrompt("hi", "a b", TEMPLATE, ["a:b", "c:d"]);
  const [{ url, body }] = seen;
  assert.equal(url, "/api/prompts/hi?description=a%20b&models=a%3Ab&models=c%3Ad");
  assert.deepEqual(body, await fixture("javascript"));
});

test("every field comes back", async (t) => {
  const { prompts } = await main(t);
  const models = ["main:gpt-4o", "main:not-yet"];
  await prompts.savePrompt("greeting", "says hello, or é", "Hello ${name}, ${weekday}", models);
  const saved = await prompts.getPrompt("greeting");
  assert.equal(saved.name, "greeting");
  assert.equal(saved.version, 1);
  assert.equal(saved.description, "says hello, or é");
  assert.deepEqual(saved.integrations, models);
  assert.deepEqual(saved.variables, ["name", "weekday"]);
  assert.deepEqual(saved.tags, []);
  assert.match(saved.createdBy, /^app:/);
  assert.ok(saved.createTime > 1_700_000_000_000);
  assert.deepEqual(await prompts.getPrompts(), [saved]);
});

test("a prompt comes back under its name", async (t) => {
  const { integrations, prompts } = await main(t);
  for (const name of NAMES) {
    await prompts.savePrompt(name, "d", "text");
    await prompts.setPromptTags(name, [{ key: "team", value: "core" }]);
    await integrations.associatePromptWithIntegration("main", "gpt-4o", name);
    const saved = await prompts.getPrompt(name);
    assert.equal(saved.name, name);
    assert.deepEqual(saved.integrations, ["main:gpt-4o"]);
    assert.deepEqual(names(await prompts.getPrompts()), [name]);
    await prompts.deletePrompt(name);
    await assert.rejects(prompts.getPrompt(name), /No such prompt/);
  }
});

test("a change keeps the version and who made it, and makes what is missing", async (t) => {
  const { prompts, wire } = await fresh(t);
  await prompts.updatePrompt("greeting", "d", "made");
  const first = await prompts.getPrompt("greeting");
  assert.equal(first.version, 1);
  await wire("POST", "/prompts/greeting?description=d&autoIncrement=true", "two");
  await prompts.updatePrompt("greeting", "changed", "two, changed");
  const second = await prompts.getPrompt("greeting");
  assert.equal(second.version, 2);
  assert.equal(second.description, "changed");
  assert.equal(second.template, "two, changed");
  await prompts.savePrompt("greeting", "d", "one, again");
  assert.equal((await prompts.getPrompt("greeting")).version, 2);
});

test("a model needs its integration", async (t) => {
  const { prompts } = await main(t);
  await assert.rejects(prompts.savePrompt("greeting", "d", "x", ["none:gpt-4o"]), /No such/);
  await assert.rejects(prompts.updatePrompt("greeting", "d", "x", ["gpt-4o"]), /models/);
  await assert.rejects(prompts.getPrompt("greeting"), /No such prompt/);
  await prompts.savePrompt("greeting", "d", "x", ["main:gpt-4o"]);
  await prompts.updatePrompt("greeting", "d", "x", []);
  assert.deepEqual((await prompts.getPrompt("greeting")).integrations, []);
});

test("prompts are associated with models", async (t) => {
  const { integrations, prompts } = await main(t);
  await prompts.savePrompt("greeting", "d", "text");
  await prompts.savePrompt("other", "d", "text");
  assert.deepEqual(await integrations.getPromptsWithIntegration("main", "gpt-4o"), []);
  await integrations.associatePromptWithIntegration("main", "gpt-4o", "greeting");
  const found = await integrations.getPromptsWithIntegration("main", "gpt-4o");
  assert.deepEqual(found, [await prompts.getPrompt("greeting")]);
  for (const path of [
    ["main", "none", "other"],
    ["none", "gpt-4o", "other"],
    ["main", "gpt-4o", "none"],
  ]) {
    await assert.rejects(integrations.associatePromptWithIntegration(...path), /No such/);
  }
  await assert.rejects(integrations.getPromptsWithIntegration("main", "none"), /No such/);
});

test("tags add up, and go pair by pair", async (t) => {
  const { prompts } = await fresh(t);
  const [core, odd] = [
    { key: "team", value: "core" },
    { key: "größe a/b", value: "50%: + 模型" },
  ];
  await prompts.savePrompt("greeting", "d", "text");
  assert.deepEqual(await prompts.getPromptTags("greeting"), []);
  await prompts.setPromptTags("greeting", [core]);
  await prompts.setPromptTags("greeting", [odd]);
  assert.deepEqual(await prompts.getPromptTags("greeting"), [odd, core]);
  assert.deepEqual((await prompts.getPrompt("greeting")).tags, [odd, core]);
  await prompts.deletePromptTags("greeting", [core, { key: "team", value: "other" }]);
  assert.deepEqual(await prompts.getPromptTags("greeting"), [odd]);
  await prompts.deletePrompt("greeting");
  await assert.rejects(prompts.getPromptTags("greeting"), /No such prompt/);
});

test("a deleted prompt is gone", async (t) => {
  const { prompts } = await fresh(t);
  await prompts.savePrompt("greeting", "d", "text");
  await prompts.deletePrompt("greeting");
  assert.deepEqual(await prompts.getPrompts(), []);
  await assert.rejects(prompts.deletePrompt("greeting"), /No such prompt/);
});

test("a trial is checked, and then not supported", async (t) => {
  const { integrations, prompts } = await main(t);
  const request = {
    prompt: "Hi ${name}",
    promptVariables: { name: "Ada" },
    llmProvider: "main",
    model: "gpt-4o",
    temperature: 0.5,
    topP: 0.5,
    stopWords: ["END"],
  };
  await assert.rejects(prompts.testPrompt(request), /everything is in order/);
  await assert.rejects(prompts.testPrompt({ ...request, promptVariables: {} }), /variables.name/);
  await assert.rejects(prompts.testPrompt({ ...request, model: "none" }), /No such/);
  await integrations.saveIntegrationApi("main", "gpt-4o", { enabled: false });
  await assert.rejects(prompts.testPrompt(request), /disabled/);
});
