// Tokens: the SDK renews them by itself.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, model, provider, startServer } from "./podium.js";

test("an expired token is renewed, and the call it met goes through", async (t) => {
  const server = await startServer(t, { PODIUM_TOKEN_TTL: "2s" });
  const { integrations, raw } = await connect(t, server);
  await integrations.saveIntegrationProvider("main", provider());

  // Each of these calls meets an expired token; the SDK repeats it without its Content-Type.
  for (const call of [
    () => integrations.saveIntegrationApi("main", "gpt-4o", model()),
    () => integrations.setProviderTags("main", [{ key: "team", value: "core" }]),
    () => integrations.getIntegrationApi("main", "gpt-4o"),
  ]) {
    const headers = await raw.getAuthenticationHeaders();
    let answer;
    do answer = await fetch(`${server}/token/userInfo`, { headers });
    while (answer.ok);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).error, "EXPIRED_TOKEN");
    await call();
    assert.notDeepEqual(await raw.getAuthenticationHeaders(), headers);
  }
  const saved = await integrations.getIntegrationProvider("main");
  assert.deepEqual(saved.tags, [{ key: "team", value: "core" }]);
  assert.equal(saved.modelsCount, 1);
});
