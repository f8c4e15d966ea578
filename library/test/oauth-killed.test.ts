import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlite } from "latchkey/sqlite";
import type { AuthorizationTables } from "../src/methods/oauth/server/authorization/table.ts";
import type { RefreshTables } from "../src/refresh-tokens/table.ts";
import type { TestClient } from "./oauth-house.ts";
import {
  type Answered,
  authorizeAt,
  buildOAuthProgram,
  codeForm,
  type OAuthProcess,
  prepare,
  refreshForm,
  send,
  startOAuthProcess,
} from "./oauth-process.ts";

const flows = 500;
const kills = 6;
const atOnce = 24;

let folder: string;
let built: Awaited<ReturnType<typeof buildOAuthProgram>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  built = await buildOAuthProgram();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  built.remove();
});

interface World {
  readonly server: OAuthProcess;
  readonly client: TestClient;
  readonly cookie: string;
  /** Every answer passes here: none may be a fault, and each may be the one after which the server is killed. */
  readonly note: <T extends Answered>(answer: T) => T;
}

/** What a client has in its hands once its flow is over. */
interface Flow {
  readonly world: World;
  readonly code: string;
  /** Used refresh tokens, oldest first. */
  readonly used: readonly string[];
  /** Nothing: the answer with the first tokens was lost, and the code was refused when it came again. */
  readonly tokens: Record<string, unknown> | undefined;
  readonly refused?: Answered;
}

const authorized = async ({ server, client, cookie, note }: World) => note(await authorizeAt(server, client, cookie)).code;
const ask = async ({ server, client, note }: World, path: string, form: Record<string, string>) =>
  note(await send(server, client, path, form));
const redeem = (world: World, code: string) => ask(world, "/oauth/token", codeForm(code));
const refresh = (world: World, token: unknown) => ask(world, "/oauth/token", refreshForm(token));
const active = async (world: World, token: unknown) => (await ask(world, "/oauth/introspect", { token: String(token) })).body["active"];
const refusedGrant = { status: 400, body: { error: "invalid_grant" } };

/** A code, its tokens, and two refreshes. */
async function flow(world: World): Promise<Flow> {
  const code = await authorized(world);
  const redeemed = await redeem(world, code);
  if (redeemed.status !== 200) return { world, code, used: [], tokens: undefined, refused: redeemed };
  const used: string[] = [];
  let held = redeemed.body;
  for (let round = 0; round < 2; round += 1) {
    // Also where an answer was lost: within the grace the same successor is answered.
    const next = await refresh(world, held["refresh_token"]);
    expect(next).toMatchObject({ status: 200 });
    used.push(String(held["refresh_token"]));
    held = next.body;
  }
  return { world, code, used, tokens: held };
}

async function manyAtOnce<T>(list: readonly T[], job: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  const lane = async () => {
    for (const one of rest) await job(one);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** What is in the database that nobody can ask for: how many grants stand, and families with more than one living token. */
async function stored(file: string) {
  const store = sqlite(file);
  const database = store.database<AuthorizationTables & RefreshTables>();
  const grants = await database.selectFrom("latchkey_grant").select("id").where("revoked_at", "is", null).execute();
  const living = await database.selectFrom("latchkey_refresh_token").select("family_id").where("used_at", "is", null).execute();
  await store.close();
  return { standing: grants.length, twoLives: living.length - new Set(living.map(({ family_id }) => family_id)).size };
}

test("a server that is killed at random moments of 500 flows: nothing is usable twice, nothing that was answered is lost [attack:OS-29]", async () => {
  const file = join(folder, "a.db");
  const { cookie, clients } = await prepare(sqlite(file));
  const server = await startOAuthProcess(built.program, file);
  const faults: Answered[] = [];
  let [answers, killed] = [0, 0];
  let restarts: Promise<void> = Promise.resolve();
  const perKill = Math.floor((flows * 4) / (kills + 1));
  let killAt = randomInt(1, perKill);
  const note = <T extends Answered>(answer: T): T => {
    if (answer.status >= 500) faults.push(answer);
    answers += 1;
    if (answers >= killAt && killed < kills) {
      killed += 1;
      killAt = killed * perKill + randomInt(1, perKill);
      restarts = restarts.then(() => server.killAndRestart());
    }
    return answer;
  };

  const worlds = clients.map((client) => ({ server, client, cookie, note }));
  const done: Flow[] = [];
  await manyAtOnce(
    Array.from({ length: flows }, (_, index) => index),
    async (index) => void done.push(await flow(worlds[index % 2]!)),
  );
  await restarts;
  const waiting = await Promise.all(
    Array.from({ length: atOnce }, async () => ({ world: worlds[0]!, code: await authorized(worlds[0]!) })),
  );
  await server.killAndRestart();
  const whole = done.filter(({ tokens: held }) => held !== undefined);

  expect(killed).toBe(kills);
  // Only a code whose redemption was not answered may be gone.
  for (const { refused } of done.filter((one) => one.refused !== undefined))
    expect(refused).toMatchObject({ ...refusedGrant, again: true });
  // Where an answer was lost and the code came again, the grant has ended: none stands that no client holds.
  expect(await stored(file)).toEqual({ standing: whole.length, twoLives: 0 });
  const last = new Map<Flow, Record<string, unknown>>();
  await manyAtOnce(whole, async (one) => {
    expect(await active(one.world, one.tokens!["access_token"])).toBe(true);
    const next = await refresh(one.world, one.tokens!["refresh_token"]);
    expect(next).toMatchObject({ status: 200 });
    last.set(one, next.body);
  });
  for (const { world, code } of waiting) expect(await redeem(world, code)).toMatchObject({ status: 200 });

  await manyAtOnce(done, async (one) => {
    const { world, code, used } = one;
    // Either is a theft by now, and ends what came of it.
    const stolen = used.length > 0 && randomInt(2) === 0 ? refresh(world, used[randomInt(used.length)]) : redeem(world, code);
    expect(await stolen).toMatchObject(refusedGrant);
    const held = last.get(one);
    if (held === undefined) return;
    expect(await refresh(world, held["refresh_token"])).toMatchObject(refusedGrant);
    expect(await active(world, held["access_token"])).toBe(false);
  });
  expect(faults).toEqual([]);
  await server.kill();
});
