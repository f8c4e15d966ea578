import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LatchkeyOptions, UniqueViolation } from "latchkey";
import { github } from "latchkey/providers";
import { sqlite } from "latchkey/sqlite";
import { identityTables } from "../src/accounts/identities/index.ts";
import { type Browser, json } from "./browser.ts";
import { type GithubLike, githubLike } from "./github-like.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres, postgresForEach } from "./services.ts";
import { openSocial, password, type SocialHouse, through, told, visit, whoIs } from "./social-house.ts";

// Several accounts of one provider in one account of ours: a work and a private GitHub.

const secret = "a test secret of at least 32 bytes";
let hub: GithubLike;
beforeAll(async () => {
  hub = await githubLike();
});
afterAll(() => hub.close());
const githubOf = (more = {}) => github({ endpoints: hub.endpoints, clientId: hub.clientId, clientSecret: hub.clientSecret, ...more });

describe("several accounts of one provider, on SQLite", () => {
  tests(async () => ({ store: sqlite(":memory:") }));
});
describeWithPostgres("several accounts of one provider, on PostgreSQL", () => {
  const empty = postgresForEach();
  tests(async () => ({ store: patientPostgres(await empty()) }));
});

/** Somebody at the provider, whose address is proved there. */
function be(id: number, login: string): void {
  hub.user = { id, login };
  hub.emails = [{ email: `${login}@example.com`, verified: true, primary: true }];
}

async function connect(one: Browser, provider = "github") {
  const answer = await one.ask("POST", `/identities/${provider}`);
  const { location } = json(answer) as { location?: string };
  return location === undefined ? told(answer) : told(await one.ask("GET", await visit(location)));
}

function tests(storeOf: () => Promise<Pick<LatchkeyOptions, "store">>): void {
  let house: SocialHouse;
  beforeEach(async () => {
    hub.tokenExtra = {};
    house = await openSocial({ ...(await storeOf()), secret, providers: [githubOf(), githubOf({ id: "forge" })] });
  });
  afterEach(() => house.auth.close());
  const subjects = async (id: string) => (await house.auth.identities.list(id)).map(({ provider, subject }) => `${provider} ${subject}`);

  /** Somebody who came as 1 and connected 2. */
  async function withTwo(): Promise<{ readonly one: Browser; readonly id: string }> {
    be(1, "work");
    const one = house.visitor();
    await through(one, "github");
    house.auth.clock.advance("1s");
    be(2, "private");
    expect(await connect(one)).toMatchObject({ status: 303, location: "../../account?connected" });
    return { one, id: (await whoIs(one)) as string };
  }

  test("are connected by who is signed in, each lets in, and each is listed", async () => {
    const { one, id } = await withTwo();
    expect(json(await one.ask("GET", "/identities"))).toMatchObject({ identities: [{ subject: "2" }, { subject: "1" }] });
    for (const [number, login] of [
      [1, "work"],
      [2, "private"],
    ] as const) {
      be(number, login);
      const again = house.visitor();
      await through(again, "github");
      expect(await whoIs(again)).toBe(id);
    }
    expect(await house.auth.users.list()).toHaveLength(1);
    // Connected once more, it is the same one.
    expect(await connect(one)).toMatchObject({ status: 303 });
    expect(await subjects(id)).toHaveLength(2);
  });

  test("are never made by an address alone: it has moved to another person there [attack:OC-08]", async () => {
    be(1, "work");
    const one = house.visitor();
    await through(one, "github");
    const id = (await whoIs(one)) as string;
    be(9, "work");
    const stranger = house.visitor();
    expect(await through(stranger, "github")).toMatchObject({ status: 409, code: "identity.other-linked" });
    expect(await whoIs(stranger)).toBeUndefined();
    expect(await subjects(id)).toEqual(["github 1"]);
    // Another provider proves the same address: that is the same person as far as anybody knows.
    expect(await through(stranger, "forge")).toMatchObject({ status: 303 });
    expect(await whoIs(stranger)).toBe(id);
  });

  test("are each disconnected by their subject, and without it nobody guesses which", async () => {
    const { one, id } = await withTwo();
    const remove = async (rest: string) => told(await one.ask("DELETE", `/identities/${rest}`));
    expect(await remove("github")).toMatchObject({ status: 409, code: "identity.several" });
    expect(await remove("github?subject=3")).toMatchObject({ status: 404, code: "identity.not-found" });
    expect(await remove("github?subject=")).toMatchObject({ status: 404, code: "identity.not-found" });
    expect(await subjects(id)).toEqual(["github 2", "github 1"]);
    expect(await remove("github?subject=2")).toMatchObject({ status: 204 });
    expect(await subjects(id)).toEqual(["github 1"]);
    expect(await remove("github?subject=1")).toMatchObject({ status: 409, code: "identity.last-way-in" });
    expect(await remove("github")).toMatchObject({ status: 409, code: "identity.last-way-in" });
    be(2, "private");
    const stranger = house.visitor();
    await through(stranger, "github");
    expect(await whoIs(stranger)).not.toBe(id);
  });

  test("two that are disconnected at once leave one: it is the last way in", async () => {
    const { one, id } = await withTwo();
    const answers = await Promise.all(["1", "2"].map((subject) => one.ask("DELETE", `/identities/github?subject=${subject}`)));
    expect(answers.map(({ status }) => status).toSorted((less, more) => less - more)).toEqual([204, 409]);
    expect(await subjects(id)).toHaveLength(1);
  });

  test("a provider that is configured no more is no way in", async () => {
    const { one, id } = await withTwo();
    be(3, "third");
    expect(await connect(one, "forge")).toMatchObject({ status: 303 });
    for (const subject of ["1", "2"]) await one.ask("DELETE", `/identities/github?subject=${subject}`);
    expect(await subjects(id)).toEqual(["forge 3"]);
    be(2, "private");
    await connect(one);
    const { store, clock } = house.auth;
    const fewer = await openSocial({ store, clock, secret, providers: [githubOf()] });
    expect(await fewer.auth.identities.unlink(id, "github")).toMatchObject({ code: "identity.last-way-in" });
    expect(await fewer.auth.identities.unlink(id, "forge")).toBeUndefined();
  });

  test("their tokens are told apart by subject, and without it are those of the one that was used last", async () => {
    const { id } = await withTwo();
    const { accessToken } = house.auth.identities;
    const [first, second] = [await accessToken(id, "github", { subject: "1" }), await accessToken(id, "github", { subject: "2" })];
    expect([first, second]).toEqual([expect.stringMatching(/^gho_/), expect.stringMatching(/^gho_/)]);
    expect(first).not.toBe(second);
    expect(await accessToken(id, "github")).toBe(second);
    house.auth.clock.advance("1s");
    be(1, "work");
    await through(house.visitor(), "github");
    const newer = await accessToken(id, "github", { subject: "1" });
    expect(newer).not.toBe(first);
    expect(await accessToken(id, "github")).toBe(newer);
    expect(await accessToken(id, "github", { subject: "3" })).toBeUndefined();
  });
}

describe("the table of a version that knew one of each provider", () => {
  const row = {
    provider: "github",
    issuer: "https://github.com/login/oauth",
    subject: "1",
    user_id: "usr_1",
    email: null,
    name: "Ada",
    linked_at: 1,
    last_used_at: 2,
    tokens: "sealed",
    tokens_expire_at: null,
  };

  async function afterMoving(store: LatchkeyOptions["store"]): Promise<readonly unknown[]> {
    await store.migrate([{ ...identityTables, migrations: identityTables.migrations.slice(0, 1) }]);
    const insert = (more: Partial<typeof row>) =>
      store.write<Record<string, Record<string, unknown>>, unknown>((transaction) =>
        transaction
          .insertInto("latchkey_identity")
          .values({ ...row, ...more })
          .execute(),
      );
    await insert({});
    await expect(insert({ subject: "2" })).rejects.toThrow(UniqueViolation);
    await store.migrate([identityTables]);
    await insert({ subject: "2" });
    // One identity is still of one user.
    await expect(insert({ user_id: "usr_2" })).rejects.toThrow(UniqueViolation);
    const kept = store.database<Record<string, Record<string, unknown>>>().selectFrom("latchkey_identity").selectAll();
    const rows = await kept.orderBy("subject").execute();
    await store.close();
    return rows;
  }
  const both = ["1", "2"].map((subject) => ({ ...row, subject, renewing_until: null, by_address: 0 }));

  test("is brought over with what stands in it, on SQLite", async () => {
    expect(await afterMoving(sqlite(":memory:"))).toEqual(both);
  });
  describeWithPostgres("and", () => {
    test("on PostgreSQL", async () => {
      expect(await afterMoving(patientPostgres(await emptyPostgres()))).toEqual(both);
    });
  });
});

test("who has none of a provider has nothing to disconnect", async () => {
  const house = await openSocial({ providers: [githubOf()] });
  await house.auth.users.create({ email: "ada@example.com", password });
  const one = await house.signedIn("ada@example.com");
  expect(told(await one.ask("DELETE", "/identities/github"))).toMatchObject({ status: 404, code: "identity.not-found" });
  await house.auth.close();
});
