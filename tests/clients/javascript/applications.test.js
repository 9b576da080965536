// Applications and their access keys: the SDK's ApplicationClient.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ADMIN, connect, each, fresh, provider, startServer } from "./podium.js";

const UNKNOWN = "5f0c7f5e-0000-7000-8000-000000000000";

for (const name of ["reader", "two words / größe: 模型 + 50%"]) {
  test(`the application "${name}" lives`, async (t) => {
    const { applications } = await fresh(t);
    const created = await applications.createApplication(name);
    assert.equal(created.name, name);
    assert.match(created.createdBy, /^app:/);
    assert.ok(created.createTime > 1_700_000_000_000);
    assert.equal((await applications.getApplication(created.id)).name, name);
    assert.ok(each(await applications.getAllApplications(), "id").includes(created.id));

    const renamed = await applications.updateApplication(created.id, "renamed");
    assert.equal(renamed.name, "renamed");
    assert.equal(renamed.createTime, created.createTime);

    await applications.deleteApplication(created.id);
    await assert.rejects(applications.getApplication(created.id), new RegExp(created.id));
    assert.ok(!each(await applications.getAllApplications(), "id").includes(created.id));
  });
}

test("a blank name is refused", async (t) => {
  const { applications } = await fresh(t);
  await assert.rejects(applications.createApplication(""), /Failed to create application: ./);
  const { id } = await applications.createApplication("reader");
  await assert.rejects(applications.updateApplication(id, " "), /Failed to update application/);
  assert.equal((await applications.getApplication(id)).name, "reader");
});

test("an unknown application is not found", async (t) => {
  const { applications } = await fresh(t);
  for (const call of [
    () => applications.getApplication(UNKNOWN),
    () => applications.updateApplication(UNKNOWN, "x"),
    () => applications.deleteApplication(UNKNOWN),
    () => applications.createAccessKey(UNKNOWN),
    () => applications.getAccessKeys(UNKNOWN),
    () => applications.toggleAccessKeyStatus(UNKNOWN, "key"),
    () => applications.deleteAccessKey(UNKNOWN, "key"),
    () => applications.addApplicationRole(UNKNOWN, "ADMIN"),
    () => applications.removeRoleFromApplicationUser(UNKNOWN, "ADMIN"),
    () => applications.getApplicationTags(UNKNOWN),
    () => applications.addApplicationTags(UNKNOWN, [{ key: "team", value: "core" }]),
    () => applications.deleteApplicationTags(UNKNOWN, [{ key: "team", value: "core" }]),
  ]) {
    // Once in the SDK's own words, once in the server's.
    await assert.rejects(call(), new RegExp(`${UNKNOWN}.*: .*${UNKNOWN}`));
  }
});

test("an access key lives", async (t) => {
  const { applications } = await fresh(t);
  const { id } = await applications.createApplication("reader");
  assert.deepEqual(await applications.getAccessKeys(id), []);
  const created = await applications.createAccessKey(id);
  const { id: key, secret, apiKey, ...others } = created;
  assert.deepEqual([apiKey, others], [`podium_${key}_${secret}`, {}]);

  const [listed] = await applications.getAccessKeys(id);
  assert.deepEqual(Object.keys(listed).sort(), ["createdAt", "id", "status"]);
  assert.deepEqual([listed.id, listed.status], [created.id, "ACTIVE"]);
  assert.ok(listed.createdAt > 1_700_000_000_000);

  const toggled = await applications.toggleAccessKeyStatus(id, created.id);
  assert.deepEqual(toggled, { ...listed, status: "INACTIVE" });
  assert.deepEqual(await applications.toggleAccessKeyStatus(id, created.id), listed);

  await applications.deleteAccessKey(id, created.id);
  assert.deepEqual(await applications.getAccessKeys(id), []);
  await assert.rejects(applications.deleteAccessKey(id, created.id), new RegExp(created.id));
});

test("an application is found by its key", async (t) => {
  const { applications } = await fresh(t);
  const { id } = await applications.createApplication("reader");
  const key = await applications.createAccessKey(id);
  const found = await applications.getAppByAccessKeyId(key.id);
  assert.deepEqual([found.id, found.name], [id, "reader"]);
  assert.notEqual((await applications.getAppByAccessKeyId(ADMIN.keyId)).id, id);
  await assert.rejects(applications.getAppByAccessKeyId("no-such-key"), /no-such-key: ./);
});

test("a role counts from the next call on", async (t) => {
  const server = await startServer(t);
  const { applications } = await connect(t, server);
  const { id } = await applications.createApplication("writer");
  const key = await applications.createAccessKey(id);
  const theirs = await connect(t, server, { keyId: key.id, keySecret: key.secret });
  const save = () => theirs.integrations.saveIntegrationProvider("theirs", provider());

  const token = await theirs.raw.getAuthenticationHeaders();
  await assert.rejects(save(), /Failed to save integration provider 'theirs': ./);
  await applications.addApplicationRole(id, "METADATA_MANAGER");
  await save();
  const saved = await theirs.integrations.getIntegrationProvider("theirs");
  assert.equal(saved.createdBy, `app:${id}`);
  await applications.removeRoleFromApplicationUser(id, "METADATA_MANAGER");
  await assert.rejects(theirs.integrations.saveIntegrationProvider("more", provider()));
  assert.deepEqual(await theirs.raw.getAuthenticationHeaders(), token, "no refusal costs a token");
});
