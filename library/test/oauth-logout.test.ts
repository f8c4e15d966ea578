import { beforeEach, describe, expect, test } from "vitest";
import { ada, app, auth, eachInAHouse } from "./oauth-fixture.ts";
import { codeOf, get, issuer, newApp, post, redeem } from "./oauth-house.ts";

const after = "https://app.example.com/bye";
eachInAHouse({ app: { metadata: { post_logout_redirect_uris: [after] } }, ada: {} });
let hint: string;
beforeEach(async () => {
  hint = String((await redeem(auth, app, await codeOf(auth, app, ada))).body["id_token"]);
});

const logout = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  get(auth, `/oauth/logout?${new URLSearchParams(parameters).toString()}`, { cookie: ada.cookie, ...headers });
const isSignedIn = async () => (await get(auth, "/whoami", { cookie: ada.cookie })).status === 200;

describe("an app signs somebody out (OpenID Connect RP-Initiated Logout)", () => {
  test("by the ID token, and gets the browser back with its state", async () => {
    const answer = await logout({ id_token_hint: hint, post_logout_redirect_uri: after, state: "a b" });
    expect({ status: answer.status, to: answer.headers.get("location") }).toEqual({ status: 303, to: `${after}?state=a%20b` });
    expect(answer.headers.get("set-cookie")).toContain("Max-Age=0");
    expect(await isSignedIn()).toBe(false);
  });

  test("by a form too, also when the ID token has expired", async () => {
    auth.clock.advance("2h");
    const answer = await post(auth, "/oauth/logout", { id_token_hint: hint, client_id: app.id });
    expect(answer.headers.get("location")).toBe(`${issuer}/login`);
    expect(await isSignedIn()).toBe(false);
  });

  test("and nothing ends without a token: the person is asked [attack:ID-05]", async () => {
    for (const parameters of [
      {},
      { state: "x" },
      { post_logout_redirect_uri: after },
      { client_id: app.id, post_logout_redirect_uri: after },
    ]) {
      const answer = await logout(parameters as Record<string, string>, { accept: "text/html" });
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.text).toContain("Sign out?");
      expect(answer.headers.get("location")).toBeNull();
    }
    expect((await logout({})).body).toEqual({ confirm: `${issuer}/logout` });
    expect(await isSignedIn()).toBe(true);
  });

  test("and goes nowhere that is not registered, and takes no other token [attack:ID-05]", async () => {
    const other = await newApp(auth);
    const access = String((await redeem(auth, app, await codeOf(auth, app, ada))).body["access_token"]);
    const [head, , signature] = hint.split(".");
    const forged = `${head}.${Buffer.from(JSON.stringify({ iss: issuer, sub: ada.id, aud: app.id, sid: "ses_x" })).toString("base64url")}.${signature}`;
    const wrong: Record<string, string>[] = [
      { id_token_hint: hint, post_logout_redirect_uri: `${after}?x=1` },
      { id_token_hint: hint, post_logout_redirect_uri: "https://evil.example/" },
      { id_token_hint: hint, post_logout_redirect_uri: "javascript:alert(1)" },
      { id_token_hint: hint, client_id: other.id },
      { id_token_hint: forged, post_logout_redirect_uri: after },
      { id_token_hint: access },
      { id_token_hint: "x" },
    ];
    for (const parameters of wrong) {
      const answer = await logout(parameters);
      expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
    }
    expect(await isSignedIn()).toBe(true);
  });

  test("where the metadata says", async () => {
    expect((await get(auth, "/.well-known/openid-configuration")).body["end_session_endpoint"]).toBe(`${issuer}/oauth/logout`);
  });
});
