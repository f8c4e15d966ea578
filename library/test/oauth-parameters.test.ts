// Every parameter of every endpoint of the OAuth server: repeated, missing, empty, a megabyte long, with NUL, not UTF-8, full of
// markup, in a body of another type. Each gets the error of its RFC, never a fault, and nothing comes back as it was sent.
import { describe, expect, test } from "vitest";
import { ada, app, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  basic,
  challenge,
  codeOf,
  get,
  issuer,
  newApp,
  newClient,
  newPerson,
  post,
  redeem,
  redirectUri,
  type Reply,
  requestOf,
  verifier,
} from "./oauth-house.ts";

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
const markup = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
const megabyte = "x".repeat(1_048_576);
const html = { accept: "text/html" };

eachInAHouse(
  { ada: {}, app: { grants: ["authorization_code", "refresh_token", "client_credentials", exchangeGrant] } },
  { registration: { mode: "open" } },
);

/** A request that would succeed, and what is answered where one of its parameters is not there. */
interface Form {
  readonly path: string;
  readonly good: Readonly<Record<string, string>>;
  readonly headers?: Record<string, string>;
  /** `error` by the name of what is missing or empty. */
  readonly missing: Readonly<Record<string, string>>;
  /** More parameters that it may have: empty ones count as left out (RFC 6749 s.3.1). */
  readonly optional?: readonly string[];
  readonly status?: number;
}

const tokenForm = (good: Record<string, string>, missing: Record<string, string>, optional: readonly string[] = []): Form => ({
  path: "/oauth/token",
  good,
  headers: { authorization: basic(app) },
  missing: { grant_type: "invalid_request", ...missing },
  optional,
});

const forms: Readonly<Record<string, () => Promise<Form>>> = {
  authorization_code: async () => {
    const good = { grant_type: "authorization_code", code: await codeOf(auth, app, ada), code_verifier: verifier };
    return tokenForm(good, { code: "invalid_request", code_verifier: "invalid_grant" }, ["redirect_uri", "scope", "resource"]);
  },
  refresh_token: async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada));
    const good = { grant_type: "refresh_token", refresh_token: String(body["refresh_token"]) };
    return tokenForm(good, { refresh_token: "invalid_request" }, ["scope", "resource"]);
  },
  client_credentials: async () => tokenForm({ grant_type: "client_credentials" }, {}, ["scope", "resource"]),
  device_code: async () => {
    const tv = await newClient(auth, { authentication: "none", grants: [deviceGrant], scopes: ["openid"] });
    const { body } = await post(auth, "/oauth/device", { client_id: tv.id });
    const headers = { cookie: ada.cookie, origin: issuer };
    await post(auth, "/device", { user_code: String(body["user_code"]), decision: "allow" }, { ...html, ...headers });
    const good = { grant_type: deviceGrant, client_id: tv.id, device_code: String(body["device_code"]) };
    return { ...tokenForm(good, { device_code: "invalid_request", client_id: "invalid_client" }), headers: {} };
  },
  token_exchange: async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada));
    const subject_token_type = "urn:ietf:params:oauth:token-type:access_token";
    const good = { grant_type: exchangeGrant, subject_token: String(body["access_token"]), subject_token_type };
    const optional = ["scope", "resource", "audience", "requested_token_type", "actor_token", "actor_token_type"];
    return tokenForm(good, { subject_token: "invalid_request", subject_token_type: "invalid_request" }, optional);
  },
  client_secret_post: async () => {
    const { id, secret } = await newClient(auth, { authentication: "client_secret_post" });
    const good = { grant_type: "client_credentials", client_id: id, client_secret: secret };
    return { ...tokenForm(good, { client_id: "invalid_client", client_secret: "invalid_client" }), headers: {} };
  },
  pushed_request: async () => ({
    path: "/oauth/par",
    good: Object.fromEntries(new URLSearchParams(requestOf(app))),
    headers: { authorization: basic(app) },
    missing: Object.fromEntries(
      ["response_type", "redirect_uri", "code_challenge", "code_challenge_method"].map((name) => [name, "invalid_request"]),
    ),
    optional: ["nonce", "prompt", "max_age", "login_hint", "acr_values", "claims", "resource", "response_mode", "id_token_hint"].concat([
      "dpop_jkt",
      "request",
      "display",
      "ui_locales",
    ]),
    status: 201,
  }),
  introspection: async () => ({
    path: "/oauth/introspect",
    good: {
      token: String(
        (await post(auth, "/oauth/token", { grant_type: "client_credentials" }, { authorization: basic(app) })).body["access_token"],
      ),
    },
    headers: { authorization: basic(app) },
    missing: { token: "invalid_request" },
    optional: ["token_type_hint"],
  }),
  revocation: async () => ({
    path: "/oauth/revoke",
    good: { token: "lkr_live_unknown" },
    headers: { authorization: basic(app) },
    missing: { token: "invalid_request" },
    optional: ["token_type_hint"],
  }),
  device_authorization: async () => {
    const tv = await newClient(auth, { authentication: "none", grants: [deviceGrant], scopes: ["openid"] });
    return { path: "/oauth/device", good: { client_id: tv.id }, missing: { client_id: "invalid_client" }, optional: ["scope", "resource"] };
  },
  userinfo: async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada));
    return { path: "/oauth/userinfo", good: { access_token: String(body["access_token"]) }, missing: {} };
  },
};

const written = (parameters: Readonly<Record<string, string>>) => new URLSearchParams(parameters).toString();
const without = (form: Form, name: string) => written(Object.fromEntries(Object.entries(form.good).filter(([known]) => known !== name)));

/** A client is told of what is wrong in the form of RFC 6749 s.5.2, and by nothing that it sent. */
function expectRefused(what: string, { status, body, headers, text }: Reply, error: string): void {
  const expected = error === "invalid_client" ? 401 : 400;
  expect({ what, status, error: body["error"] }).toEqual({ what, status: expected, error });
  expect(headers.get("content-type")).toMatch(/^application\/json/);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(text).not.toContain("<script>");
}

describe.each(Object.entries(forms))("a form for %s", (_, make) => {
  test("is refused for every parameter that is repeated, missing, empty, too long, or no text, and is good after all that [attack:OS-19]", async () => {
    const form = await make();
    const send = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
      post(auth, form.path, body, { ...form.headers, ...headers });
    const whole = written(form.good);
    for (const name of [...Object.keys(form.good), ...(form.optional ?? [])]) {
      const value = encodeURIComponent(form.good[name] ?? "x");
      const rest = `${without(form, name)}&`;
      if (!["resource", "audience"].includes(name)) {
        expectRefused(`${name} twice`, await send(`${rest}${name}=${value}&${name}=${value}`), "invalid_request");
        expectRefused(`${name} twice, of two values`, await send(`${rest}${name}=${value}&${name}=other`), "invalid_request");
        expectRefused(`${name} twice, once empty`, await send(`${rest}${name}=${value}&${name}=`), "invalid_request");
      }
      expectRefused(`${name} with NUL`, await send(`${rest}${name}=${value}%00`), "invalid_request");
      expectRefused(`${name} with a line feed`, await send(`${rest}${name}=${value}%0d%0aX`), "invalid_request");
      for (const bytes of ["%ff", "%c0%80", "%ed%a0%80", "%", "%zz"])
        expectRefused(`${name} with ${bytes}`, await send(`${rest}${name}=${value}${bytes}`), "invalid_request");
      expectRefused(`${name} in Latin-1`, await send(Buffer.from(`${rest}${name}=${value}\xe9`, "latin1")), "invalid_request");
      expectRefused(`${name} of a megabyte`, await send(`${rest}${name}=${megabyte}`), "invalid_request");
      const odd = await send(`${rest}${name}=${encodeURIComponent(markup)}`, html);
      expect([name, odd.status < 500, odd.text.includes("<script>")]).toEqual([name, true, false]);
    }
    for (const [name, error] of Object.entries(form.missing)) {
      expectRefused(`no ${name}`, await send(without(form, name)), error);
      expectRefused(`an empty ${name}`, await send(`${without(form, name)}&${name}=`), error);
    }
    const answer = await send(
      `${whole}&${(form.optional ?? [])
        .filter((name) => !(name in form.good))
        .map((name) => `${name}=`)
        .join("&")}`,
    );
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([form.status ?? 200, expect.any(String)]);
  });

  test("is refused in a body of another type, and never read from the URL [attack:OS-19]", async () => {
    const form = await make();
    const whole = written(form.good);
    const types = ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencode", ""];
    for (const type of types) {
      const body = type === "application/json" ? JSON.stringify(form.good) : whole;
      const answer = await post(auth, form.path, body, { ...form.headers, "content-type": type });
      // The token of userinfo is not found there; everybody else needs a form.
      const expected = form.path === "/oauth/userinfo" ? [401, undefined] : [400, "invalid_request"];
      expect([type, answer.status, answer.body["error"]]).toEqual([type, ...expected]);
    }
    const inUrl = await post(auth, `${form.path}?${whole}`, "", form.headers);
    expect([inUrl.status >= 400, inUrl.status < 500]).toEqual([true, true]);
  });
});

describe("the authorization endpoint", () => {
  const more = ["nonce", "prompt", "max_age", "login_hint", "acr_values", "claims", "resource", "response_mode", "id_token_hint"];
  const rare = ["dpop_jkt", "request", "request_uri", "display", "ui_locales"];
  const names = [...new URLSearchParams(requestOf({ id: "", secret: "" })).keys(), ...more, ...rare];
  const page = (query: string, headers: Record<string, string> = html) =>
    get(auth, `/oauth/authorize?${query}`, { cookie: ada.cookie, ...headers });
  const posted = (body: string | Uint8Array) => post(auth, "/oauth/authorize", body, { ...html, cookie: ada.cookie });
  /** A page of ours, and nobody is led anywhere. */
  const expectPage = (what: string, { status, headers, text }: Reply) => {
    expect({ what, status, location: headers.get("location") }).toEqual({ what, status: 400, location: null });
    expect(headers.get("content-type")).toContain("text/html");
    expect(text).not.toContain("<script>alert");
  };
  const rest = (name: string) => requestOf(app, { [name]: undefined });

  test("tells a person, and leads nowhere, when any parameter is repeated or no text [attack:OS-19]", async () => {
    for (const name of names)
      for (const send of [page, posted]) {
        if (name !== "resource") expectPage(`${name} twice`, await send(`${rest(name)}&${name}=a&${name}=b`));
        for (const bytes of ["%00", "%ff", "%c0%80", "%zz", "%0d%0aX"])
          expectPage(`${name} with ${bytes}`, await send(`${rest(name)}&${name}=x${bytes}`));
      }
  });

  test("reflects nothing into a page or a redirect as it came, and takes no megabyte [attack:OS-17]", async () => {
    for (const name of names) {
      for (const value of [markup, megabyte]) {
        const { status, text, headers } = await page(requestOf(app, { [name]: value }));
        expect([name, status < 500, text.includes("<script>alert")]).toEqual([name, true, false]);
        expect(headers.get("location") ?? "").not.toContain("<script>");
        expect((headers.get("location") ?? "").length).toBeLessThan(20_000);
      }
      expectPage(`${name} of a megabyte, posted`, await posted(requestOf(app, { [name]: megabyte })));
    }
  });

  test("treats an empty parameter as one that is not there (RFC 6749 s.3.1)", async () => {
    const required = ["response_type", "code_challenge", "code_challenge_method"];
    for (const name of names) {
      const [empty, missing] = [await page(`${rest(name)}&${name}=`), await page(rest(name))];
      const errorOf = ({ status, headers }: Reply) => [
        name,
        status,
        new URL(headers.get("location") ?? "https://x").searchParams.get("error"),
      ];
      expect(errorOf(empty)).toEqual(errorOf(missing));
      const refused = ["client_id", "redirect_uri"].includes(name)
        ? [400, null]
        : [303, required.includes(name) ? "invalid_request" : null];
      expect(errorOf(missing)).toEqual([name, ...refused]);
    }
  });

  test("takes a posted request as a form only, and a decision of its own form only", async () => {
    const asked = await newApp(auth, { firstParty: false });
    const { consent } = (await get(auth, `/oauth/authorize?${requestOf(asked)}`, { cookie: ada.cookie })).body as {
      consent: { request: string };
    };
    const decide = (body: string, headers: Record<string, string> = {}) =>
      post(auth, "/oauth/authorize/decision", body, { cookie: ada.cookie, origin: issuer, ...headers });
    for (const type of ["application/json", "text/plain", ""])
      expectPage(type, await post(auth, "/oauth/authorize", requestOf(app), { ...html, "content-type": type, cookie: ada.cookie }));
    const good = { request: consent.request, decision: "allow" };
    for (const name of ["request", "decision"] as const) {
      const other = written(Object.fromEntries(Object.entries(good).filter(([known]) => known !== name)));
      for (const value of ["", "x%00", "%ff", encodeURIComponent(markup), megabyte]) {
        const answer = await decide(`${other}&${name}=${value}`, html);
        expect([name, value.slice(0, 9), answer.status >= 400 && answer.status < 500]).toEqual([name, value.slice(0, 9), true]);
        expect(answer.text).not.toContain("<script>alert");
      }
      expect((await decide(other)).status).toBe(400);
      expect((await decide(`${written(good)}&${name}=${encodeURIComponent(good[name])}`)).status).toBe(400);
    }
    expect((await decide(written(good))).status).toBe(303);
  });
});

describe("the end-session endpoint", () => {
  const names = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"];
  test("ends nothing and leads nowhere for any parameter that is repeated, no text, full of markup or a megabyte", async () => {
    const hint = String((await redeem(auth, app, await codeOf(auth, app, ada))).body["id_token"]);
    const rest = (name: string) => (name === "id_token_hint" ? "" : `${written({ id_token_hint: hint })}&`);
    const ways = [
      (query: string) => get(auth, `/oauth/logout?${query}`, { ...html, cookie: ada.cookie }),
      (query: string) => post(auth, "/oauth/logout", query, { ...html, cookie: ada.cookie }),
    ];
    for (const name of names)
      for (const send of ways) {
        const bad = [`${name}=a&${name}=b`, `${name}=%00`, `${name}=%ff`, `${name}=%zz`];
        for (const text of bad) expect([text, (await send(rest(name) + text)).status]).toEqual([text, 400]);
      }
    for (const value of [markup, megabyte])
      for (const name of ["id_token_hint", "client_id", "post_logout_redirect_uri"])
        for (const send of ways) {
          const answer = await send(rest(name) + written({ [name]: value }));
          expect([name, answer.status, answer.text.includes("<script>alert")]).toEqual([name, 400, false]);
        }
    for (const type of ["application/json", ""])
      expect(
        (await post(auth, "/oauth/logout", written({ id_token_hint: hint }), { "content-type": type, cookie: ada.cookie })).status,
      ).toBe(400);
    // An empty one is one that is not there: the person is asked.
    expect((await ways[0]!("id_token_hint=&state=")).status).toBe(200);
    expect((await get(auth, "/whoami", { cookie: ada.cookie })).status).toBe(200);
  });
});

describe("the page /device", () => {
  test("decides nothing for a code or a decision that is repeated, missing, empty, no text, full of markup or a megabyte", async () => {
    const tv = await newClient(auth, { authentication: "none", grants: [deviceGrant], scopes: ["openid"] });
    const { body } = await post(auth, "/oauth/device", { client_id: tv.id });
    const good = { user_code: String(body["user_code"]), decision: "allow" };
    let people = 0;
    // Somebody else each time: wrong codes of one person are counted.
    const somebody = async () => ({ ...html, origin: issuer, cookie: (await newPerson(auth, `p${(people += 1)}@example.com`)).cookie });
    const decide = async (form: string, headers: Record<string, string> = {}) =>
      post(auth, "/device", form, { ...(await somebody()), ...headers });
    for (const name of ["user_code", "decision"] as const) {
      const other = written(Object.fromEntries(Object.entries(good).filter(([known]) => known !== name)));
      for (const text of ["", `${name}=`, `${name}=x%00`, `${name}=%ff`, `${name}=${encodeURIComponent(markup)}`, `${name}=${megabyte}`]) {
        const answer = await decide(`${other}&${text}`);
        expect([text.slice(0, 20), answer.status >= 400 && answer.status < 500]).toEqual([text.slice(0, 20), true]);
        expect(answer.text).not.toContain("<script>alert");
      }
      expect((await decide(`${written(good)}&${name}=${good[name]}`)).status).toBe(400);
    }
    for (const query of [
      "user_code=%00",
      "user_code=%ff",
      "user_code=a&user_code=b",
      written({ user_code: markup }),
      `user_code=${megabyte}`,
    ]) {
      const answer = await get(auth, `/device?${query}`, await somebody());
      expect([query.slice(0, 20), answer.status < 500, answer.text.includes("<script>alert")]).toEqual([query.slice(0, 20), true, false]);
    }
    expect((await decide(written(good), { "content-type": "text/plain" })).status).toBeLessThan(500);
    const pending = { grant_type: deviceGrant, client_id: tv.id, device_code: String(body["device_code"]) };
    expect((await post(auth, "/oauth/token", pending)).body["error"]).toBe("authorization_pending");
  });
});

describe("registration", () => {
  const app7591 = { client_name: "Calendar", redirect_uris: ["https://app.example.com/cb"] };
  const members = {
    client_name: "x",
    redirect_uris: ["https://app.example.com/cb"],
    client_uri: "https://app.example.com",
    logo_uri: "https://x.example",
    scope: "openid",
    contacts: ["a@example.com"],
    tos_uri: "https://x.example",
    policy_uri: "https://x.example",
    software_id: "x",
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    software_version: "1",
    id_token_signed_response_alg: "ES256",
    userinfo_signed_response_alg: "ES256",
    application_type: "web",
    default_max_age: 1,
    post_logout_redirect_uris: ["https://x.example"],
    backchannel_logout_uri: "https://x.example",
    jwks_uri: "https://x.example",
    jwks: { keys: [] },
    dpop_bound_access_tokens: true,
    subject_type: "public",
    require_pushed_authorization_requests: true,
  };
  const json = { "content-type": "application/json" };
  const expectBad = (what: string, { status, body, text }: Reply) => {
    expect([what, status, body["error"]]).toEqual([what, 400, expect.stringMatching(/^invalid_(?:client_metadata|redirect_uri)$/)]);
    expect(text).not.toContain("<script>");
  };

  test("refuses every member that is repeated, of another kind, full of control characters, or a megabyte", async () => {
    const { body } = await post(auth, "/oauth/register", JSON.stringify(app7591), json);
    const path = `/oauth/register/${String(body["client_id"])}`;
    const bearer = { authorization: `Bearer ${String(body["registration_access_token"])}` };
    const put = async (sent: string | Uint8Array, headers: Record<string, string> = json): Promise<Reply> => {
      const request = new Request(issuer + path, { method: "PUT", body: sent as string, headers: { ...bearer, ...headers } });
      const answer = await auth.fetch(request);
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as Record<string, unknown> };
    };
    const own = `"client_id":${JSON.stringify(body["client_id"])},`;
    const ways: readonly [string, (sent: string | Uint8Array, headers?: Record<string, string>) => Promise<Reply>, string][] = [
      ["POST", (sent, headers = json) => post(auth, "/oauth/register", sent, headers), ""],
      ["PUT", put, own],
    ];
    for (const [method, send, first] of ways) {
      const whole = (member: string) =>
        `{${first}${name === "redirect_uris" ? "" : '"redirect_uris":["https://app.example.com/cb"],'}${member}}`;
      let name = "";
      for (const [known, value] of Object.entries(members)) {
        name = known;
        const text = `"${known}":${JSON.stringify(value)}`;
        expectBad(`${method} ${known} twice`, await send(whole(`${text},${text}`)));
        for (const wrong of ['"\\u0000"', '"\\ud800"', "[[]]", "{}", `"${megabyte}"`, JSON.stringify(markup)]) {
          // An empty object is a key set without keys, and nobody's; a text of markup may be a name.
          const answer = await send(whole(`"${known}":${wrong}`));
          expect([method, known, wrong.slice(0, 9), answer.status < 500]).toEqual([method, known, wrong.slice(0, 9), true]);
          expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
        }
        const latin1 = Buffer.concat([Buffer.from(`{${first}"${known}":"`), Buffer.from([0xff]), Buffer.from('"}')]);
        expectBad(`${method} ${known} not UTF-8`, await send(latin1));
      }
      for (const sent of ["", "null", "[]", "x", '{"a":', whole(`"x":"${megabyte}"`)])
        expectBad(`${method} ${sent.slice(0, 9)}`, await send(sent));
      for (const type of ["application/x-www-form-urlencoded", "text/plain", ""])
        expectBad(`${method} as ${type}`, await send(whole('"client_name":"x"'), { "content-type": type }));
    }
    expectBad("without redirect_uris", await post(auth, "/oauth/register", "{}", json));
    expectBad("without client_id", await put(JSON.stringify(app7591)));
    for (const id of ["%00", "%ff", "x".repeat(9_000), "..%2f", encodeURIComponent(markup)]) {
      const { status, text } = await get(auth, `/oauth/register/${id}`, bearer);
      expect([id.slice(0, 9), status >= 400 && status < 500, text.includes("<script>")]).toEqual([id.slice(0, 9), true, false]);
    }
    expect((await get(auth, path, bearer)).body["client_id"]).toBe(body["client_id"]);
  });
});

test("what is refused at the token endpoint is said with the words of the request in no field", async () => {
  const answer = await post(
    auth,
    "/oauth/token",
    { grant_type: markup, redirect_uri: redirectUri, code_challenge: challenge },
    { authorization: basic(app) },
  );
  expect(answer.body["error"]).toBe("unsupported_grant_type");
  expect(answer.text).not.toContain("alert");
});
