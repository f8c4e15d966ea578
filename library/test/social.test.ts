import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LatchkeyOptions } from "latchkey";
import { github } from "latchkey/providers";
import { sqlite } from "latchkey/sqlite";
import { type GithubLike, githubLike } from "./github-like.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, postgresForEach } from "./services.ts";
import { beginAt, openSocial, password, type SocialHouse, through, told, visit, whoIs } from "./social-house.ts";

let provider: GithubLike;
const usual = { user: { id: 583_231, login: "octocat", name: "The Octocat", email: null } };
const octocat = "octocat@example.com";
beforeAll(async () => {
  provider = await githubLike();
});
afterAll(() => provider.close());
const githubOf = (more = {}) => {
  const { endpoints, clientId, clientSecret } = provider;
  return github({ endpoints, clientId, clientSecret, ...more });
};
const proved = (email: string) => [{ email, verified: true, primary: true, visibility: "private" }];

describe("signing in by GitHub, on SQLite", () => {
  socialTests(async () => ({ store: sqlite(":memory:") }));
});
describeWithPostgres("signing in by GitHub, on PostgreSQL", () => {
  const empty = postgresForEach();
  socialTests(async () => ({ store: patientPostgres(await empty()) }));
});

function socialTests(storeOf: () => Promise<Partial<LatchkeyOptions>>): void {
  let house: SocialHouse;
  beforeEach(async () => {
    Object.assign(provider, usual, { emails: proved("Octocat@example.com"), tokenForm: "asked", tokenExtra: {}, consent: "allow" });
    provider.instead.clear();
    house = await openSocial({ ...(await storeOf()), providers: [githubOf()] });
  });
  afterEach(() => house.auth.close());

  test("makes an account with the address that the provider has proved, and finds it again", async () => {
    const one = house.visitor();
    expect(await through(one, "github")).toEqual({ status: 303, code: undefined, location: "../../account" });
    const user = (await house.auth.users.findByEmail(octocat))!;
    expect(user).toMatchObject({ email: "Octocat@example.com", emailVerified: true });
    expect(await whoIs(one)).toBe(user.id);
    expect(await house.auth.identities.list(user.id)).toMatchObject([
      { provider: "github", subject: "583231", name: "The Octocat", email: "Octocat@example.com" },
    ]);
    const again = house.visitor();
    await through(again, "github");
    expect(await whoIs(again)).toBe(user.id);
    expect(await house.auth.users.list()).toHaveLength(1);
  });

  test("asks for the profile and the addresses together: neither waits for the other", async () => {
    const answerWith = (response: ServerResponse, body: unknown) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    const addressesAsked = new Promise<void>((resolve) => {
      provider.instead.set("/user/emails", (_, response) => {
        resolve();
        answerWith(response, provider.emails);
      });
    });
    provider.instead.set("/user", (_, response) => void addressesAsked.then(() => answerWith(response, provider.user)));
    expect(await through(house.visitor(), "github")).toMatchObject({ status: 303 });
  });

  test("reads a token answer that is a form, as GitHub writes where nobody asks for JSON", async () => {
    provider.tokenForm = "form";
    const one = house.visitor();
    expect(await through(one, "github")).toMatchObject({ status: 303 });
    expect(await whoIs(one)).toMatch(/^usr_/);
  });

  test("knows people by their id, never by address or name: as number or text it is the same [attack:OC-08]", async () => {
    await through(house.visitor(), "github");
    provider.user = { id: "583231", login: "renamed", name: null };
    provider.emails = proved("moved@example.com");
    await through(house.visitor(), "github");
    expect(await house.auth.users.list()).toHaveLength(1);
    // Somebody else has the old address at the provider now, and is not let into the account that it made.
    provider.user = { id: 7, login: "octocat" };
    provider.emails = proved("stranger@example.com");
    const stranger = house.visitor();
    await through(stranger, "github");
    expect(await house.auth.users.list()).toHaveLength(2);
  });

  test("joins the account with the address when both sides have proved it, and tells its owner [attack:OC-07]", async () => {
    const ada = await house.auth.users.create({ email: octocat, password, emailVerified: true });
    const one = house.visitor();
    await through(one, "github");
    expect(await whoIs(one)).toBe(ada.id);
    await house.auth.flush();
    expect(house.mails.map(({ to, subject }) => [to, subject])).toEqual([
      [octocat, "GitHub was connected to your account at localhost:3000"],
    ]);
  });

  test("does not join an account that a stranger made with the address before [attack:OC-07]", async () => {
    const squat = await house.auth.users.create({ email: octocat, password });
    const one = house.visitor();
    expect(await through(one, "github")).toMatchObject({ status: 409, code: "identity.address-taken" });
    expect(await house.auth.identities.list(squat.id)).toEqual([]);
    expect(await whoIs(one)).toBeUndefined();
  });

  test.each([
    ["unproved", [{ email: octocat, verified: false, primary: true }]],
    ["proved by a text", [{ email: octocat, verified: "true", primary: true }]],
    ["without a word about it", [{ email: octocat, primary: true }]],
    ["null", [{ email: null, verified: true, primary: true }]],
    ["no list", { message: "no" }],
    ["an empty list", []],
    ["a list of junk", [null, 7, "x", [], {}]],
  ])("makes and joins nothing for an address that is %s, whether or not it has an account [attack:OC-07]", async (_, emails) => {
    provider.emails = emails;
    const free = await through(house.visitor(), "github");
    expect(free).toMatchObject({ status: 403, code: "identity.address-unproved" });
    await house.auth.users.create({ email: octocat, password, emailVerified: true });
    expect(await through(house.visitor(), "github")).toEqual(free);
    expect(await house.auth.users.list()).toHaveLength(1);
  });

  test("is not for somebody who is disabled: identity.user-disabled", async () => {
    await through(house.visitor(), "github");
    const user = (await house.auth.users.findByEmail(octocat))!;
    await house.auth.users.disable(user.id);
    const one = house.visitor();
    expect(await through(one, "github")).toMatchObject({ status: 403, code: "identity.user-disabled" });
    expect(await whoIs(one)).toBeUndefined();
  });

  test("makes one account of two who come at once", async () => {
    const browsers = [house.visitor(), house.visitor(), house.visitor()];
    const backs = await Promise.all(browsers.map(async (one) => visit(await beginAt(one, "github"))));
    const answers = await Promise.all(browsers.map(async (one, index) => told(await one.ask("GET", backs[index]!))));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await house.auth.users.list()).toHaveLength(1);
  });

  test("forgets the identity with the user", async () => {
    await through(house.visitor(), "github");
    const user = (await house.auth.users.findByEmail(octocat))!;
    await house.auth.users.delete(user.id);
    expect(await house.auth.identities.list(user.id)).toEqual([]);
    await through(house.visitor(), "github");
    expect((await house.auth.users.findByEmail(octocat))!.id).not.toBe(user.id);
  });

  describe("connecting an account", () => {
    const connect = async (one: Awaited<ReturnType<SocialHouse["signedIn"]>>) => {
      const answer = await one.ask("POST", "/identities/github");
      const { location } = JSON.parse(String(answer.body)) as { location?: string };
      return location === undefined ? told(answer) : told(await one.ask("GET", await visit(location)));
    };

    test("works whatever its address is, once it is asked for by who is signed in", async () => {
      const ada = await house.auth.users.create({ email: "ada@example.com", password });
      const one = await house.signedIn("ada@example.com");
      provider.emails = [];
      expect(await connect(one)).toMatchObject({ status: 303, location: "../../account?connected" });
      const own = await one.ask("GET", "/identities");
      expect(JSON.parse(String(own.body))).toMatchObject({ identities: [{ provider: "github", subject: "583231" }] });
      const other = house.visitor();
      await through(other, "github");
      expect(await whoIs(other)).toBe(ada.id);
      expect((await house.auth.audit.list()).map(({ action }) => action)).toContain("identity.linked");
    });

    test("is refused where the identity is somebody else's", async () => {
      await through(house.visitor(), "github");
      await house.auth.users.create({ email: "ada@example.com", password });
      const one = await house.signedIn("ada@example.com");
      expect(await connect(one)).toMatchObject({ status: 409, code: "identity.linked-elsewhere" });
    });

    test("cannot be begun by a page elsewhere, by a link, or by nobody [attack:OC-01]", async () => {
      await house.auth.users.create({ email: "ada@example.com", password });
      const one = await house.signedIn("ada@example.com");
      const foreign = { headers: { "sec-fetch-site": "cross-site", origin: "https://evil.example" } };
      expect((await one.ask("POST", "/identities/github", foreign)).status).toBe(403);
      expect((await one.ask("GET", "/identities/github")).status).toBe(405);
      expect((await house.visitor().ask("POST", "/identities/github")).status).toBe(401);
    });

    test("is of no use once the session in which it was asked has ended", async () => {
      const ada = await house.auth.users.create({ email: "ada@example.com", password });
      const one = await house.signedIn("ada@example.com");
      const { location } = JSON.parse(String((await one.ask("POST", "/identities/github")).body)) as { location: string };
      const back = await visit(location);
      await house.auth.sessions.revokeAll(ada.id);
      expect(told(await one.ask("GET", back))).toMatchObject({ status: 400, code: "social.flow-invalid" });
      expect(await house.auth.identities.list(ada.id)).toEqual([]);
    });

    test("ends by disconnecting, but never the last way in", async () => {
      const one = house.visitor();
      await through(one, "github");
      const remove = async (name: string) => told(await one.ask("DELETE", `/identities/${name}`));
      expect(await remove("github")).toMatchObject({ status: 409, code: "identity.last-way-in" });
      expect(await remove("nobody")).toMatchObject({ status: 404, code: "identity.not-found" });
      const user = (await house.auth.users.findByEmail(octocat))!;
      await house.auth.users.setPassword(user.id, password);
      const known = await house.signedIn(octocat);
      expect((await known.ask("DELETE", "/identities/github")).status).toBe(204);
      expect(await house.auth.identities.list(user.id)).toEqual([]);
    });
  });

  test("a reset of an address that nobody had proved takes the identities of whoever had made the account [attack:OC-07]", async () => {
    const squat = await house.auth.users.create({ email: "victim@example.com", password });
    const eve = await house.signedIn("victim@example.com");
    const { location } = JSON.parse(String((await eve.ask("POST", "/identities/github")).body)) as { location: string };
    await eve.ask("GET", await visit(location));
    expect(await house.auth.identities.list(squat.id)).toHaveLength(1);
    const victim = house.visitor();
    await victim.ask("POST", "/password/forgot", { body: { email: "victim@example.com" } });
    await house.auth.flush();
    const code = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(house.mails.at(-1)!.text)![0];
    expect((await victim.ask("POST", "/password/reset", { body: { code, password: "six slow purple tractors" } })).status).toBe(204);
    expect(await house.auth.identities.list(squat.id)).toEqual([]);
    const again = house.visitor();
    await through(again, "github");
    expect(await whoIs(again)).not.toBe(squat.id);
  });
}

describe("where nobody may register", () => {
  test("a stranger is refused, and who has an account is let in", async () => {
    Object.assign(provider, usual, { emails: proved(octocat) });
    const house = await openSocial({ providers: [githubOf()], signUp: false });
    expect(await through(house.visitor(), "github")).toMatchObject({ status: 403, code: "account.sign-up-off" });
    await house.auth.users.create({ email: octocat, password, emailVerified: true });
    expect(await through(house.visitor(), "github")).toMatchObject({ status: 303 });
    await house.auth.close();
  });
});

describe("an app's own users", () => {
  test("are made by its source, joined when both sides have proved the address, and keep a password elsewhere as a way in", async () => {
    Object.assign(provider, usual, { emails: proved(octocat) });
    const kept: { id: string; email: string; emailVerified?: boolean }[] = [];
    const house = await openSocial({
      providers: [githubOf()],
      users: {
        findById: (id) => kept.find((user) => user.id === id),
        findByEmail: (email) => kept.find((user) => user.email === email),
        verifyPassword: () => true,
        create: ({ email }) => {
          const user = { id: `app${kept.length}`, email };
          kept.push(user);
          return user;
        },
        setVerifiedEmail: (id) =>
          void Object.assign(
            kept.find((user) => user.id === id)!,
            { emailVerified: true },
          ),
      },
    });
    const one = house.visitor();
    await through(one, "github");
    expect(kept).toEqual([{ id: "app0", email: octocat, emailVerified: true }]);
    expect(await whoIs(one)).toBe("app0");
    expect((await one.ask("DELETE", "/identities/github")).status).toBe(204);
    await through(house.visitor(), "github");
    expect(await house.auth.identities.list("app0")).toHaveLength(1);
    await house.auth.close();
  });
});
