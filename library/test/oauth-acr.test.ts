// How somebody has to have signed in: acr as a wish and as a requirement (OpenID Connect Core s.3.1.2.1, s.5.5.1.1).
import { describe, expect, test } from "vitest";
import { OptionFault } from "latchkey";
import type { TestLatchkey } from "latchkey/testing";
import { ada, app, auth, eachInAHouse } from "./oauth-fixture.ts";
import { authorize, claimsOf, get, issuer, newApp, oauthHouse, redeem, type Reply, requestOf, sentTo } from "./oauth-house.ts";

const [silver, gold] = ["urn:example:silver", "urn:example:gold"];
eachInAHouse({ app: {}, ada: {} }, { oauth: { acrValues: [silver, gold] } });

/** A session that an app's own sign-in made, now. */
const session = async (acr?: string) => {
  const { cookie } = await auth.sessions.create({ user: ada.id, amr: ["pwd", "otp"], ...(acr === undefined ? {} : { acr }) });
  return cookie.split(";", 1)[0]!;
};
const essential = (...values: string[]) => ({ claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }) });
const ask = (changes: Record<string, string>, cookie: string) => authorize(auth, requestOf(app, changes), cookie);
const login = ({ status, headers }: Reply) => {
  const location = new URL(headers.get("location")!);
  expect([status, location.origin + location.pathname]).toEqual([303, `${issuer}/login`]);
  return location.searchParams;
};
/** Comes back from the sign-in page. */
const back = (answer: Reply, cookie: string) => get(auth, login(answer).get("return")!, { cookie });

describe("a wish for an acr", () => {
  test("leads to the sign-in page with the values that it can have, and no further than once", async () => {
    for (const changes of [
      { acr_values: `${gold} other` },
      { claims: JSON.stringify({ id_token: { acr: { values: [gold, "other"] } } }) },
    ] as Record<string, string>[]) {
      const answer = await ask(changes, await session(silver));
      expect(login(answer).get("acr_values")).toBe(gold);
      auth.clock.advance(1);
      const { code } = sentTo(await back(answer, await session(silver)));
      expect(claimsOf((await redeem(auth, app, code!)).body["id_token"])["acr"]).toBe(silver);
    }
  });

  test("is nothing to somebody who has it, or who could not get it here", async () => {
    const { code } = sentTo(await ask({ acr_values: `${silver} ${gold}` }, await session(gold)));
    expect(claimsOf((await redeem(auth, app, code!)).body["id_token"])).toMatchObject({ acr: gold, amr: ["pwd", "otp"] });
    expect(sentTo(await ask({ acr_values: "other" }, await session()))).toHaveProperty("code");
    expect(sentTo(await ask({ acr_values: gold, prompt: "none" }, await session(silver)))).toMatchObject({ error: "login_required" });
  });
});

describe("an acr that is required", () => {
  test("brings a code after signing in with it, and none without: oauth.unmet-authentication-requirements", async () => {
    const answer = await ask(essential(gold), await session(silver));
    expect(login(answer).get("acr_values")).toBe(gold);
    auth.clock.advance(1);
    expect(sentTo(await back(answer, await session(gold)))).toHaveProperty("code");
    auth.clock.advance(1);
    expect(sentTo(await back(answer, await session(silver)))).toMatchObject({ error: "unmet_authentication_requirements", state: "s-1" });
    expect(sentTo(await ask(essential(silver, gold), await session(gold)))).toHaveProperty("code");
    const value = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: gold } } }) };
    expect(sentTo(await ask(value, await session(gold)))).toHaveProperty("code");
  });

  test("that nobody can have here is refused at once, also of who did not choose it by name", async () => {
    for (const prompt of [undefined, "none"])
      expect(sentTo(await ask({ ...essential("other"), ...(prompt === undefined ? {} : { prompt }) }, await session(gold)))).toMatchObject({
        error: "unmet_authentication_requirements",
      });
    expect(sentTo(await ask(essential("other"), await session()))).toMatchObject({ error: "unmet_authentication_requirements" });
  });

  test("is not got past on the consent page", async () => {
    const stranger = await newApp(auth, { firstParty: false });
    const decide = async (cookie: string, acr = gold) => {
      const request = requestOf(stranger, essential(acr));
      const sent = { cookie, origin: issuer, "content-type": "application/x-www-form-urlencoded" };
      const body = new URLSearchParams({ request, decision: "allow" });
      return auth.fetch(new Request(`${issuer}/oauth/authorize/decision`, { method: "POST", headers: sent, body }));
    };
    expect((await decide(await session(silver))).headers.get("location")).toContain("/login?");
    expect((await decide(await session(gold))).headers.get("location")).toContain("code=");
    expect((await decide(await session(gold), "other")).headers.get("location")).toContain("error=unmet_authentication_requirements");
  });

  test("in claims of odd shapes is none", async () => {
    for (const claims of [
      '{"id_token":{"acr":null}}',
      '{"id_token":{"acr":{"essential":true}}}',
      '{"id_token":[],"__proto__":{"acr":1}}',
      "{}",
    ])
      expect(sentTo(await ask({ claims }, await session()))).toHaveProperty("code");
  });
});

test("the metadata states what was configured, and nothing where that is nothing", async () => {
  const metadata = async (house: TestLatchkey) => (await get(house, "/.well-known/openid-configuration")).body;
  expect((await metadata(auth))["acr_values_supported"]).toEqual([silver, gold]);
  const plain = await oauthHouse({ oauth: { scopes: { openid: "Know your number", "posts:read": "Read your posts" } } });
  expect(await metadata(plain)).not.toHaveProperty("acr_values_supported");
  expect((await metadata(plain))["scopes_supported"]).toEqual(["openid", "profile", "email", "offline_access", "posts:read"]);
  await plain.close();
});

test("options that cannot be used stop the start, by their names", async () => {
  for (const [oauth, told] of [
    [{ acrValues: "gold" }, /^oauth.acrValues/],
    [{ acrValues: ["a b"] }, /^oauth.acrValues/],
    [{ scopes: null }, /^oauth.scopes/],
    [{ scopes: ["posts:read"] }, /^oauth.scopes/],
    [{ scopes: { "posts read": "Read" } }, /^oauth.scopes/],
    [{ scopes: { "posts:read": "" } }, /^oauth.scopes.*posts:read/],
    [{ scopes: { "posts:read": 5 } }, /^oauth.scopes/],
    [{ scopes: { "posts:read": "Read \u202eyour posts" } }, /^oauth.scopes/],
    [{ scopes: { "posts:read": "x".repeat(201) } }, /^oauth.scopes/],
  ] as [object, RegExp][]) {
    const started = oauthHouse({ oauth });
    await expect(started).rejects.toThrow(OptionFault);
    await expect(started).rejects.toThrow(told);
  }
});
