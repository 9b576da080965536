// Who is known, and what they may do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ADMIN } from "../javascript/podium.js";
import { FORBIDDEN, NOT_FOUND, UNKNOWN_CALLER, calls, fresh, named, stranger } from "./arize.js";
import { agent, llm } from "./samples.js";

const NAMES = { type: "LLM", name: "new" };

/** A fresh server with "main" and "agent", and somebody new with an access key. */
async function them(t) {
  const arize = await fresh(t);
  const main = await arize.createIntegration(llm("main", "CUSTOM"));
  const other = await arize.createIntegration(agent("agent"));
  const { key, ...someone } = await stranger(arize.conductor);
  return { ...arize, main, other, ...someone, key, theirs: calls(arize.server, { key }) };
}

for (const bearer of [
  "no",
  "",
  "podium_",
  `podium_${ADMIN.keyId}`,
  `podium_${ADMIN.keyId}_`,
  `podium_${ADMIN.keyId}_wrong`,
  `podium_nobody_${ADMIN.keySecret}`,
  `${ADMIN.keyId}_${ADMIN.keySecret}`,
]) {
  test(`the key "${bearer}" opens nothing`, async (t) => {
    const { server, main } = await them(t);
    const arize = calls(server, { key: { bearer } });
    const integration = main.id;
    for (const call of [
      () => arize.listIntegrations({}),
      () => arize.getIntegration({ integration }),
      () => arize.createIntegration(llm("other")),
      () => arize.updateIntegration({ integration, ...NAMES }),
      () => arize.deleteIntegration({ integration }),
      () => arize.listAiIntegrations(),
      () => arize.createOrganization({ name: "mine" }),
      () => arize.listSpaces(),
    ]) {
      await assert.rejects(call, UNKNOWN_CALLER);
    }
  });
}

test("a token of the other dialect is a key too", async (t) => {
  const { server, main, conductor } = await them(t);
  const headers = await conductor.raw.getAuthenticationHeaders();
  const { listAiIntegrations } = calls(server, { key: { bearer: headers["X-Authorization"] } });
  assert.deepEqual(
    (await listAiIntegrations()).data.map(({ id }) => id),
    [main.id],
  );
});

test("a key that is paused, and then deleted, opens nothing any more", async (t) => {
  const { conductor, theirs, id, key, grant } = await them(t);
  await grant("main", "READ");
  const shown = async () => named((await theirs.listIntegrations({})).data);
  assert.deepEqual(await shown(), ["main"]);
  await conductor.applications.toggleAccessKeyStatus(id, key.keyId);
  await assert.rejects(shown, UNKNOWN_CALLER);
  await conductor.applications.toggleAccessKeyStatus(id, key.keyId);
  assert.deepEqual(await shown(), ["main"]);
  await conductor.applications.deleteAccessKey(id, key.keyId);
  await assert.rejects(shown, UNKNOWN_CALLER);
});

test("a stranger sees nothing, and a reader changes nothing", async (t) => {
  const { theirs, main, other, grant, listIntegrations } = await them(t);
  const single = ({ id, type }) => [
    () => theirs.getIntegration({ integration: id }),
    () => theirs.updateIntegration({ integration: id, ...NAMES, type }),
    () => theirs.deleteIntegration({ integration: id }),
  ];
  for (const call of [
    () => theirs.listIntegrations({}),
    () => theirs.listAiIntegrations(),
    () => theirs.createIntegration(llm("theirs")),
    () => theirs.createAiIntegration({ name: "theirs", provider: "OPEN_AI" }),
    () => theirs.createOrganization({ name: "theirs" }),
  ]) {
    await assert.rejects(call, FORBIDDEN);
  }
  for (const call of [main, other].flatMap(single)) await assert.rejects(call, NOT_FOUND);

  await grant("main", "READ");
  assert.deepEqual(await theirs.getIntegration({ integration: main.id }), main);
  assert.deepEqual((await theirs.listIntegrations({})).data, [main]);
  assert.deepEqual(named((await theirs.listAiIntegrations()).data), ["main"]);
  for (const call of single(main).slice(1)) await assert.rejects(call, FORBIDDEN);
  for (const call of single(other)) await assert.rejects(call, NOT_FOUND);
  assert.deepEqual((await listIntegrations({})).data, [other, main]);

  // Grants go with the integration, whatever it is called.
  await grant("main", "UPDATE", "DELETE");
  await theirs.updateIntegration({ integration: main.id, ...NAMES });
  assert.equal((await theirs.getIntegration({ integration: "new", type: "LLM" })).id, main.id);
  await theirs.deleteIntegration({ integration: main.id });
  assert.deepEqual((await listIntegrations({})).data, [other]);
});

test("a space shows a stranger nothing, and a reader what they may read", async (t) => {
  const { theirs, main, grant, createOrganization, createSpace } = await them(t);
  const { id: organizationId } = await createOrganization({ name: "Sales" });
  const { id: space } = await createSpace({ name: "North", organizationId });
  await assert.rejects(theirs.listIntegrations({ space }), NOT_FOUND);
  await assert.rejects(theirs.listAiIntegrations({ space }), NOT_FOUND);
  await assert.rejects(theirs.createSpace({ name: "South", organizationId }), FORBIDDEN);
  await assert.rejects(theirs.deleteSpace({ space }), FORBIDDEN);
  await grant("main", "READ");
  assert.deepEqual((await theirs.listIntegrations({ space })).data, [main]);
});

test("a model goes only by those who may delete it", async (t) => {
  const { theirs, main, grant } = await them(t);
  await grant("main", "READ", "UPDATE");
  const update = (modelNames) => {
    const config = { provider: "CUSTOM", modelNames };
    return theirs.updateIntegration({ integration: main.id, type: "LLM", config });
  };
  const more = ["m-2", "m-1", "m-3"];
  assert.deepEqual((await update(more)).config.modelNames, more);
  await assert.rejects(update(["m-1"]), FORBIDDEN);
  const { config } = await theirs.getIntegration({ integration: main.id });
  assert.deepEqual(config.modelNames, more);
});

test("who makes an integration owns it", async (t) => {
  const { theirs, conductor, id, main } = await them(t);
  await conductor.applications.addApplicationRole(id, "USER");
  assert.deepEqual((await theirs.listIntegrations({})).data, []);
  const made = await theirs.createIntegration(llm("theirs"));
  assert.equal(atob(made.createdByUserId), `User:app:${id}`);
  assert.deepEqual((await theirs.listIntegrations({})).data, [made]);
  await assert.rejects(theirs.createIntegration(llm("main")), { statusCode: 409 });
  await assert.rejects(theirs.getIntegration({ integration: main.id }), NOT_FOUND);
  await theirs.updateIntegration({ integration: made.id, ...NAMES });
  await theirs.deleteIntegration({ integration: made.id });
});
