import { mkdtempSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { github } from "latchkey/providers";
import { sqlite } from "latchkey/sqlite";
import { testClock } from "latchkey/testing";
import { type Child, childProgram } from "./child-program.ts";
import { type GithubLike, githubLike } from "./github-like.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";
import { beginAt, openSocial, through, visit } from "./social-house.ts";

// The tokens that came with an identity: sealed, given out, and renewed once for all who ask.

const secret = "a test secret of at least 32 bytes";
const path = "/login/oauth/access_token";
let hub: GithubLike;
beforeAll(async () => {
  hub = await githubLike();
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.instead.clear();
  hub.tokenExtra = { expires_in: 3600, refresh_token: "ghr_first" };
});

/** A provider that takes each refresh token once, as those do which rotate them; `hold` lets it wait with its answer. */
function renewing(hold: () => Promise<void> = async () => undefined) {
  const asked: URLSearchParams[] = [];
  let current = "ghr_first";
  hub.instead.set(path, (request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const form = new URLSearchParams(text);
      asked.push(form);
      const good = form.get("refresh_token") === current;
      current = `ghr_${asked.length + 1}`;
      const renewed = { access_token: `gho_renewed_${asked.length}`, token_type: "bearer", expires_in: 3600, refresh_token: current };
      void hold().then(() => json(response, good ? renewed : { error: "bad_refresh_token" }));
    });
  });
  return asked;
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const options = () => ({ endpoints: hub.endpoints, clientId: hub.clientId, clientSecret: hub.clientSecret });

describe("the tokens of a provider, on SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  tests("sqlite", async () => join(folder, `${(files += 1)}.db`));
});
describeWithPostgres("the tokens of a provider, on PostgreSQL", () => {
  tests("postgres", emptyPostgres);
});

function tests(kind: "sqlite" | "postgres", place: () => Promise<string>): void {
  const storeAt = (where: string) => (kind === "sqlite" ? sqlite(where) : patientPostgres(where));
  const start = childProgram("provider-tokens-child.ts");

  /** A node, and somebody who came to it by the provider. */
  async function open(more: Parameters<typeof openSocial>[0] = {}) {
    const where = await place();
    const house = await openSocial({ providers: [github(options())], secret, store: storeAt(where), ...more });
    await through(house.visitor(), "github");
    const { id } = (await house.auth.users.findByEmail("octocat@example.com"))!;
    return { where, house, id, accessToken: () => house.auth.identities.accessToken(id, "github") };
  }

  test("are kept sealed, and given out while they last", async () => {
    const { house, id, accessToken } = await open();
    const token = (await accessToken())!;
    expect(token).toMatch(/^gho_/);
    const rows = JSON.stringify(
      await house.auth.store.database<Record<string, object>>().selectFrom("latchkey_identity").selectAll().execute(),
    );
    for (const one of [token, "ghr_first"]) expect(rows).not.toContain(one);
    expect(await house.auth.identities.accessToken(id, "nobody")).toBeUndefined();
    expect(await house.auth.identities.accessToken("usr_nobody", "github")).toBeUndefined();
    await house.auth.close();
  });

  test("are renewed once for all who wait, on two nodes, before they end, and with the newest refresh token next time", async () => {
    const clock = testClock();
    const { where, house, id, accessToken } = await open({ clock });
    const other = await openSocial({ store: storeAt(where), secret, clock, providers: [github(options())] });
    clock.advance(3_600_000 - 59_000);
    const asked = renewing();
    const nodes = [house, other, house, other, house, other, house, other];
    const tokens = await Promise.all(nodes.map((node) => node.auth.identities.accessToken(id, "github")));
    expect(new Set(tokens)).toEqual(new Set(["gho_renewed_1"]));
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(asked[0]!)).toMatchObject({ grant_type: "refresh_token", refresh_token: "ghr_first" });
    clock.advance("2h");
    expect(await accessToken()).toBe("gho_renewed_2");
    await house.auth.close();
    await other.auth.close();
  });

  test("are renewed once by two processes that need them at the same moment", async () => {
    // Nearly over from the start, for processes whose clock is the machine's.
    hub.tokenExtra = { expires_in: 30, refresh_token: "ghr_first" };
    const { where, house, id } = await open({ clock: { now: () => Date.now() } });
    let bothAsk: () => void;
    const asking = new Promise<void>((resolve) => (bothAsk = resolve));
    // Long enough for the other process to ask as well, if nothing kept it from that.
    const asked = renewing(async () => {
      await asking;
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    const waiting: ServerResponse[] = [];
    hub.instead.set("/ready", (_, response) => {
      if (waiting.push(response) === 2) for (const one of waiting) one.end("go");
    });
    const settings = JSON.stringify({ url: hub.url, secret, options: options() });
    const children: readonly Child[] = [start(kind, where, settings, id), start(kind, where, settings, id)];
    try {
      await Promise.all(children.map((child) => child.says("asking")));
      bothAsk!();
      await Promise.all(children.map((child) => child.says("got 8 times gho_renewed_1.")));
      expect(asked.map((form) => form.get("refresh_token"))).toEqual(["ghr_first"]);
    } finally {
      await Promise.all(children.map((child) => child.kill()));
      await house.auth.close();
    }
  });

  test("are renewed by somebody else a minute after whoever was at it died", async () => {
    const clock = testClock();
    const { house, accessToken } = await open({ clock });
    clock.advance("2h");
    const asked = renewing();
    const claim = (until: number) =>
      house.auth.store.write<Record<string, Record<string, unknown>>, unknown>((transaction) =>
        transaction.updateTable("latchkey_identity").set({ renewing_until: until }).execute(),
      );
    await claim(clock.now());
    expect(await accessToken()).toBe("gho_renewed_1");
    clock.advance("2h");
    await claim(clock.now() + 1);
    const waits = accessToken();
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(asked).toHaveLength(1);
    clock.advance(1);
    expect(await waits).toBe("gho_renewed_2");
    await house.auth.close();
  });

  test("of a sign-in that came in between count, not those that were renewed of the older ones", async () => {
    const clock = testClock();
    const { house, accessToken } = await open({ clock });
    clock.advance("2h");
    const one = house.visitor();
    const back = await visit(await beginAt(one, "github"));
    let goOn: () => void;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const asked = renewing(() => held);
    const waits = accessToken();
    await expect.poll(() => asked.length).toBe(1);
    hub.instead.clear();
    await one.ask("GET", back);
    goOn!();
    const token = await waits;
    expect(token).toMatch(/^gho_\d+$/);
    expect(await accessToken()).toBe(token);
    await house.auth.close();
  });

  test("are gone when the provider takes the grant back, and come again with the next sign-in", async () => {
    const { house, accessToken } = await open();
    house.auth.clock.advance("2h");
    hub.instead.set(path, (_, response) => json(response, { error: "bad_refresh_token" }));
    expect(await accessToken()).toBeUndefined();
    hub.instead.clear();
    await through(house.visitor(), "github");
    expect(await accessToken()).toMatch(/^gho_/);
    await house.auth.close();
  });

  test("are kept when the provider is away: a Fault, and the next one asks again at once", async () => {
    const { house, accessToken } = await open();
    house.auth.clock.advance("2h");
    hub.instead.set(path, (_, response) => void response.writeHead(503).end());
    await expect(accessToken()).rejects.toMatchObject({ code: "LATCHKEY_PROVIDER_UNAVAILABLE" });
    renewing();
    expect(await accessToken()).toBe("gho_renewed_1");
    await house.auth.close();
  });
}
