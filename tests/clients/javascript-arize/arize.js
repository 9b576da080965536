// Arize's official clients, unmodified: the newest, and an old release of each dialect. They talk
// to the release binary, as does the SDK of the other dialect.

import assert from "node:assert/strict";

import * as newest from "@arizeai/ax-client";
import * as of123 from "ax-client-1.23";
import * as of124 from "ax-client-1.24";
import * as of127 from "ax-client-1.27";

import { ADMIN, connect, startServer } from "../javascript/podium.js";

process.env.DISABLE_PRERELEASE_WARNING = "true";

export const RELEASES = { 1.23: of123, 1.24: of124, 1.27: of127, 1.28: newest };

// Whatever holds this must never be told to anyone.
const CANARY = "CANARY";
export const SECRET = `${CANARY}-3f7d90c1-first`;
export const NEW_SECRET = `${CANARY}-a81c55e2-second`;

/** What a client makes of the refusals of a server. */
export const BAD_REQUEST = { name: "BadRequestError", statusCode: 400 };
export const UNKNOWN_CALLER = { name: "AuthenticationError", statusCode: 401 };
export const FORBIDDEN = { name: "AuthorizationError", statusCode: 403 };
export const NOT_FOUND = { name: "NotFoundError", statusCode: 404 };
export const CONFLICT = { name: "APIError", statusCode: 409 };
export const UNPROCESSABLE = { name: "APIError", statusCode: 422 };

/** How a client that has a name finds that nothing is called so. */
export const NO_SUCH_NAME = { name: "ResolutionError" };

const SUCCESS = { POST: 201, GET: 200, PATCH: 200, DELETE: 204 };

/** Every answer that a client gets has the form that all clients need, and tells no secret. */
async function proper({ request, response }) {
  const said = await response.clone().text();
  const format = response.headers.get("content-type");
  assert.ok(!said.includes(CANARY), `${request.method} ${request.url} tells a secret: ${said}`);
  assert.equal(response.headers.get("cache-control"), "no-store");
  if (response.ok) {
    assert.equal(response.status, SUCCESS[request.method]);
    if (response.status === 204) return assert.equal(said, "");
    return assert.match(format, /^application\/json\b/);
  }
  assert.match(format, /^application\/problem\+json\b/);
  const { type, title, detail, errors = [], ...problem } = JSON.parse(said);
  assert.deepEqual(problem, { status: response.status, instance: new URL(request.url).pathname });
  assert.match(type, /^https:\/\/arize\.com\/docs\/ax\/rest-reference\/errors#[a-z-]+$/);
  for (const text of [title, detail, ...errors.map(({ reason }) => reason)]) assert.ok(text);
}

/** The functions of a release, as one who has the key calls them. */
export function calls(server, { release = newest, key = ADMIN } = {}) {
  const client = release.createClient({
    apiKey: key.bearer ?? `podium_${key.keyId}_${key.keySecret}`,
    baseUrl: new URL(server).origin,
  });
  client.use({ onResponse: proper });
  const functions = Object.entries(release).filter(([name]) =>
    /^(create|list|get|update|delete)(Ai)?(Integration|Organization|Space)s?$/.test(name),
  );
  return Object.fromEntries(
    functions.map(([name, call]) => [name, (params) => call({ client, ...params })]),
  );
}

/** A fresh server: the newest client's functions, the other dialect's SDK, and the bare wire. */
export async function fresh(t) {
  const server = await startServer(t, { PODIUM_RESOLVE: "on" });
  const conductor = await connect(t, server);
  return {
    server,
    conductor,
    ...calls(server),
    /** One who names no version: `wire("POST", "/v2/integrations", {…})`. */
    async wire(method, path, body) {
      const headers = {
        Authorization: `Bearer podium_${ADMIN.keyId}_${ADMIN.keySecret}`,
        "Content-Type": "application/json",
      };
      const answer = await fetch(new URL(path, server), {
        method,
        headers,
        body: body && JSON.stringify(body),
      });
      const said = await answer.json();
      assert.ok(answer.ok, JSON.stringify(said));
      return said;
    },
    /** What is stored of an integration, secrets and all. */
    async resolve(name) {
      const path = `/integrations/provider/${encodeURIComponent(name)}/resolve`;
      const answer = await conductor.wire("POST", path);
      const said = await answer.json();
      assert.equal(answer.status, 200, JSON.stringify(said));
      return said.configuration;
    },
  };
}

/** The key of a new application that may do nothing. */
export async function stranger({ applications, access }) {
  const { id } = await applications.createApplication("stranger");
  const key = await applications.createAccessKey(id);
  const grant = (name, ...accesses) =>
    access.grantPermissions({
      subject: { type: "USER", id: `app:${id}` },
      target: { type: "INTEGRATION_PROVIDER", id: name },
      access: accesses,
    });
  return { id, grant, key: { keyId: key.id, keySecret: key.secret } };
}

/** All pages of a listing, with `limit` records on each. */
export async function pages(list, params) {
  const found = [];
  for (let cursor; ;) {
    const { data, pagination } = await list({ ...params, cursor });
    found.push(data);
    assert.equal(pagination.hasMore, Boolean(pagination.nextCursor));
    if (!pagination.hasMore) return found;
    cursor = pagination.nextCursor;
  }
}

/** The names of integrations, in the order in which they were listed. */
export const named = (integrations) => integrations.map(({ name }) => name);

/** What was read, but for when it was changed last. */
export const timeless = ({ updatedAt, ...rest }) => rest;
