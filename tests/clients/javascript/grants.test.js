// Who may do what: the third part of the SDK's AuthorizationClient.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fresh, model, provider } from "./podium.js";

const ANN = { type: "USER", id: "ann@example.org" };
const DEVS = { type: "GROUP", id: "devs" };
const ORDERS = { type: "WORKFLOW_DEF", id: "orders" };
const NOTHING = { CREATE: [], READ: [], UPDATE: [], DELETE: [], EXECUTE: [] };

/** A grant as the SDK takes it. */
const of = (subject, target, ...access) => ({ subject, target, access });

/** The clients on a fresh server where Ann is one of the developers. */
async function people(t) {
  const clients = await fresh(t);
  const { access } = clients;
  await access.upsertUser(ANN.id, { name: "Ann", roles: "WORKER" });
  await access.upsertGroup(DEVS.id, { description: "developers", roles: [] });
  await access.addUserToGroup(DEVS.id, ANN.id);
  const on = (target) => access.getPermissions(target.type, target.id);
  return { ...clients, on };
}

/** What was granted, with the accesses of each entry in one order. */
const sorted = ({ grantedAccess, ...more }) => {
  assert.deepEqual(more, {});
  return grantedAccess.map((entry) => ({ ...entry, access: entry.access.toSorted() }));
};

test("grants come and go", async (t) => {
  const { access, on } = await people(t);
  assert.deepEqual(await on(ORDERS), NOTHING);
  assert.equal(await access.grantPermissions(of(ANN, ORDERS, "READ", "EXECUTE")), undefined);
  await access.grantPermissions(of(DEVS, ORDERS, "READ"));
  await access.grantPermissions(of(DEVS, ORDERS, "READ"));
  const told = await on(ORDERS);
  assert.equal(told.READ.length, 2);
  assert.ok([ANN, DEVS].every(({ id }) => told.READ.some((subject) => subject.id === id)));
  assert.deepEqual(told, { ...NOTHING, READ: told.READ, EXECUTE: [ANN] });

  assert.deepEqual(sorted(await access.getGrantedPermissionsForUser(ANN.id)), [
    { target: ORDERS, access: ["EXECUTE", "READ"] },
  ]);
  assert.deepEqual(sorted(await access.getGrantedPermissionsForGroup(DEVS.id)), [
    { target: ORDERS, access: ["READ"] },
  ]);

  assert.equal(await access.removePermissions(of(ANN, ORDERS, "EXECUTE", "DELETE")), undefined);
  assert.deepEqual(sorted(await access.getGrantedPermissionsForUser(ANN.id)), [
    { target: ORDERS, access: ["READ"] },
  ]);
  await access.removePermissions(of(ANN, ORDERS, "READ"));
  await access.removePermissions(of(DEVS, ORDERS, "READ"));
  assert.deepEqual(await on(ORDERS), NOTHING);
  assert.deepEqual(sorted(await access.getGrantedPermissionsForUser(ANN.id)), []);
  assert.deepEqual(sorted(await access.getGrantedPermissionsForGroup(DEVS.id)), []);
});

// Every type that the SDK knows; of most there are no things on this server.
for (const type of [
  "WORKFLOW",
  "WORKFLOW_DEF",
  "WORKFLOW_SCHEDULE",
  "EVENT_HANDLER",
  "TASK_DEF",
  "TASK_REF_NAME",
  "TASK_ID",
  "APPLICATION",
  "USER",
  "SECRET_NAME",
  "ENV_VARIABLE",
  "TAG",
  "DOMAIN",
  "INTEGRATION_PROVIDER",
  "INTEGRATION",
  "PROMPT",
  "USER_FORM_TEMPLATE",
  "SCHEMA",
  "CLUSTER_CONFIG",
  "WEBHOOK",
]) {
  test(`${type} can be granted on`, async (t) => {
    const { access, on } = await people(t);
    const target = { type, id: ["TAG", "INTEGRATION"].includes(type) ? "main:gpt-4o/50%" : "main" };
    await access.grantPermissions(of(ANN, target, "READ"));
    assert.deepEqual(await on(target), { ...NOTHING, READ: [ANN] });
    assert.deepEqual(sorted(await access.getGrantedPermissionsForUser(ANN.id)), [
      { target, access: ["READ"] },
    ]);
    assert.equal((await access.checkPermissions(ANN.id, type, target.id)).READ, true);
    await access.removePermissions(of(ANN, target, "READ"));
    assert.deepEqual(await on(target), NOTHING);
  });
}

test("a grant reaches a user directly, through a group and through a role", async (t) => {
  const { access } = await people(t);
  const told = () => access.checkPermissions(ANN.id, ORDERS.type, ORDERS.id);
  for (const subject of [ANN, DEVS, { type: "ROLE", id: "WORKER" }]) {
    await access.grantPermissions(of(subject, ORDERS, "UPDATE"));
    assert.equal((await told()).UPDATE, true, subject.type);
    assert.equal((await told()).READ, false, subject.type);
    await access.removePermissions(of(subject, ORDERS, "UPDATE"));
    assert.equal((await told()).UPDATE, false, subject.type);
  }
});

test("a grant on a model covers it alone, one on its integration all", async (t) => {
  const { access, integrations } = await people(t);
  await integrations.saveIntegrationProvider("main", provider());
  await integrations.saveIntegrationApi("main", "gpt-4o", model());
  await integrations.saveIntegrationApi("main", "o3", model());
  const may = async (type, id) => (await access.checkPermissions(ANN.id, type, id)).EXECUTE;
  const all = async () => [
    await may("INTEGRATION_PROVIDER", "main"),
    await may("INTEGRATION", "main:gpt-4o"),
    await may("INTEGRATION", "main:o3"),
  ];
  await access.grantPermissions(of(ANN, { type: "INTEGRATION", id: "main:o3" }, "EXECUTE"));
  assert.deepEqual(await all(), [false, false, true]);
  await access.grantPermissions(of(ANN, { type: "INTEGRATION_PROVIDER", id: "main" }, "EXECUTE"));
  assert.deepEqual(await all(), [true, true, true]);
  await integrations.deleteIntegrationProvider("main");
  assert.deepEqual(await all(), [false, false, false]);
});

test("a grant on a tag is told with what carries it", async (t) => {
  const { access, integrations } = await people(t);
  await integrations.saveIntegrationProvider("main", provider());
  await integrations.setProviderTags("main", [{ key: "team", value: "core" }]);
  const tag = { type: "TAG", id: "team:core" };
  await access.grantPermissions(of(DEVS, tag, "READ"));
  const told = sorted(await access.getGrantedPermissionsForGroup(DEVS.id));
  assert.equal(told.length, 2);
  const main = { type: "INTEGRATION_PROVIDER", id: "main" };
  for (const entry of [
    { target: tag, access: ["READ"] },
    { target: main, access: ["READ"], tag: "team:core" },
  ]) {
    assert.deepEqual(told.find(({ target }) => target.type === entry.target.type), entry);
  }
  assert.equal((await access.checkPermissions(ANN.id, main.type, main.id)).READ, true);
  await integrations.deleteProviderTags("main", [{ key: "team", value: "core" }]);
  assert.equal((await access.checkPermissions(ANN.id, main.type, main.id)).READ, false);
});

test("the creator of a thing may do everything with it", async (t) => {
  const { integrations, on } = await people(t);
  await integrations.saveIntegrationProvider("main", provider());
  const { createdBy } = await integrations.getIntegrationProvider("main");
  const mine = [{ type: "USER", id: createdBy }];
  assert.deepEqual(await on({ type: "INTEGRATION_PROVIDER", id: "main" }), {
    ...NOTHING,
    READ: mine,
    UPDATE: mine,
    DELETE: mine,
    EXECUTE: mine,
  });
});

test("what cannot be understood is refused", async (t) => {
  const { access, on } = await people(t);
  for (const request of [
    of({ type: "PLANET", id: "x" }, ORDERS, "READ"),
    of(ANN, { type: "PLANET", id: "x" }, "READ"),
    of(ANN, ORDERS, "READ", "OWN"),
  ]) {
    await assert.rejects(access.grantPermissions(request), /Failed to grant permissions: ./);
    await assert.rejects(access.removePermissions(request), /Failed to remove permissions: ./);
  }
  await assert.rejects(access.getPermissions("PLANET", "x"), /PLANET 'x': ./);
  assert.deepEqual(await on(ORDERS), NOTHING);
});

test("the answers are messages, and types are written in any case", async (t) => {
  const { on, wire } = await people(t);
  const request = of({ ...ANN, type: "user" }, { ...ORDERS, type: "workflow_def" }, "read");
  const granted = await wire("POST", "/auth/authorization", request);
  assert.deepEqual(await granted.json(), { message: "Granted permission" });
  assert.deepEqual(await on(ORDERS), { ...NOTHING, READ: [ANN] });
  const removed = await wire("DELETE", "/auth/authorization", request);
  assert.deepEqual(await removed.json(), { message: "Removed permission" });
  assert.deepEqual(await on(ORDERS), NOTHING);
});
