// PostgreSQL and Redis for tests: what `services-setup.ts` found or started for this run, and a place of one's own on it.
import { randomUUID } from "node:crypto";
import { describe, inject } from "vitest";
import { caddyMissing, nginxMissing, opensslMissing, postgresMissing, redisMissing } from "./engines.ts";
import { runSql } from "./run-sql.ts";

/** `describe` where PostgreSQL is there; else its tests are skipped by name, which is a failure with CI=true. */
export function describeWithPostgres(name: string, tests: () => void): void {
  const run = inject("postgres") === undefined ? describe.skip : describe;
  run(name, tests);
}

/** `describe` for tests that start PostgreSQL themselves, to kill it. */
export function describeWithPostgresPrograms(name: string, tests: () => void): void {
  const run = postgresMissing() === undefined ? describe : describe.skip;
  run(name, tests);
}

/** The same for Redis. */
export function describeWithRedisPrograms(name: string, tests: () => void): void {
  const run = redisMissing() === undefined ? describe : describe.skip;
  run(name, tests);
}

/** The same for nginx, in front of an API in Python. */
export function describeWithNginx(name: string, tests: () => void): void {
  const run = nginxMissing() === undefined ? describe : describe.skip;
  run(name, tests);
}

/** The same for Caddy. */
export function describeWithCaddy(name: string, tests: () => void): void {
  const run = caddyMissing() === undefined ? describe : describe.skip;
  run(name, tests);
}

/** The same for openssl, which makes certificates. */
export function describeWithOpenssl(name: string, tests: () => void): void {
  const run = opensslMissing() === undefined ? describe : describe.skip;
  run(name, tests);
}

/** `describe` where Redis is there. */
export function describeWithRedis(name: string, tests: () => void): void {
  const run = inject("redis") === undefined ? describe.skip : describe;
  run(name, tests);
}

/**
 * The URL of an empty schema of its own, in the database of this run: as good as an empty database, and made in a
 * millisecond. It goes with the database when the run ends.
 */
export async function emptyPostgres(): Promise<string> {
  const service = inject("postgres");
  if (service === undefined) throw new Error("Ask for PostgreSQL under describeWithPostgres only.");
  const url = await databaseOfRun(service);
  const schema = `t_${randomUUID().replaceAll("-", "")}`;
  await runSql(url, `create schema ${schema}`);
  const own = new URL(url);
  own.searchParams.set("options", `-c search_path=${schema}`);
  return own.href;
}

/**
 * Empties every table in the schema of this URL, and leaves the tables: quicker than another schema for each test. By delete: what
 * a test leaves is little, and truncate makes a new file of each table.
 */
export async function clearPostgres(url: string): Promise<void> {
  await runSql(
    url,
    `do $$ declare one text; begin
       for one in select tablename from pg_tables where schemaname = current_schema() and tablename <> 'latchkey_migration'
         loop execute format('delete from %I', one); end loop;
     end $$`,
  );
}

/** For the tests of a file that end before the next one begins: the URL of one schema, which is made once, and emptied each time. */
export function postgresForEach(): () => Promise<string> {
  let made: Promise<string> | undefined;
  return async () => {
    if (made === undefined) return (made = emptyPostgres());
    await clearPostgres(await made);
    return made;
  };
}

/** The URL of Redis, and a prefix for the keys of one test file, which are removed when the run ends. */
export function emptyRedis(): { readonly url: string; readonly prefix: string } {
  const service = inject("redis");
  if (service === undefined) throw new Error("Ask for Redis under describeWithRedis only.");
  return { url: service.url, prefix: `${service.prefix}${randomUUID()}:` };
}

/** Made by the first test of the run that asks: most runs of a few files need none. */
async function databaseOfRun({ url, database }: { readonly url: string; readonly database: string }): Promise<string> {
  await runSql(url, `create database ${database}`).catch((error: { code?: string }) => {
    // Another file was first: 42P04, or 23505 when both were at it.
    if (error.code !== "42P04" && error.code !== "23505") throw error;
  });
  const own = new URL(url);
  own.pathname = `/${database}`;
  return own.href;
}

declare module "vitest" {
  interface ProvidedContext {
    /** A database from which others can be made, and the name of the one of this run. */
    readonly postgres: { readonly url: string; readonly database: string } | undefined;
    readonly redis: { readonly url: string; readonly prefix: string } | undefined;
  }
}
