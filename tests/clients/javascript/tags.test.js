// Tags of integrations, of models and of applications, which all behave alike.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fresh, model, provider } from "./podium.js";

const CORE = { key: "team", value: "core" };
const DOCS = { key: "team", value: "docs" };
const ODD = { key: "größe a/b", value: "50%: + 模型" };

const bySpelling = (tags) => tags.map((tag) => JSON.stringify(tag)).sort();
const same = (actual, expected) => assert.deepEqual(bySpelling(actual), bySpelling(expected));

const THINGS = {
  async integration({ integrations }) {
    await integrations.saveIntegrationProvider("main", provider());
    return {
      set: (tags) => integrations.setProviderTags("main", tags),
      get: () => integrations.getProviderTags("main"),
      remove: (tags) => integrations.deleteProviderTags("main", tags),
      shown: async () => (await integrations.getIntegrationProvider("main")).tags,
    };
  },
  async model({ integrations }) {
    const path = ["main", "meta-llama/Llama-3:70b"];
    await integrations.saveIntegrationProvider("main", provider());
    await integrations.saveIntegrationApi(...path, model());
    return {
      set: (tags) => integrations.setIntegrationTags(...path, tags),
      get: () => integrations.getIntegrationTags(...path),
      remove: (tags) => integrations.deleteIntegrationTags(...path, tags),
      shown: async () => (await integrations.getIntegrationApi(...path)).tags,
    };
  },
  async application({ applications }) {
    const { id } = await applications.createApplication("reader");
    return {
      set: (tags) => applications.addApplicationTags(id, tags),
      get: () => applications.getApplicationTags(id),
      remove: (tags) => applications.deleteApplicationTags(id, tags),
      shown: async () =>
        (await applications.getAllApplications()).find((each) => each.id === id).tags,
    };
  },
};

for (const [thing, prepare] of Object.entries(THINGS)) {
  test(`${thing}: tags add up, and go pair by pair`, async (t) => {
    const tags = await prepare(await fresh(t));
    same(await tags.get(), []);
    await tags.set([CORE]);
    await tags.set([DOCS, ODD]);
    await tags.set([CORE]);
    same(await tags.get(), [CORE, DOCS, ODD]);
    await tags.remove([CORE, { key: "team", value: "other" }]);
    same(await tags.get(), [DOCS, ODD]);
    same(await tags.shown(), [DOCS, ODD]);
  });

  test(`${thing}: the type of a tag comes back as sent`, async (t) => {
    const tags = await prepare(await fresh(t));
    await tags.set([{ ...CORE, type: "METADATA" }]);
    same(await tags.get(), [{ ...CORE, type: "METADATA" }]);
  });
}

test("one tag of an application comes and goes alone", async (t) => {
  const { applications } = await fresh(t);
  const { id } = await applications.createApplication("reader");
  await applications.addApplicationTag(id, CORE);
  await applications.addApplicationTag(id, DOCS);
  await applications.deleteApplicationTag(id, CORE);
  same(await applications.getApplicationTags(id), [DOCS]);
});

test("tags need the thing they are on", async (t) => {
  const { integrations } = await fresh(t);
  await assert.rejects(integrations.setProviderTags("nowhere", [CORE]), /No such/);
  await assert.rejects(integrations.getIntegrationTags("nowhere", "o3"), /No such/);
});
