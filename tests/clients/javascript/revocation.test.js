// What is taken away is gone at the client's next call, and back with the call after its return.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, each, provider, startServer } from "./podium.js";

// The SDK does not export the class of its errors.
const SDK_ERROR = { name: "[Conductor SDK Error]" };

/** An administrator, and an application without any right that wants to read "main". */
async function them(t) {
  const server = await startServer(t);
  const admin = await connect(t, server);
  await admin.integrations.saveIntegrationProvider("main", provider());
  const { id } = await admin.applications.createApplication("reader");
  const key = await admin.applications.createAccessKey(id);
  const { integrations, raw } = await connect(t, server, { keyId: key.id, keySecret: key.secret });
  return {
    ...admin,
    id,
    user: `app:${id}`,
    key,
    read: () => integrations.getIntegrationProvider("main"),
    list: async () => each(await integrations.getIntegrationProviders(), "name"),
    token: () => raw.getAuthenticationHeaders(),
  };
}

test("a paused key stops its client until it is taken up again", async (t) => {
  const { applications, id, key, list, token } = await them(t);
  const before = await token();
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await list(), []);
    const paused = await applications.toggleAccessKeyStatus(id, key.id);
    assert.equal(paused.status, "INACTIVE");
    await assert.rejects(list(), {
      ...SDK_ERROR,
      message: /^Failed to get integration providers: Token is not valid/,
    });
    assert.equal((await applications.toggleAccessKeyStatus(id, key.id)).status, "ACTIVE");
  }
  assert.deepEqual(await list(), []);
  assert.deepEqual(await token(), before, "the same client goes on, with the token that it had");
});

for (const [what, remove] of Object.entries({
  key: ({ applications, id, key }) => applications.deleteAccessKey(id, key.id),
  application: ({ applications, id }) => applications.deleteApplication(id),
})) {
  test(`a deleted ${what} stops its client for good`, async (t) => {
    const it = await them(t);
    assert.deepEqual(await it.list(), []);
    await remove(it);
    await assert.rejects(it.list(), SDK_ERROR);
    await assert.rejects(it.list(), SDK_ERROR);
  });
}

const MAIN = { type: "INTEGRATION_PROVIDER", id: "main" };
const CORE = { key: "team", value: "core" };

/** Giving READ on `target` to `subject`, and taking it away. */
const granted = ({ access }, subject, target = MAIN) => {
  const request = { subject, target, access: ["READ"] };
  return [() => access.grantPermissions(request), () => access.removePermissions(request)];
};

// Each way gives READ on the integration, and takes it away again.
const WAYS = {
  role: ({ applications, id }) => [
    () => applications.addApplicationRole(id, "USER_READ_ONLY"),
    () => applications.removeRoleFromApplicationUser(id, "USER_READ_ONLY"),
  ],
  grant: (it) => granted(it, { type: "USER", id: it.user }),
  async "grant to a group"(it) {
    await it.access.upsertGroup("devs", { description: "developers", roles: [] });
    await it.access.addUserToGroup("devs", it.user);
    return granted(it, { type: "GROUP", id: "devs" });
  },
  async membership(it) {
    await it.access.upsertGroup("devs", { description: "developers", roles: "ADMIN" });
    return [
      () => it.access.addUserToGroup("devs", it.user),
      () => it.access.removeUserFromGroup("devs", it.user),
    ];
  },
  async "role of a group"({ access, user }) {
    const save = (roles) => access.upsertGroup("devs", { description: "developers", roles });
    await save([]);
    await access.addUserToGroup("devs", user);
    return [() => save("ADMIN"), () => save([])];
  },
  group: ({ access, user }) => [
    async () => {
      await access.upsertGroup("devs", { description: "developers", roles: "ADMIN" });
      await access.addUsersToGroup("devs", [user]);
    },
    () => access.deleteGroup("devs"),
  ],
  async tag(it) {
    await granted(it, { type: "USER", id: it.user }, { type: "TAG", id: "team:core" })[0]();
    return [
      () => it.integrations.setProviderTags("main", [CORE]),
      () => it.integrations.deleteProviderTags("main", [CORE]),
    ];
  },
  async "grant on a tag"(it) {
    await it.integrations.setProviderTags("main", [CORE]);
    return granted(it, { type: "USER", id: it.user }, { type: "TAG", id: "team:core" });
  },
};

for (const [way, prepare] of Object.entries(WAYS)) {
  test(`a right by ${way} is in force and gone at the next call`, async (t) => {
    const it = await them(t);
    const [give, take] = await prepare(it);
    const before = await it.token();
    const lockedOut = async () => {
      const message = /'main': You don't have READ access/;
      await assert.rejects(it.read(), { ...SDK_ERROR, message });
      assert.deepEqual(await it.list(), [], "lists are filtered, not refused");
    };
    await lockedOut();
    for (let round = 0; round < 2; round += 1) {
      await give();
      assert.equal((await it.read()).name, "main");
      assert.deepEqual(await it.list(), ["main"]);
      await take();
      await lockedOut();
    }
    assert.deepEqual(await it.token(), before, "no refusal costs a token");
  });
}
