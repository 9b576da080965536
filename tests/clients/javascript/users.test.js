// Users: the first part of the SDK's AuthorizationClient.

import assert from "node:assert/strict";
import { test } from "node:test";

import { each, fresh, names, provider } from "./podium.js";

const ANN = "ann@example.org";
const NOTHING = { CREATE: false, READ: false, UPDATE: false, DELETE: false, EXECUTE: false };

// The SDK's own suite sends a single role as bare text, against the SDK's types.
for (const roles of ["USER", ["USER"]]) {
  test(`a user with the roles ${JSON.stringify(roles)} lives`, async (t) => {
    const { access } = await fresh(t);
    const made = await access.upsertUser(ANN, { name: "Ann", roles });
    assert.deepEqual([made.id, made.name], [ANN, "Ann"]);
    assert.deepEqual(names(made.roles), ["USER"]);
    assert.ok(names(made.roles[0].permissions).includes("CREATE_INTEGRATION"));
    assert.deepEqual([made.groups, made.applicationUser, made.encryptedId], [[], false, false]);
    assert.match(made.uuid, /./);
    assert.deepEqual(await access.getUser(ANN), made);
    assert.deepEqual(await access.listUsers(), [made]);

    const changed = await access.upsertUser(ANN, { name: "Ann B.", roles: "WORKER" });
    assert.deepEqual(names(changed.roles), ["WORKER"]);
    assert.deepEqual(await access.getUser(ANN), changed);
    assert.deepEqual({ ...changed, name: made.name, roles: made.roles }, made);

    assert.equal(await access.deleteUser(ANN), undefined);
    assert.deepEqual(await access.listUsers(), []);
    await assert.rejects(access.getUser(ANN), new RegExp(`'${ANN}': .*${ANN}`));
  });
}

test("an id is lower case whatever is sent", async (t) => {
  const { access } = await fresh(t);
  const made = await access.upsertUser("testUser", { name: "Test", roles: "USER" });
  assert.equal(made.id, "testuser");
  assert.equal((await access.upsertUser("TESTuser", { name: "Test" })).uuid, made.uuid);
  assert.deepEqual(each(await access.listUsers(), "id"), ["testuser"]);
  await access.deleteUser("TESTUSER");
  assert.deepEqual(await access.listUsers(), []);
});

test("a role stands as it can", async (t) => {
  const { access } = await fresh(t);
  const save = (roles, groups) => access.upsertUser(ANN, { name: "Ann", roles, groups });
  await assert.rejects(save(["NO_SUCH_ROLE"]), /NO_SUCH_ROLE/);
  await assert.rejects(save(["USER_READ_ONLY", "USER"]), /USER_READ_ONLY/);
  assert.deepEqual(await access.listUsers(), []);

  await access.upsertGroup("devs", { description: "developers", roles: [] });
  assert.deepEqual(names((await save(["USER_READ_ONLY"])).roles), ["USER_READ_ONLY"]);
  await assert.rejects(access.addUserToGroup("devs", ANN), /USER_READ_ONLY/);
  await assert.rejects(save(["USER_READ_ONLY"], ["devs"]), /USER_READ_ONLY/);
  assert.deepEqual(await access.getUsersInGroup("devs"), []);
});

test("an unknown user is not found", async (t) => {
  const { access } = await fresh(t);
  for (const call of [
    () => access.getUser(ANN),
    () => access.deleteUser(ANN),
    () => access.checkPermissions(ANN, "WORKFLOW_DEF", "orders"),
    () => access.getGrantedPermissionsForUser(ANN),
  ]) {
    // Once in the SDK's own words, once in the server's.
    await assert.rejects(call(), new RegExp(`'${ANN}': .*${ANN}`));
  }
});

test("deleting answers a message, and an invitation is not sent", async (t) => {
  const { access, wire } = await fresh(t);
  await access.upsertUser(ANN, { name: "Ann", roles: "USER" });
  assert.equal((await wire("POST", `/users/${ANN}/sendInviteEmail`)).status, 501);
  const answer = await wire("DELETE", `/users/${ANN}`);
  assert.equal(answer.headers.get("Content-Type"), "application/json");
  assert.deepEqual(await answer.json(), { message: `Deleted user '${ANN}'` });
  assert.equal((await wire("POST", `/users/${ANN}/sendInviteEmail`)).status, 404);
});

test("an application is a user too", async (t) => {
  const { access, applications } = await fresh(t);
  const { id } = await applications.createApplication("reader");
  await applications.addApplicationRole(id, "APPLICATION_MANAGER");
  const seen = await access.getUser(`app:${id}`);
  assert.deepEqual([seen.id, seen.name, seen.applicationUser], [`app:${id}`, "reader", true]);
  assert.deepEqual(names(seen.roles), ["APPLICATION_MANAGER"]);
  await applications.removeRoleFromApplicationUser(id, "APPLICATION_MANAGER");
  assert.deepEqual((await access.getUser(`app:${id}`)).roles, []);

  assert.deepEqual(await access.listUsers(), []);
  const every = await access.listUsers(true);
  assert.equal(every.length, 2, "the administrator is the other");
  assert.ok(each(every, "id").includes(`app:${id}`));
  assert.ok(every.every((user) => user.applicationUser));
  await applications.deleteApplication(id);
  await assert.rejects(access.getUser(`app:${id}`), new RegExp(`: .*${id}`));
});

test("permissions are told for each access", async (t) => {
  const { access, integrations } = await fresh(t);
  await access.upsertUser(ANN, { name: "Ann", roles: "USER" });
  const check = (...target) => access.checkPermissions(ANN, ...target);
  assert.deepEqual(await check("INTEGRATION_PROVIDER", "main"), { ...NOTHING, CREATE: true });
  assert.deepEqual(await check("PROMPT", "größe / 50%"), NOTHING);
  await assert.rejects(check("NO_SUCH_TYPE", "x"), /Failed to check permissions.*: ./);

  await integrations.saveIntegrationProvider("main", provider());
  await access.grantPermissions({
    subject: { type: "USER", id: ANN },
    target: { type: "INTEGRATION_PROVIDER", id: "main" },
    access: ["READ", "EXECUTE"],
  });
  const granted = { ...NOTHING, READ: true, EXECUTE: true, CREATE: true };
  assert.deepEqual(await check("INTEGRATION_PROVIDER", "main"), granted);
  const { CREATE, ...onPart } = await check("INTEGRATION", "main:gpt-4o");
  assert.deepEqual(onPart, { READ: true, UPDATE: false, DELETE: false, EXECUTE: true });
  assert.equal(typeof CREATE, "boolean");
});
