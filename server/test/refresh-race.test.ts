import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithPostgres, emptyPostgres } from "../../library/test/services.ts";
import { build, type Program, type Served, served, start } from "./program.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";

beforeAll(() => build("library"), 240_000);

interface Pair {
  readonly status: number;
  readonly access_token: string;
  readonly refresh_token: string;
}

async function post(base: string, path: string, body: object): Promise<Pair> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { ...((await answer.json()) as Pair), status: answer.status };
}

async function makeUser(server: Served): Promise<void> {
  const file = join(server.data, "password");
  writeFileSync(file, password);
  expect((await server.latchkey("user", "create", "--email", email, "--password-file", file)).exitCode).toBe(0);
}

/** A hundred uses at once, half of them at each process; then the one successor, and what becomes of the others. */
async function race(one: string, other: string): Promise<number> {
  const { refresh_token } = await post(one, "/tokens", { email, password });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => post(index % 2 === 0 ? one : other, "/tokens/refresh", { refresh_token })),
  );
  // The same successor for each, or a refusal by the rule; nothing else, and no 5xx.
  expect(answers.filter(({ status }) => status !== 200 && status !== 401)).toEqual([]);
  const successors = new Set(answers.flatMap((answer) => (answer.status === 200 ? [answer.refresh_token] : [])));
  const [successor] = [...successors];
  const next = await post(other, "/tokens/refresh", { refresh_token: successor });
  expect(next.status).toBe(200);
  // Now the first one is old for good: whoever still sends it has copied it, and the whole family ends, at both.
  expect((await post(one, "/tokens/refresh", { refresh_token })).status).toBe(401);
  for (const base of [one, other]) {
    expect((await post(base, "/tokens/refresh", { refresh_token: next.refresh_token })).status).toBe(401);
    const headers = { authorization: `Bearer ${next.access_token}` };
    expect((await fetch(`${base}/whoami`, { headers })).status).toBe(401);
  }
  return successors.size;
}

describe("two processes on one SQLite file", () => {
  let server: Served;
  let app: Program;
  afterAll(async () => {
    await app?.stop();
    await server?.stop();
  });

  test("rotate a refresh token once, however often it is used at the same moment", async () => {
    server = await served();
    await makeUser(server);
    app = start("examples/spa/server.js", [], { LATCHKEY_DATA: server.data, PORT: "0" });
    const other = /http:\S+(?=\/\n)/.exec(await app.until(/http:\S+\n/))![0];
    for (let round = 0; round < 3; round += 1) expect(await race(server.url, other)).toBe(1);
  });
});

describeWithPostgres("two servers on one PostgreSQL", () => {
  const servers: Served[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  test("rotate a refresh token once, however often it is used at the same moment", async () => {
    const settings = { LATCHKEY_DATABASE_URL: await emptyPostgres(), LATCHKEY_SECRET: "one that both of them have of 32 bytes and more" };
    servers.push(await served(settings));
    servers.push(await served(settings));
    await makeUser(servers[0]!);
    for (let round = 0; round < 3; round += 1) expect(await race(servers[0]!.url, servers[1]!.url)).toBe(1);
  });
});
