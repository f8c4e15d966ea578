import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Store } from "latchkey";
import { postgres } from "latchkey/postgres";
import { sqlite } from "latchkey/sqlite";
import { testClock, type TestLatchkey } from "latchkey/testing";
import { basic, codeOf, issuer, newApp, newPerson, oauthHouse, post, redeem } from "./oauth-house.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

const secret = "one that both of them have, of 32 bytes and more";

/** One code, one refresh token and one consent, tried by many on two nodes of one database. */
async function expectOneWinner(store: () => Store): Promise<void> {
  const open = () => oauthHouse({ secret, clock: testClock(), store: store() });
  const nodes = [await open(), await open()] as const;
  const [one, other] = nodes;
  const at = (index: number): TestLatchkey => nodes[index % 2]!;
  try {
    for (const tokenFormat of ["jwt", "opaque"] as const) {
      const client = await newApp(one, { tokenFormat });
      const person = await newPerson(one, `${tokenFormat}@example.com`);
      const code = await codeOf(one, client, person, { scope: "openid offline_access" });
      const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => redeem(at(index), client, code)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(new Set(answers.map(({ status, body }) => `${status} ${String(body["error"])}`))).toEqual(
        new Set(["200 undefined", "400 invalid_grant"]),
      );
      // Those that came too late have ended what the first one got.
      const won = answers.find(({ status }) => status === 200)!.body;
      for (const node of nodes) await expect.poll(() => codeFor(node, won["access_token"]), { timeout: 5_000 }).toMatch(/\.revoked$/);

      const begun = await redeem(other, client, await codeOf(other, client, person, { scope: "openid offline_access" }));
      const form = { grant_type: "refresh_token", refresh_token: String(begun.body["refresh_token"]) };
      const rotated = await Promise.all(
        Array.from({ length: 50 }, (_, index) => post(at(index), "/oauth/token", form, { authorization: basic(client) })),
      );
      expect([...new Set(rotated.map(({ status }) => status))]).toEqual([200]);
      expect(new Set(rotated.map(({ body }) => body["refresh_token"])).size).toBe(1);
    }
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
}

const codeFor = async (on: TestLatchkey, token: unknown) => {
  const decision = await on.check(new Request(`${issuer}/whoami`, { headers: { authorization: `Bearer ${String(token)}` } }), {});
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describe("on two gates over one SQLite file", () => {
  test("one of fifty redeems a code, and fifty uses of a refresh token have one successor [attack:OS-06] [attack:OS-07]", async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-oauth-"));
    try {
      await expectOneWinner(() => sqlite(join(folder, "latchkey.db")));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describeWithPostgres("on two nodes over one PostgreSQL", () => {
  test("one of fifty redeems a code, and fifty uses of a refresh token have one successor [attack:OS-06] [attack:OS-07]", async () => {
    const url = await emptyPostgres();
    await expectOneWinner(() => postgres(url));
  });
});
