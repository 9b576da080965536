// Listings: order, pages, filters.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BAD_REQUEST, RELEASES, calls, fresh, named, pages } from "./arize.js";
import { agent, llm } from "./samples.js";

const COUNT = 7;

/** A fresh server with as many integrations, by turns of the one and the other type. */
async function many(t) {
  const arize = await fresh(t);
  for (let number = 0; number < COUNT; number += 1) {
    const sample = number % 2 ? agent : llm;
    await arize.createIntegration(sample(`main-${number}`));
  }
  return arize;
}

/** The names of some of them. */
const numbered = (...numbers) => numbers.map((number) => `main-${number}`);

test("the newest come first, on pages of the size that was asked for", async (t) => {
  const { listIntegrations } = await many(t);
  const all = (await listIntegrations({})).data;
  assert.deepEqual(named(all), numbered(6, 5, 4, 3, 2, 1, 0));
  for (let limit = 1; limit <= COUNT + 1; limit += 1) {
    const found = await pages(listIntegrations, { limit });
    const sizes = found.map((page) => page.length);
    assert.equal(sizes.length, Math.ceil(COUNT / limit));
    assert.ok(
      sizes.slice(0, -1).every((size) => size === limit),
      `${limit}: ${sizes}`,
    );
    assert.deepEqual(found.flat(), all);
  }
});

for (const [what, filter, expected] of [
  ["LLM", { type: "LLM" }, numbered(6, 4, 2, 0)],
  ["AGENT", { type: "AGENT" }, numbered(5, 3, 1)],
  ["a part of the name", { name: "AIN-3" }, numbered(3)],
  ["a part of the name of one type", { type: "AGENT", name: "main" }, numbered(5, 3, 1)],
  ["a name of nobody", { name: "main%" }, []],
]) {
  test(`only those of ${what} are listed`, async (t) => {
    const { listIntegrations } = await many(t);
    assert.deepEqual(named((await listIntegrations(filter)).data), expected);
    const found = await pages(listIntegrations, { ...filter, limit: 1 });
    assert.deepEqual(named(found.flat()), expected);
  });
}

for (const [release, client] of Object.entries(RELEASES)) {
  test(`the older family has pages, as ${release} reads them`, async (t) => {
    const { server } = await many(t);
    const { listAiIntegrations } = calls(server, { release: client });
    const found = await pages(listAiIntegrations, { limit: 1 });
    assert.equal(found.length, 4);
    assert.deepEqual(named(found.flat()), numbered(6, 4, 2, 0));
    const [all] = await pages(listAiIntegrations);
    assert.deepEqual(all, found.flat());
  });
}

test("what comes and goes between two pages disturbs none of the rest", async (t) => {
  const { listIntegrations, createIntegration, deleteIntegration } = await many(t);
  const { data, pagination } = await listIntegrations({ limit: 2 });
  await createIntegration(llm("later"));
  await deleteIntegration({ integration: data[1].id });
  await deleteIntegration({ integration: "main-3", type: "AGENT" });
  const list = ({ cursor = pagination.nextCursor }) => listIntegrations({ limit: 2, cursor });
  const rest = await pages(list, {});
  assert.deepEqual(named(rest.flat()), numbered(4, 2, 1, 0));
});

test("a cursor goes with its filter, and with any limit", async (t) => {
  const { listIntegrations, listAiIntegrations } = await many(t);
  const { pagination } = await listIntegrations({ type: "LLM", limit: 1 });
  const cursor = pagination.nextCursor;
  const next = await listIntegrations({ type: "LLM", limit: 2, cursor });
  assert.deepEqual(named(next.data), numbered(4, 2));
  for (const filter of [{}, { type: "AGENT" }, { type: "LLM", name: "main" }]) {
    await assert.rejects(listIntegrations({ ...filter, limit: 1, cursor }), BAD_REQUEST);
  }
  await assert.rejects(listAiIntegrations({ limit: 1, cursor }), BAD_REQUEST);
});

for (const [what, filter] of Object.entries({
  "a limit of none": { limit: 0 },
  "a limit that is negative": { limit: -1 },
  "a limit beyond 100": { limit: 101 },
  "a limit that is no number": { limit: "many" },
  "an unknown type": { type: "PLANET" },
  "a made-up cursor": { cursor: "bm8gY3Vyc29y" },
  "a cursor of no known form": { cursor: "%00 ü" },
  "too long a name": { name: "x".repeat(256) },
  "too long a name of a space": { space: "x ".repeat(128) },
})) {
  test(`${what} is refused`, async (t) => {
    const { listIntegrations, listAiIntegrations } = await fresh(t);
    await assert.rejects(listIntegrations(filter), BAD_REQUEST);
    if (!filter.type) await assert.rejects(listAiIntegrations(filter), BAD_REQUEST);
  });
}

test("100 fit on a page, and 50 where nothing is said", async (t) => {
  const { createIntegration, listIntegrations } = await fresh(t);
  for (let number = 0; number <= 100; number += 1) await createIntegration(llm(`main-${number}`));
  for (const [filter, sizes] of [
    [{}, [50, 50, 1]],
    [{ limit: 100 }, [100, 1]],
  ]) {
    const found = await pages(listIntegrations, filter);
    assert.deepEqual(
      found.map((page) => page.length),
      sizes,
    );
  }
});
