import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { athOf, dpopKey } from "./dpop-key.ts";
import { ada, app, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  authorize,
  basic,
  claimsOf,
  expectError,
  get,
  issuer,
  newApp,
  post,
  redeem,
  redirectUri,
  requestOf,
  sentTo,
  type TestClient,
} from "./oauth-house.ts";

eachInAHouse({ app: {}, ada: {} });

const push = (client: TestClient, request: string, headers: Record<string, string> = {}) =>
  post(auth, "/oauth/par", request, { authorization: basic(client), ...headers });
const uriOf = async (client = app, request = requestOf(client)) => {
  const answer = await push(client, request);
  expect(answer).toMatchObject({ status: 201, body: { expires_in: 60 } });
  return String(answer.body["request_uri"]);
};
const byUri = (client: TestClient, request_uri: string, more: Record<string, string> = {}) =>
  new URLSearchParams({ client_id: client.id, request_uri, ...more }).toString();

describe("a pushed request (RFC 9126)", () => {
  test("becomes a code, once", async () => {
    const uri = await uriOf();
    expect(uri).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/);
    const sent = sentTo(await authorize(auth, byUri(app, uri), ada.cookie));
    expect((await redeem(auth, app, sent["code"]!)).status).toBe(200);
    const again = await authorize(auth, byUri(app, uri), ada.cookie);
    expect(again.status).toBe(400);
    expect(again.headers.get("location")).toBeNull();
  });

  test("becomes one code when two browsers come with it at the same moment [attack:OS-24]", async () => {
    const uri = await uriOf();
    const answers = await Promise.all([1, 2, 3, 4].map(() => authorize(auth, byUri(app, uri), ada.cookie)));
    const codes = answers.filter(({ status, headers }) => status === 303 && headers.get("location")?.includes("code=") === true);
    expect(codes).toHaveLength(1);
  });

  test("is over after a minute, and holds while somebody signs in: oauth.invalid-request-uri [attack:OS-24]", async () => {
    const late = await uriOf();
    const begun = await uriOf();
    expect((await authorize(auth, byUri(app, begun))).headers.get("location")).toContain("/login");
    auth.clock.advance("61s");
    expect((await authorize(auth, byUri(app, late), ada.cookie)).status).toBe(400);
    expect(sentTo(await authorize(auth, byUri(app, begun), ada.cookie))).toHaveProperty("code");
    const slow = await uriOf();
    await authorize(auth, byUri(app, slow));
    auth.clock.advance("9m");
    await authorize(auth, byUri(app, slow));
    auth.clock.advance("2m");
    expect((await authorize(auth, byUri(app, slow), ada.cookie)).status).toBe(400);
  });

  test("is of the client that pushed it [attack:OS-24]", async () => {
    const other = await newApp(auth);
    expect((await authorize(auth, byUri(other, await uriOf()), ada.cookie)).status).toBe(400);
  });

  test("counts alone: what stands beside it in the URL does not [attack:OS-24]", async () => {
    const uri = await uriOf();
    const answer = await authorize(
      auth,
      byUri(app, uri, { state: "forged", redirect_uri: "https://evil.example/", scope: "admin" }),
      ada.cookie,
    );
    expect(answer.headers.get("location")?.startsWith(redirectUri)).toBe(true);
    expect(sentTo(answer)).toMatchObject({ state: "s-1", code: expect.any(String) });
  });

  test("is judged when it is pushed, and told to the client", async () => {
    expectError(await push(app, requestOf(app, { redirect_uri: "https://evil.example/" })), 400, "invalid_request");
    expectError(await push(app, requestOf(app, { scope: "admin" })), 400, "invalid_scope");
    expectError(await push(app, requestOf(app, { code_challenge_method: "plain" })), 400, "invalid_request");
    expectError(await push(app, requestOf(app, { response_type: "token" })), 400, "unsupported_response_type");
    expectError(await push(app, `${requestOf(app)}&scope=openid`), 400, "invalid_request");
    expectError(await push(app, `${requestOf(app)}&request_uri=${encodeURIComponent(await uriOf())}`), 400, "invalid_request");
    expectError(await push({ ...app, secret: "wrong" }, requestOf(app)), 401, "invalid_client");
    expectError(await push(app, requestOf(await newApp(auth))), 400, "invalid_request");
    expectError(await post(auth, "/oauth/par?scope=openid", requestOf(app), { authorization: basic(app) }), 400, "invalid_request");
    expect((await get(auth, "/oauth/par")).status).toBe(405);
  });

  test("is the only kind that some clients may send", async () => {
    const strict = await newApp(auth, { metadata: { require_pushed_authorization_requests: true } });
    expect((await authorize(auth, requestOf(strict), ada.cookie)).status).toBe(400);
    expect(sentTo(await authorize(auth, byUri(strict, await uriOf(strict)), ada.cookie))).toHaveProperty("code");
  });

  test("binds the code to the key of a proof that came with it", async () => {
    const [key, other] = [await dpopKey(auth.clock), await dpopKey(auth.clock)];
    const pushed = await push(app, requestOf(app), { dpop: await key.prove({ htm: "POST", htu: `${issuer}/oauth/par` }) });
    const uri = String(pushed.body["request_uri"]);
    const { code } = sentTo(await authorize(auth, byUri(app, uri), ada.cookie));
    const forToken = { htm: "POST", htu: `${issuer}/oauth/token` };
    expectError(await redeem(auth, app, code!, {}, { dpop: await other.prove(forToken) }), 400, "invalid_grant");
    expectError(await redeem(auth, app, code!), 400, "invalid_grant");
    const answer = await redeem(auth, app, code!, {}, { dpop: await key.prove(forToken) });
    expect(claimsOf(answer.body["access_token"])["cnf"]).toEqual({ jkt: key.jkt });
    const token = String(answer.body["access_token"]);
    const userinfo = { htm: "GET", htu: `${issuer}/oauth/userinfo`, ath: athOf(token) };
    expect((await get(auth, "/oauth/userinfo", { authorization: `DPoP ${token}`, dpop: await key.prove(userinfo) })).status).toBe(200);
    expectError(await push(app, requestOf(app), { dpop: await key.prove(forToken) }), 400, "invalid_dpop_proof");
    const mixed = requestOf(app, { dpop_jkt: other.jkt });
    expectError(await push(app, mixed, { dpop: await key.prove({ htm: "POST", htu: `${issuer}/oauth/par` }) }), 400, "invalid_request");
  });
});

describe("a signed request (RFC 9101)", () => {
  let signer: TestClient;
  let sign: (claims?: object, header?: object) => Promise<string>;

  beforeEach(async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] };
    signer = await newApp(auth, { jwks });
    sign = (claims = {}, header = {}) => {
      const at = Math.floor(auth.clock.now() / 1_000);
      const all = {
        ...Object.fromEntries(new URLSearchParams(requestOf(signer))),
        iss: signer.id,
        aud: issuer,
        iat: at,
        exp: at + 60,
        ...claims,
      };
      return new SignJWT(all).setProtectedHeader({ alg: "ES256", kid: "k1", typ: "oauth-authz-req+jwt", ...header }).sign(privateKey);
    };
  });
  const withObject = (request: string, more: Record<string, string> = {}) =>
    new URLSearchParams({ client_id: signer.id, request, ...more }).toString();

  test("counts instead of what stands in the URL", async () => {
    const answer = await authorize(auth, withObject(await sign(), { state: "forged", redirect_uri: "https://evil.example/" }), ada.cookie);
    expect(sentTo(answer)).toMatchObject({ state: "s-1", code: expect.any(String) });
    const numbers = await sign({ max_age: 3_600, claims: { id_token: { email: null } } });
    expect(sentTo(await authorize(auth, withObject(numbers), ada.cookie))).toHaveProperty("code");
  });

  test("may be pushed", async () => {
    const uri = await uriOf(signer, withObject(await sign()));
    expect(sentTo(await authorize(auth, byUri(signer, uri), ada.cookie))).toMatchObject({ state: "s-1" });
    expectError(await push(signer, withObject(await sign({ iss: "other" }))), 400, "invalid_request_object");
  });

  test("holds while somebody signs in, although it has expired meanwhile", async () => {
    const request = withObject(await sign());
    expect((await authorize(auth, request)).headers.get("location")).toContain("/login");
    const late = withObject(await sign({ state: "late" }));
    auth.clock.advance("5m");
    expect(sentTo(await authorize(auth, request, ada.cookie))).toHaveProperty("code");
    expect((await authorize(auth, late, ada.cookie)).status).toBe(400);
  });

  test("of nobody, of another, for another or too old is oauth.invalid-request-object", async () => {
    const other = await generateKeyPair("ES256");
    const at = Math.floor(auth.clock.now() / 1_000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const foreign = await new SignJWT({ client_id: signer.id, aud: issuer, exp: at + 60 })
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .sign(other.privateKey);
    const objects = [
      `${part({ alg: "none" })}.${part({ client_id: signer.id, aud: issuer, exp: at + 60 })}.`,
      `${part({ alg: "HS256", kid: "k1" })}.${part({ client_id: signer.id })}.AAAA`,
      foreign,
      "x",
      await sign({ client_id: app.id }),
      await sign({ client_id: undefined }),
      await sign({ iss: app.id }),
      await sign({ aud: "https://other.example" }),
      await sign({ aud: undefined }),
      await sign({ exp: at - 60 }),
      await sign({ exp: undefined }),
      await sign({ exp: at + 7_200 }),
      await sign({ nbf: at + 120 }),
      await sign({ request_uri: "https://evil.example/" }),
      await sign({}, { typ: "at+jwt" }),
    ];
    for (const object of objects) {
      const answer = await authorize(auth, withObject(object), ada.cookie);
      expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
    }
  });

  test("is the only kind that some clients may send, and nothing is fetched for one [attack:OS-25]", async () => {
    const strict = await newApp(auth, {
      jwks: { keys: [await exportJWK((await generateKeyPair("ES256")).publicKey)] },
      metadata: { require_signed_request_object: true },
    });
    expect((await authorize(auth, requestOf(strict), ada.cookie)).status).toBe(400);
    const byReference = new URLSearchParams({ client_id: signer.id, request_uri: "https://169.254.169.254/" }).toString();
    expect((await authorize(auth, byReference, ada.cookie)).status).toBe(400);
  });
});

test("the metadata says that requests may be pushed and signed, and not referred to", async () => {
  expect((await get(auth, "/.well-known/openid-configuration")).body).toMatchObject({
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    require_pushed_authorization_requests: false,
    request_parameter_supported: true,
    request_uri_parameter_supported: false,
    request_object_signing_alg_values_supported: expect.arrayContaining(["ES256", "PS256"]),
  });
});
