// Workflow definitions and their tags, as far as access control needs them: MetadataClient.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fresh } from "./podium.js";

const CORE = { key: "team", value: "core" };
const DOCS = { key: "team", value: "docs", type: "METADATA" };
const OPS = { key: "team", value: "ops" };

/** A workflow definition as the SDK's own suite registers it, but for `changes`. */
const workflow = (changes = {}) => ({
  name: "orders",
  version: 1,
  tasks: [
    {
      name: "set_var",
      taskReferenceName: "set_var_ref",
      type: "SET_VARIABLE",
      inputParameters: { placeholder: true },
    },
  ],
  timeoutSeconds: 60,
  inputParameters: [],
  ...changes,
});

test("a workflow lives", async (t) => {
  const { metadata } = await fresh(t);
  await assert.rejects(metadata.getWorkflowDef("orders"), /'orders': .*orders/);
  await metadata.registerWorkflowDef(workflow(), true);
  assert.deepEqual(await metadata.getWorkflowDef("orders"), workflow());
  assert.deepEqual(await metadata.getWorkflowDef("orders", 1, true), workflow());
  await assert.rejects(metadata.getWorkflowDef("orders", 2), /'orders': .*orders/);

  await assert.rejects(metadata.registerWorkflowDef(workflow({ timeoutSeconds: 5 })), /: ./);
  await metadata.registerWorkflowDef(workflow({ timeoutSeconds: 5 }), true);
  await metadata.registerWorkflowDef(workflow({ version: 2 }));
  assert.equal((await metadata.getWorkflowDef("orders", 1)).timeoutSeconds, 5);
  assert.equal((await metadata.getWorkflowDef("orders")).version, 2);

  await metadata.unregisterWorkflow("orders", 2);
  assert.equal((await metadata.getWorkflowDef("orders")).version, 1);
  await metadata.unregisterWorkflow("orders");
  await assert.rejects(metadata.getWorkflowDef("orders"), /'orders': .*orders/);
  await assert.rejects(metadata.unregisterWorkflow("orders", 1), /'orders': .*orders/);
});

const THINGS = {
  async workflow(metadata) {
    await metadata.registerWorkflowDef(workflow(), true);
    return {
      add: (tag) => metadata.addWorkflowTag(tag, "orders"),
      set: (tags) => metadata.setWorkflowTags(tags, "orders"),
      get: () => metadata.getWorkflowTags("orders"),
      remove: (tag) => metadata.deleteWorkflowTag(tag, "orders"),
    };
  },
  async task(metadata) {
    return {
      add: (tag) => metadata.addTaskTag(tag, "greet"),
      set: (tags) => metadata.setTaskTags(tags, "greet"),
      get: () => metadata.getTaskTags("greet"),
      remove: (tag) => metadata.deleteTaskTag(tag, "greet"),
    };
  },
};

for (const [thing, prepare] of Object.entries(THINGS)) {
  test(`${thing}: tags are added one by one and set together`, async (t) => {
    const { metadata } = await fresh(t);
    const tags = await prepare(metadata);
    const told = async () =>
      (await tags.get()).toSorted((one, other) => (one.value < other.value ? -1 : 1));
    assert.deepEqual(await told(), []);
    await tags.add(CORE);
    await tags.add(DOCS);
    await tags.add(CORE);
    assert.deepEqual(await told(), [CORE, DOCS]);
    await tags.set([DOCS, OPS]);
    assert.deepEqual(await told(), [DOCS, OPS], "the others are replaced");
    await tags.remove(DOCS);
    await tags.remove(CORE);
    assert.deepEqual(await told(), [OPS]);
    await tags.set([]);
    assert.deepEqual(await told(), []);
  });
}

test("the tags of a workflow need it, and go with it", async (t) => {
  const { metadata, wire } = await fresh(t);
  for (const call of [
    () => metadata.getWorkflowTags("nowhere"),
    () => metadata.addWorkflowTag(CORE, "nowhere"),
    () => metadata.setWorkflowTags([CORE], "nowhere"),
    () => metadata.deleteWorkflowTag(CORE, "nowhere"),
  ]) {
    await assert.rejects(call(), /'nowhere': .*nowhere/);
  }
  await metadata.registerWorkflowDef(workflow());
  await metadata.addWorkflowTag(CORE, "orders");
  assert.deepEqual(await (await wire("GET", "/metadata/tags")).json(), [CORE]);
  await metadata.unregisterWorkflow("orders", 1);
  assert.deepEqual(await (await wire("GET", "/metadata/tags")).json(), []);
  await metadata.registerWorkflowDef(workflow());
  assert.deepEqual(await metadata.getWorkflowTags("orders"), []);
});

test("there are no task definitions", async (t) => {
  const { metadata } = await fresh(t);
  assert.deepEqual(await metadata.getAllTaskDefs(), []);
});
