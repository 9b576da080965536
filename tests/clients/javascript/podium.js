// Runs the release binary, in a folder and on a port of its own, with the official JavaScript SDK
// connected to it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { OrkesClients } from "@io-orkes/conductor-javascript";

import { newDatabase } from "./database.js";

const BINARY =
  process.env.PODIUM_BIN ?? fileURLToPath(new URL("../../../target/release/podium", import.meta.url));

export const ADMIN = { keyId: "admin-key", keySecret: "6f1c52b0f1f9d2f3f5a3-admin" };

// A server that has neither answered nor stopped by then hangs. Nothing waits this long otherwise.
const PATIENCE_MS = 30_000;

/** Starts a server for the test `t`, which stops it again; answers its `CONDUCTOR_SERVER_URL`. */
export async function startServer(t, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "podium-"));
  const log = await open(join(folder, "log"), "w");
  const database = await newDatabase(folder);
  const server = spawn(BINARY, [], {
    cwd: folder,
    stdio: ["ignore", "pipe", log.fd],
    // The whole environment, so that no setting of the machine reaches the server.
    env: {
      PODIUM_LISTEN: "127.0.0.1:0",
      PODIUM_ADMIN_KEY_ID: ADMIN.keyId,
      PODIUM_ADMIN_KEY_SECRET: ADMIN.keySecret,
      ...database.settings,
      ...settings,
    },
  });
  const exited = once(server, "exit");
  const killLate = () => setTimeout(() => server.kill("SIGKILL"), PATIENCE_MS);

  t.after(async () => {
    server.kill("SIGTERM");
    const watchdog = killLate();
    const [code] = await exited;
    clearTimeout(watchdog);
    await log.close();
    await database.drop();
    const said = await readFile(join(folder, "log"), "utf8");
    await rm(folder, { recursive: true });
    assert.equal(code, 0, `SIGTERM ended the server with ${code}:\n${said}`);
  });

  const watchdog = killLate();
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const [, address] = line.match(/^listening on (http:\S+)/) ?? [];
      if (address) return `${address}/api`;
    }
  } finally {
    clearTimeout(watchdog);
  }
  throw new Error(`the server never listened:\n${await readFile(join(folder, "log"), "utf8")}`);
}

/** The SDK's clients, with the administrator's key unless `key` is another. */
export async function connect(t, serverUrl, key = ADMIN) {
  const clients = await OrkesClients.from({ serverUrl, ...key });
  // Its timer would keep the process alive.
  t.after(() => clients.getClient().stopBackgroundRefresh());
  return {
    raw: clients.getClient(),
    integrations: clients.getIntegrationClient(),
    applications: clients.getApplicationClient(),
    access: clients.getAuthorizationClient(),
    metadata: clients.getMetadataClient(),
    prompts: clients.getPromptClient(),
    /** The bare wire, for what the SDK hides: `wire("GET", "/integrations/def")`. */
    async wire(method, path, body) {
      const headers = await clients.getClient().getAuthenticationHeaders();
      const sent = body && { body: JSON.stringify(body) };
      headers["Content-Type"] = "application/json";
      return fetch(serverUrl + path, { method, headers, ...sent });
    },
  };
}

/** The SDK's clients on a fresh server. */
export const fresh = async (t, settings) => connect(t, await startServer(t, settings));

/** A valid integration, but for `changes`. */
export const provider = (changes = {}) => ({
  type: "openai",
  category: "AI_MODEL",
  description: "team account",
  enabled: true,
  configuration: { api_key: "sk-stored", endpoint: "https://models.example/v1" },
  ...changes,
});

/** A valid model, but for `changes`. */
export const model = (changes = {}) => ({ description: "chat", enabled: true, ...changes });

/** The one property of each object, in order. */
export const each = (objects, property) => objects.map((object) => object[property]).sort();

/** The names of roles or permissions, in order. */
export const names = (objects) => each(objects, "name");
