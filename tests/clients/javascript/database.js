// A database for each server, of the kind that `PODIUM_TEST_DATABASE` chooses.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

const CHOICE = process.env.PODIUM_TEST_DATABASE ?? "sqlite";

/** Whether the server makes its seal key, so that it can make another. */
export const makesSealKey = CHOICE === "sqlite";

/** A new one; for SQLite a file in `folder`. `settings` are the server's, `drop` ends it. */
export async function newDatabase(folder) {
  switch (CHOICE) {
    case "sqlite":
      return { settings: { PODIUM_DATABASE_URL: `sqlite://${folder}/podium.db` }, drop() {} };
    case "postgres":
      return newPostgres();
    default:
      throw new Error(`PODIUM_TEST_DATABASE is ${CHOICE}, and neither sqlite nor postgres`);
  }
}

/** One on the PostgreSQL that `tests/with-postgres` runs. */
async function newPostgres() {
  const url = new URL(process.env.PODIUM_TEST_POSTGRES);
  const env = {
    ...process.env,
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: url.password,
    PGDATABASE: "postgres",
  };
  const name = `test_${randomBytes(16).toString("hex")}`;
  await run("psql", ["-c", `CREATE DATABASE ${name} TEMPLATE template0`], { env });
  url.pathname = name;
  return {
    settings: {
      PODIUM_DATABASE_URL: url.href,
      PODIUM_SEAL_KEY: randomBytes(32).toString("hex"),
    },
    drop: () => run("psql", ["-c", `DROP DATABASE ${name} WITH (FORCE)`], { env }),
  };
}
