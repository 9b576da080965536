// Groups and who is in them: the second part of the SDK's AuthorizationClient.

import assert from "node:assert/strict";
import { test } from "node:test";

import { each, fresh, names } from "./podium.js";

const ANN = "ann@example.org";
const BEN = "ben@example.org";

/** The SDK's AuthorizationClient on a fresh server with two users and an empty group. */
async function devs(t) {
  const clients = await fresh(t);
  for (const id of [ANN, BEN]) await clients.access.upsertUser(id, { name: id, roles: "USER" });
  await clients.access.upsertGroup("devs", { description: "developers", roles: [] });
  const members = async () => each(await clients.access.getUsersInGroup("devs"), "id");
  return { ...clients, members };
}

for (const id of ["devs", "two words / größe: 模型 + 50%"]) {
  test(`the group "${id}" lives`, async (t) => {
    const { access } = await fresh(t);
    const defaultAccess = { WORKFLOW_DEF: ["READ"] };
    const made = await access.upsertGroup(id, { description: "all", roles: "USER", defaultAccess });
    assert.deepEqual([made.id, made.description], [id, "all"]);
    assert.deepEqual(names(made.roles), ["USER"]);
    assert.deepEqual(made.defaultAccess, defaultAccess);
    assert.deepEqual(await access.getGroup(id), made);
    assert.deepEqual(await access.listGroups(), [made]);

    const changed = await access.upsertGroup(id, { description: "none", roles: [] });
    assert.deepEqual(changed, { ...made, description: "none", roles: [], defaultAccess: {} });
    assert.deepEqual(await access.getGroup(id), changed);

    assert.equal(await access.deleteGroup(id), undefined);
    assert.deepEqual(await access.listGroups(), []);
    await assert.rejects(access.getGroup(id), (error) => error.message.split(id).length === 3);
  });
}

test("an unknown group is not found", async (t) => {
  const { access } = await devs(t);
  for (const call of [
    () => access.getGroup("nowhere"),
    () => access.deleteGroup("nowhere"),
    () => access.getUsersInGroup("nowhere"),
    () => access.addUserToGroup("nowhere", ANN),
    () => access.addUsersToGroup("nowhere", [ANN]),
    () => access.removeUserFromGroup("nowhere", ANN),
    () => access.removeUsersFromGroup("nowhere", [ANN]),
    () => access.getGrantedPermissionsForGroup("nowhere"),
  ]) {
    await assert.rejects(call(), /'nowhere': .*nowhere/);
  }
  await assert.rejects(access.upsertGroup("more", { description: "x", roles: "NOBODY" }), /NOBODY/);
});

test("deleting answers a message", async (t) => {
  const { wire } = await devs(t);
  const answer = await wire("DELETE", "/groups/devs");
  assert.equal(answer.headers.get("Content-Type"), "application/json");
  assert.deepEqual(await answer.json(), { message: "Deleted group 'devs'" });
});

test("users come and go, one by one and together", async (t) => {
  const { access, members } = await devs(t);
  assert.deepEqual(await members(), []);
  await access.addUserToGroup("devs", ANN);
  await access.addUserToGroup("devs", ANN);
  await access.addUserToGroup("devs", ANN.toUpperCase());
  assert.deepEqual(await members(), [ANN]);
  const [ann] = await access.getUsersInGroup("devs");
  assert.deepEqual(ann, await access.getUser(ANN));
  assert.deepEqual(ann.groups, [await access.getGroup("devs")]);

  await access.addUsersToGroup("devs", [ANN, BEN]);
  assert.deepEqual(await members(), [ANN, BEN]);
  await access.removeUserFromGroup("devs", ANN);
  await access.removeUserFromGroup("devs", ANN);
  assert.deepEqual(await members(), [BEN]);
  await access.removeUsersFromGroup("devs", [ANN, BEN]);
  assert.deepEqual(await members(), []);
  assert.deepEqual((await access.getUser(ANN)).groups, []);
});

test("an unknown user joins no group", async (t) => {
  const { access, members } = await devs(t);
  await assert.rejects(access.addUserToGroup("devs", "nobody"), /'devs': .*nobody/);
  await assert.rejects(access.addUsersToGroup("devs", [ANN, "nobody"]), /'devs': .*nobody/);
  assert.deepEqual(await members(), [], "all of them or none");
});

test("a deleted group leaves its users and nothing else", async (t) => {
  const { access, members } = await devs(t);
  await access.upsertGroup("devs", { description: "developers", roles: "ADMIN" });
  await access.addUserToGroup("devs", ANN);
  const may = async () => (await access.checkPermissions(ANN, "WORKFLOW_DEF", "orders")).DELETE;
  assert.equal(await may(), true);
  await access.deleteGroup("devs");
  assert.equal(await may(), false);
  assert.deepEqual((await access.getUser(ANN)).groups, []);
  await access.upsertGroup("devs", { description: "developers", roles: [] });
  assert.deepEqual(await members(), []);
});
