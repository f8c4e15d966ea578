// Runs once before all tests: finds PostgreSQL and Redis by the environment, then on the standard local port, else starts
// them from what is installed; and afterwards removes everything the run made there.
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { userInfo } from "node:os";
import type { TestProject } from "vitest/node";
import { type Engine, postgresMissing, redisMissing, startPostgres, startRedis } from "./engines.ts";
import { runSql } from "./run-sql.ts";

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const run = randomUUID().replaceAll("-", "").slice(0, 12);
  const started: Engine[] = [];
  const start = async (engine: Promise<Engine>): Promise<string> => {
    const running = await engine;
    started.push(running);
    return running.url;
  };

  const postgresUrl = await findPostgres(() => start(startPostgres(["fsync=off", "synchronous_commit=off"])));
  const redisUrl = await findRedis(() => start(startRedis()));
  const database = `latchkey_test_${run}`;
  const prefix = `latchkey-test-${run}:`;
  project.provide("postgres", postgresUrl === undefined ? undefined : { url: postgresUrl, database });
  project.provide("redis", redisUrl === undefined ? undefined : { url: redisUrl, prefix });

  return async () => {
    if (postgresUrl !== undefined) await runSql(postgresUrl, `drop database if exists ${database} with (force)`).catch(complain);
    if (redisUrl !== undefined) await removeKeys(redisUrl, prefix).catch(complain);
    for (const engine of started) await engine.remove().catch(complain);
  };
}

async function findPostgres(start: () => Promise<string>): Promise<string | undefined> {
  const given = process.env.LATCHKEY_TEST_DATABASE_URL;
  if (given !== undefined && given !== "") {
    // Asked for by name: not to be replaced by another in silence.
    if (!(await mayMakeDatabases(given)))
      throw new Error("LATCHKEY_TEST_DATABASE_URL: no server answers, or the role may not create databases.");
    return given;
  }
  const local = [encodeURIComponent(userInfo().username), "postgres"].flatMap((role) => [
    `postgres://${role}@127.0.0.1:5432/postgres`,
    `postgres://${role}@localhost/postgres?host=${encodeURIComponent("/var/run/postgresql")}`,
  ]);
  for (const url of local) if (await mayMakeDatabases(url)) return url;
  return startOrSay("PostgreSQL", postgresMissing(), start);
}

async function mayMakeDatabases(url: string): Promise<boolean> {
  try {
    const { rows } = await runSql(url, "select rolsuper or rolcreatedb as may from pg_roles where rolname = current_user");
    return (rows[0] as { may: boolean } | undefined)?.may === true;
  } catch {
    return false;
  }
}

async function findRedis(start: () => Promise<string>): Promise<string | undefined> {
  const given = process.env.LATCHKEY_TEST_REDIS_URL;
  if (given !== undefined && given !== "") {
    if (!(await answers(given))) throw new Error("LATCHKEY_TEST_REDIS_URL: no server answers.");
    return given;
  }
  const local = "redis://127.0.0.1:6379";
  if (await answers(local)) return local;
  return startOrSay("Redis", redisMissing(), start);
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function startOrSay(name: string, missing: string | undefined, start: () => Promise<string>): Promise<string | undefined> {
  if (missing === undefined) return start();
  process.stdout.write(`${name}: none on the standard port, and ${missing}. Its tests are skipped.\n`);
  return undefined;
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url);
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      if ((keys as string[]).length > 0) await client.unlink(keys as string[]);
    }
  } finally {
    client.disconnect();
  }
}

function complain(error: unknown): void {
  process.stderr.write(`Not removed after the tests: ${String(error)}\n`);
}
