// What a person is asked before an app gets anything, and what counts as an answer.
import { beforeEach, expect, test } from "vitest";
import { ada, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  api,
  claimsOf,
  get,
  issuer,
  newApp,
  newPerson,
  post,
  redeem,
  requestOf,
  sentTo,
  signedIn,
  type TestClient,
} from "./oauth-house.ts";

eachInAHouse({ ada: {} });
let other: TestClient;
beforeEach(async () => {
  other = await newApp(auth, {
    name: `Calendar <img src=x onerror=alert(1)>`,
    firstParty: false,
    scopes: ["openid", "email", "posts:read", "offline_access"],
  });
});

const html = { accept: "text/html" };
const page = (request: string, cookie = ada.cookie) => get(auth, `/oauth/authorize?${request}`, { ...html, cookie });
const codes = () =>
  auth.store
    .database<{ latchkey_authorization_code: { digest: string } }>()
    .selectFrom("latchkey_authorization_code")
    .selectAll()
    .execute();
/** The form of a page, as a browser sends it. */
const formOf = (text: string, decision: "allow" | "deny") => {
  const field = (name: string) => unescaped(new RegExp(`name="${name}" value="([^"]*)"`).exec(text)![1]!);
  return { csrf_token: field("csrf_token"), request: field("request"), decision };
};
const unescaped = (text: string) =>
  text.replaceAll("&#39;", "'").replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const decide = (form: Record<string, string>, cookie = ada.cookie, headers: Record<string, string> = { origin: issuer }) =>
  post(auth, "/oauth/authorize/decision", form, { ...html, cookie, ...headers });

test("consent is asked in words, remembered, and asked again for more [attack:OS-17]", async () => {
  const request = requestOf(other, { scope: "openid email posts:read" });
  const asked = await page(request);
  expect(asked.status).toBe(200);
  for (const text of [
    "Calendar &lt;img src=x onerror=alert(1)&gt; asks for access",
    ada.email,
    "See your email address",
    "<code>posts:read</code>",
    "This access is over when you sign out here or your sign-in runs out, at the latest after 30 days.",
    "Either way you go on to <strong>app.example.com</strong>.",
    "Allow",
    "Deny",
  ])
    expect(asked.text).toContain(text);
  expect(asked.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  for (const [name, value] of [
    ["x-frame-options", "DENY"],
    ["x-content-type-options", "nosniff"],
    ["cross-origin-opener-policy", "same-origin"],
    ["referrer-policy", "no-referrer"],
    ["cache-control", "no-store"],
  ] as const)
    expect([name, asked.headers.get(name)]).toEqual([name, value]);
  expect(await codes()).toEqual([]);
  const allowed = await decide(formOf(asked.text, "allow"));
  const { code } = sentTo(allowed);
  expect((await redeem(auth, other, code!)).status).toBe(200);
  expect(sentTo(await page(request))).toHaveProperty("code");
  expect(sentTo(await page(requestOf(other, { scope: "openid", prompt: "none" })))).toHaveProperty("code");
  expect((await page(requestOf(other, { scope: "openid offline_access" }))).text).toContain("Keep access when you are not there");
  expect((await page(requestOf(other, { scope: "openid", prompt: "consent" }))).status).toBe(200);
  expect(sentTo(await page(requestOf(other, { scope: "openid offline_access", prompt: "none" })))).toMatchObject({
    error: "consent_required",
  });
});

test("consent to a scope at one API says nothing of another, nor of the API that no request names [attack:OS-17]", async () => {
  const reads = { scope: "openid posts:read", resource: api };
  const mails = { scope: "openid email" };
  for (const wanted of [reads, mails]) {
    const asked = await page(requestOf(other, wanted));
    expect(sentTo(await decide(formOf(asked.text, "allow")))).toHaveProperty("code");
  }
  const silently = async (wanted: Record<string, string>) => sentTo(await page(requestOf(other, { ...wanted, prompt: "none" })));
  for (const agreed of [reads, mails, { scope: "posts:read", resource: api }, { ...mails, resource: issuer }])
    expect(await silently(agreed)).toHaveProperty("code");
  for (const wider of [{ ...mails, resource: api }, { scope: "posts:read" }, { scope: "posts:read", resource: issuer }])
    expect((await silently(wider))["error"]).toBe("consent_required");
});

test("consent from before it was kept by API is asked for once more", async () => {
  const request = requestOf(other, { scope: "openid email" });
  const allow = async () => sentTo(await decide(formOf((await page(request)).text, "allow")));
  expect(await allow()).toHaveProperty("code");
  await auth.store.write<{ latchkey_consent: { agreed: string | null } }, unknown>((transaction) =>
    transaction.updateTable("latchkey_consent").set({ agreed: null }).execute(),
  );
  expect((await page(request)).text).toContain("asks for access");
  expect(await allow()).toHaveProperty("code");
  expect(sentTo(await page(request))).toHaveProperty("code");
});

test("consent that is denied sends access_denied, and is not remembered (oauth.consent-required) [attack:ID-03]", async () => {
  const asked = await page(requestOf(other));
  expect(sentTo(await decide(formOf(asked.text, "deny")))).toMatchObject({ error: "access_denied", state: "s-1", iss: issuer });
  expect(sentTo(await page(requestOf(other, { prompt: "none" })))["error"]).toBe("consent_required");
});

test("consent is given by a form of ours, by POST, by the one who saw it, and by nothing else [attack:OS-17] [attack:OS-16]", async () => {
  const form = formOf((await page(requestOf(other))).text, "allow");
  expect((await decide(form, ada.cookie, { origin: "https://evil.example" })).status).toBe(403);
  expect((await decide({ ...form, csrf_token: "wrong" }, ada.cookie, {})).status).toBe(403);
  expect(
    (await get(auth, `/oauth/authorize/decision?${new URLSearchParams(form).toString()}`, { ...html, cookie: ada.cookie })).status,
  ).toBe(405);
  const eve = await newPerson(auth, "eve@example.com");
  // Somebody else's form: the token is of another session.
  expect((await decide(form, eve.cookie, {})).status).toBe(403);
  expect(new URL((await decide(form, "")).headers.get("location")!, issuer).pathname).toBe("/login");
  expect((await decide({ ...form, decision: "maybe" })).status).toBe(400);
  // Nor does it spare whoever decides the sign-in that the client asks for.
  const anew = await decide({ ...form, request: requestOf(other, { scope: "openid", prompt: "login" }) });
  expect(new URL(anew.headers.get("location")!).pathname).toBe("/login");
  expect((await decide({ ...form, request: "client_id=cli_nobody" })).status).toBe(400);
  expect(await codes()).toEqual([]);
  expect(sentTo(await decide(form, ada.cookie, {}))).toHaveProperty("code");
});

test("consent that a victim gives to a request of somebody else's brings that one nothing: neither a code, nor a consent [attack:OS-16]", async () => {
  const eve = await newPerson(auth, "eve@example.com");
  const begun = requestOf(other, { state: "of-eve" });
  const form = formOf((await page(begun, eve.cookie)).text, "allow");
  // Her form in the victim's browser, whichever way it comes there.
  expect((await decide(form, ada.cookie, {})).status).toBe(403);
  expect(await codes()).toEqual([]);
  // Her link: the code is the victim's and goes with the victim's browser, where the client finds a state that is not of it.
  const sent = sentTo(await decide(formOf((await page(begun)).text, "allow")));
  expect(sent).toMatchObject({ state: "of-eve" });
  expect(claimsOf((await redeem(auth, other, sent["code"]!)).body["id_token"])["sub"]).toBe(ada.id);
  expect((await page(begun, eve.cookie)).text).toContain("asks for access");
  expect(sentTo(await page(requestOf(other, { prompt: "none" }), eve.cookie))["error"]).toBe("consent_required");
});

test("consent leads nowhere by its form but to the client, whatever stands in the address", async () => {
  const address = "https://app.example.com;script-src/cb";
  const odd = await newApp(auth, { firstParty: false, redirectUris: [address] });
  const { text, headers } = await page(requestOf(odd, { redirect_uri: address }));
  expect(text).toContain("asks for access");
  expect(headers.get("content-security-policy")).not.toContain("script-src");
});

test("consent changed in the form is judged anew: no other address, no scope of others", async () => {
  const form = formOf((await page(requestOf(other))).text, "allow");
  const changed = (changes: Record<string, string>) => decide({ ...form, request: requestOf(other, changes) });
  expect((await changed({ redirect_uri: "https://evil.example/" })).status).toBe(400);
  expect(sentTo(await changed({ scope: "openid admin" }))["error"]).toBe("invalid_scope");
});

test("consent is listed for the person, and taken back: every token of the client ends (oauth.not-found)", async () => {
  const scope = "openid offline_access";
  const tokensOf = async (tokenFormat: "jwt" | "opaque") => {
    const client = await newApp(auth, { name: `C-${tokenFormat}`, firstParty: false, tokenFormat });
    const asked = await page(requestOf(client, { scope }));
    const { body } = await redeem(auth, client, sentTo(await decide(formOf(asked.text, "allow")))["code"]!);
    return { client, access: String(body["access_token"]), refresh: String(body["refresh_token"]) };
  };
  for (const held of [await tokensOf("jwt"), await tokensOf("opaque")]) {
    const { body } = await get(auth, "/consents", { cookie: ada.cookie });
    const list = body["consents"] as { id: string; client: { id: string } }[];
    const { id } = list.find(({ client }) => client.id === held.client.id)!;
    expect((await get(auth, "/account", { ...html, cookie: ada.cookie })).text).toContain("Connected apps");
    const remove = (as: string) =>
      auth.fetch(new Request(`${issuer}/consents/${id}`, { method: "DELETE", headers: { cookie: as, origin: issuer } }));
    const eve = await signedIn(auth, (await auth.users.create({ email: `eve-${held.client.id}@example.com` })).id);
    expect((await remove(eve)).status).toBe(404);
    expect((await get(auth, "/whoami", { authorization: `Bearer ${held.access}` })).status).toBe(200);
    expect((await remove(ada.cookie)).status).toBe(204);
    expect((await get(auth, "/whoami", { authorization: `Bearer ${held.access}` })).status).toBe(401);
    const again = await redeem(auth, held.client, "", { grant_type: "refresh_token", refresh_token: held.refresh, code: undefined });
    expect(again.body["error"]).toBe("invalid_grant");
    expect((await page(requestOf(held.client, { scope }))).text).toContain("asks for access");
    expect((await remove(ada.cookie)).status).toBe(404);
  }
});

test("consent of an app that any program on the machine could be is asked each time, outside development", async () => {
  const native = await newApp(auth, { firstParty: false, authentication: "none", redirectUris: ["com.example.app:/cb"] });
  const request = requestOf(native, { redirect_uri: "com.example.app:/cb" });
  const asked = await page(request);
  expect(asked.headers.get("content-security-policy")).toContain("form-action 'self' com.example.app:");
  expect(sentTo(await decide(formOf(asked.text, "allow")), "com.example.app:/cb")).toHaveProperty("code");
  expect((await page(request)).text).toContain("asks for access");
});
