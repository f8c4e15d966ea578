import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlite } from "latchkey/sqlite";
import type { TestClient } from "./oauth-house.ts";
import {
  authorizeAt,
  buildOAuthProgram,
  codeForm,
  type OAuthProcess,
  prepare,
  refreshForm,
  send,
  startOAuthProcess,
} from "./oauth-process.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

let built: Awaited<ReturnType<typeof buildOAuthProgram>>;
beforeAll(async () => {
  built = await buildOAuthProgram();
});
afterAll(() => built.remove());

type Both = readonly [OAuthProcess, OAuthProcess];
const fifty = <T>(nodes: Both, job: (on: OAuthProcess) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, index) => job(nodes[index % 2]!)));
const active = (on: OAuthProcess, client: TestClient, token: unknown) =>
  send(on, client, "/oauth/introspect", { token: String(token) }).then(({ body }) => body["active"]);

async function inTwoProcesses(place: string, race: (nodes: Both, client: TestClient, cookie: string) => Promise<void>): Promise<void> {
  const { clients, cookie } = await prepare(place.startsWith("postgres") ? patientPostgres(place) : sqlite(place));
  const nodes = await Promise.all([startOAuthProcess(built.program, place), startOAuthProcess(built.program, place)]);
  try {
    for (const client of clients) await race(nodes, client, cookie);
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
  }
}

/** One of fifty redeems it, and those that came too late have ended what it got. */
async function raceForCode(nodes: Both, client: TestClient, cookie: string): Promise<void> {
  const { code } = await authorizeAt(nodes[0], client, cookie);
  const answers = await fifty(nodes, (on) => send(on, client, "/oauth/token", codeForm(code)));
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect(new Set(answers.map(({ status, body }) => `${status} ${String(body["error"])}`))).toEqual(
    new Set(["200 undefined", "400 invalid_grant"]),
  );
  for (const node of nodes) {
    await expect.poll(() => active(node, client, won[0]!.body["access_token"]), { timeout: 5_000 }).toBe(false);
    expect(await send(node, client, "/oauth/token", refreshForm(won[0]!.body["refresh_token"]))).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
  }
}

/** What the first use of a code brought works at both; a second use at the other process ends it at both. */
async function useAgainLater([one, other]: Both, client: TestClient, cookie: string): Promise<void> {
  const { code } = await authorizeAt(one, client, cookie);
  const first = await send(one, client, "/oauth/token", codeForm(code));
  const next = await send(other, client, "/oauth/token", refreshForm(first.body["refresh_token"]));
  const held = [first.body["access_token"], next.body["access_token"]];
  for (const node of [one, other]) for (const token of held) expect(await active(node, client, token)).toBe(true);
  expect(await send(other, client, "/oauth/token", codeForm(code))).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  for (const node of [one, other]) {
    for (const token of held) await expect.poll(() => active(node, client, token), { timeout: 5_000 }).toBe(false);
    expect((await send(node, client, "/oauth/token", refreshForm(next.body["refresh_token"]))).status).toBe(400);
  }
}

/** All of fifty get the same successor, and it is the only one that lives. */
async function raceForSuccessor(nodes: Both, client: TestClient, cookie: string): Promise<void> {
  const [one, other] = nodes;
  const begun = await send(other, client, "/oauth/token", codeForm((await authorizeAt(other, client, cookie)).code));
  const rotated = await fifty(nodes, (on) => send(on, client, "/oauth/token", refreshForm(begun.body["refresh_token"])));
  expect([...new Set(rotated.map(({ status }) => status))]).toEqual([200]);
  const successors = new Set(rotated.map(({ body }) => body["refresh_token"]));
  expect(successors.size).toBe(1);
  const next = await send(one, client, "/oauth/token", refreshForm([...successors][0]));
  expect(next.status).toBe(200);
  // Its predecessor is old for good now: whoever has it has copied it.
  expect((await send(other, client, "/oauth/token", refreshForm(begun.body["refresh_token"]))).status).toBe(400);
  expect((await send(one, client, "/oauth/token", refreshForm(next.body["refresh_token"]))).status).toBe(400);
}

function races(placeOf: () => string | Promise<string>): void {
  test("one of fifty redeems a code, and the others end what it brought [attack:OS-06]", async () => {
    expect.hasAssertions();
    await inTwoProcesses(await placeOf(), raceForCode);
  });
  test("a code that is used again later, at the other one, ends what it brought, at both [attack:OS-05]", async () => {
    expect.hasAssertions();
    await inTwoProcesses(await placeOf(), useAgainLater);
  });
  test("fifty uses of a refresh token have one successor [attack:OS-07]", async () => {
    expect.hasAssertions();
    await inTwoProcesses(await placeOf(), raceForSuccessor);
  });
}

describe("two processes on one SQLite file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  races(() => join(folder, `${(files += 1)}.db`));
});

describeWithPostgres("two processes on one PostgreSQL", () => races(emptyPostgres));
