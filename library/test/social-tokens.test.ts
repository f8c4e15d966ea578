import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { github } from "latchkey/providers";
import { type Browser, json, untold } from "./browser.ts";
import { type GithubLike, githubLike } from "./github-like.ts";
import { openSocial, type SocialHouse, through, told, whoIs } from "./social-house.ts";

// From the button of a provider to a token of ours: for an app of one's own whose API takes tokens.

let hub: GithubLike;
let house: SocialHouse;
beforeAll(async () => {
  hub = await githubLike();
  house = await openSocial({ providers: [github({ endpoints: hub.endpoints, clientId: hub.clientId, clientSecret: hub.clientSecret })] });
});
afterAll(async () => {
  await house.auth.close();
  await hub.close();
});

async function arrived(): Promise<Browser> {
  const one = house.visitor();
  expect(await through(one, "github")).toMatchObject({ status: 303 });
  return one;
}

async function tokensOf(one: Browser) {
  const answer = await one.ask("POST", "/tokens");
  expect(answer.status).toBe(200);
  return json(answer) as { readonly access_token: string; readonly refresh_token: string };
}

const withToken = (token: string) =>
  house.visitor().check(house.auth.rule({ methods: ["jwt"] }), "GET", { headers: { ...untold, authorization: `Bearer ${token}` } });

test("who came by a provider gets tokens of ours for the session, which the gate takes and which are renewed", async () => {
  const one = await arrived();
  const { access_token: token, refresh_token: refreshToken } = await tokensOf(one);
  const decision = await withToken(token);
  expect(decision).toMatchObject({
    allowed: true,
    principal: { subject: await whoIs(one), kind: "user", method: "jwt", assurance: { amr: ["fed"] } },
  });
  expect(decodeJwt(token)).toMatchObject({ iss: house.auth.issuer, amr: ["fed"] });
  // The refresh token is all that an app holds later: no cookie, and the provider is not asked again.
  const asked = hub.asked.length;
  const renewed = await house.visitor().ask("POST", "/tokens/refresh", { body: { refresh_token: refreshToken } });
  expect(await withToken(json(renewed).access_token as string)).toMatchObject({ allowed: true });
  expect(hub.asked).toHaveLength(asked);
});

test("they end with the session, and a refresh token in a cookie is for its path alone", async () => {
  const one = await arrived();
  const answer = await one.ask("POST", "/tokens", { body: { delivery: "cookie" } });
  expect([answer.headers["set-cookie"]].flat().join()).toMatch(/^latchkey-refresh=\S+; Path=\/tokens; .*HttpOnly; SameSite=Strict$/);
  const { access_token: token, refresh_token: inBody } = json(answer);
  expect(inBody).toBeUndefined();
  expect(await withToken(token as string)).toMatchObject({ allowed: true });
  await one.ask("POST", "/logout");
  expect(await withToken(token as string)).toMatchObject({ allowed: false, refusal: { code: "jwt.source-ended" } });
  expect((await one.ask("POST", "/tokens/refresh")).status).toBe(401);
});

test("a page elsewhere gets none in the name of its visitor", async () => {
  const one = await arrived();
  const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  for (const body of [undefined, { delivery: "cookie" }])
    expect(told(await one.ask("POST", "/tokens", { headers: foreign, ...(body === undefined ? {} : { body }) })).status).toBe(403);
});

test("no answer of the way there shows a token: neither the provider's nor ours", async () => {
  const one = house.visitor();
  const began = await one.ask("GET", "/login/github");
  const back = new URL((await fetch(began.headers.location as string, { redirect: "manual" })).headers.get("location")!);
  const done = await one.ask("GET", back.pathname + back.search);
  const seen = JSON.stringify([began, done]);
  expect(seen).not.toMatch(/gho_|eyJ/);
  expect(done.headers).toMatchObject({ location: "../../account", "referrer-policy": "no-referrer" });
});
