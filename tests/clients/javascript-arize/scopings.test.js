// Where integrations are visible: in organizations and spaces, which the client makes too.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CONFLICT, NOT_FOUND, NO_SUCH_NAME, RELEASES, UNPROCESSABLE } from "./arize.js";
import { calls, fresh, named } from "./arize.js";
import { EVERYWHERE, agent, llm } from "./samples.js";

/** A fresh server with two organizations, of which the first has two spaces. */
async function places(t) {
  const arize = await fresh(t);
  const sales = await arize.createOrganization({ name: "Sales" });
  const legal = await arize.createOrganization({ name: "Legal" });
  const space = (name, { id }) => arize.createSpace({ name, organizationId: id });
  return {
    ...arize,
    sales,
    legal,
    north: await space("North", sales),
    south: await space("South", sales),
    court: await space("Court", legal),
  };
}

const inAll = ({ id }) => ({ organizationId: id, spaceId: null });
const inOne = ({ id, organization_id }) => ({ organizationId: organization_id, spaceId: id });
const unknown = (id) => btoa(atob(id).replace(/\d+/, "4711"));

for (const sample of [llm, agent]) {
  const { type } = sample("");
  const make = ({ createIntegration }, name, scopings) =>
    createIntegration({ ...sample(name), scopings });

  test(`${type}: rules come back as they were set, and are replaced as a whole`, async (t) => {
    const it = await places(t);
    const { id, scopings } = await make(it, "main", [inAll(it.sales), inOne(it.court)]);
    assert.deepEqual(scopings, [inAll(it.sales), inOne(it.court)]);
    for (const [set, shown] of [
      [[inOne(it.north)]],
      [[], EVERYWHERE],
      [[{ organizationId: it.legal.id }], [inAll(it.legal)]],
      [[{}], EVERYWHERE],
      [[inOne(it.south), inOne(it.north)]],
      [EVERYWHERE],
    ]) {
      const updated = await it.updateIntegration({ integration: id, type, scopings: set });
      assert.deepEqual(updated.scopings, shown ?? set, JSON.stringify(set));
      assert.deepEqual(await it.getIntegration({ integration: id }), updated);
    }
  });

  test(`${type}: a space shows its own, its organization's and everyone's`, async (t) => {
    const it = await places(t);
    await make(it, "everywhere");
    await make(it, "sales", [inAll(it.sales)]);
    await make(it, "north", [inOne(it.north)]);
    await make(it, "both", [inOne(it.north), inOne(it.court)]);
    const shown = async (space) => named((await it.listIntegrations({ space })).data).sort();
    for (const [space, expected] of [
      [it.north, ["both", "everywhere", "north", "sales"]],
      [it.south, ["everywhere", "sales"]],
      [it.court, ["both", "everywhere"]],
    ]) {
      assert.deepEqual(await shown(space.id), expected);
      assert.deepEqual(await shown(space.name), expected);
      assert.deepEqual(await shown(space.name.slice(1).toUpperCase()), expected);
    }
    assert.deepEqual(await shown("o"), ["both", "everywhere", "north", "sales"]);
    assert.deepEqual(await shown("no such space"), []);

    const find = (integration, space) => it.getIntegration({ integration, type, space });
    assert.equal((await find("north", "North")).name, "north");
    assert.equal((await find("north", it.north.id)).name, "north");
    await assert.rejects(find("north", "South"), NO_SUCH_NAME);
  });

  test(`${type}: rules of nowhere are refused`, async (t) => {
    const it = await places(t);
    const { id } = await make(it, "main", [inOne(it.north)]);
    for (const [rule, refusal] of [
      [{ spaceId: it.north.id }, UNPROCESSABLE],
      [{ organizationId: it.legal.id, spaceId: it.north.id }, UNPROCESSABLE],
      [{ organizationId: unknown(it.sales.id) }, NOT_FOUND],
      [{ organizationId: it.sales.id, spaceId: unknown(it.north.id) }, NOT_FOUND],
    ]) {
      const said = JSON.stringify(rule);
      await assert.rejects(make(it, "other", [inAll(it.sales), rule]), refusal, said);
      const update = { integration: id, type, scopings: [rule] };
      await assert.rejects(it.updateIntegration(update), refusal, said);
    }
    const { data } = await it.listIntegrations({});
    assert.deepEqual(
      data.map(({ scopings }) => scopings),
      [[inOne(it.north)]],
    );
  });
}

for (const [name, release] of Object.entries(RELEASES)) {
  test(`the older family, as ${name} speaks it, shows and changes the same rules`, async (t) => {
    const it = await places(t);
    const { id } = await it.createIntegration({ ...llm("main"), scopings: [inOne(it.north)] });
    const older = calls(it.server, { release });
    for (const space of [it.north.id, it.north.name]) {
      assert.equal((await older.getAiIntegration({ integration: "main", space })).id, id);
      assert.deepEqual(named((await older.listAiIntegrations({ space })).data), ["main"]);
    }
    for (const space of [it.south.id, "South"]) {
      const elsewhere = older.getAiIntegration({ integration: "main", space });
      await assert.rejects(elsewhere, NO_SUCH_NAME);
      assert.deepEqual((await older.listAiIntegrations({ space })).data, []);
    }
    for (const [set, shown] of [[[inAll(it.legal)]], [[], EVERYWHERE], [[inOne(it.court)]]]) {
      const update = { integration: id, scopings: set };
      const { scopings } = await older.updateAiIntegration(update);
      const told = scopings.map((rule) => ({
        ...EVERYWHERE[0],
        ...JSON.parse(JSON.stringify(rule)),
      }));
      assert.deepEqual(told, shown ?? set);
      assert.deepEqual((await it.getIntegration({ integration: id })).scopings, shown ?? set);
    }
  });
}

test("organizations and spaces are listed and found by name", async (t) => {
  const it = await places(t);
  assert.match(atob(it.sales.id), /^AccountOrg:\d+:[A-Za-z0-9]{4}$/);
  assert.match(atob(it.north.id), /^Space:\d+:[A-Za-z0-9]{4}$/);
  assert.equal(it.north.organization_id, it.sales.id);
  assert.equal(it.north.isPrivate, false);
  const listed = async (filter) => named((await it.listSpaces(filter)).data).sort();
  assert.deepEqual(await listed({}), ["Court", "North", "South"]);
  assert.deepEqual(await listed({ organizationId: it.sales.id }), ["North", "South"]);
  assert.deepEqual(await listed({ name: "OUT" }), ["South"]);
  assert.deepEqual((await it.listOrganizations({ name: "ales" })).data, [it.sales]);
  const first = await it.listOrganizations({ limit: 1 });
  const cursor = first.pagination.nextCursor;
  const second = await it.listOrganizations({ limit: 1, cursor });
  assert.deepEqual(named([...first.data, ...second.data]).sort(), ["Legal", "Sales"]);
  assert.equal(second.pagination.hasMore, false);
});

test("a name of an organization, or of a space in one, is taken once", async (t) => {
  const it = await places(t);
  await assert.rejects(it.createOrganization({ name: "Sales" }), CONFLICT);
  const again = { name: "North", organizationId: it.sales.id };
  await assert.rejects(it.createSpace(again), CONFLICT);
  const elsewhere = await it.createSpace({ ...again, organizationId: it.legal.id });
  assert.equal(elsewhere.name, "North");
});

test("a place goes when nothing is in it", async (t) => {
  const it = await places(t);
  const { id } = await it.createIntegration({ ...llm("main"), scopings: [inOne(it.court)] });
  await assert.rejects(it.deleteSpace({ space: "Court" }), CONFLICT);
  await assert.rejects(it.deleteOrganization({ organization: "Legal" }), CONFLICT);
  await it.updateIntegration({ integration: id, type: "LLM", scopings: [inAll(it.legal)] });
  await it.deleteSpace({ space: "Court" });
  await assert.rejects(it.deleteOrganization({ organization: "Legal" }), CONFLICT);
  await it.deleteIntegration({ integration: id });
  await it.deleteOrganization({ organization: "Legal" });
  assert.deepEqual(named((await it.listOrganizations({})).data), ["Sales"]);
  await assert.rejects(it.deleteOrganization({ organization: it.legal.id }), NOT_FOUND);
});
