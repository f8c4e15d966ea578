import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OptionFault, type Provider } from "latchkey";
import * as providers from "latchkey/providers";
import { browser } from "./browser.ts";
import { type GithubLike, githubLike } from "./github-like.ts";
import { type LiarProvider, liarProvider } from "./liar-provider.ts";
import { openIdProvider } from "./openid-provider.ts";
import { beginAt, openSocial, type SocialHouse, through, told, visit, whoIs } from "./social-house.ts";

const client = { clientId: "latchkey", clientSecret: "a client secret of the provider" };
const { apple, discord, facebook, github, gitlab, google, linkedin, microsoft, named, namedProviders, oauth2, oidc, slack, x } = providers;
const p8 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

describe("a real OpenID provider", () => {
  test("signs somebody in, with PKCE, a nonce and a signed ID token, and renews the tokens", async () => {
    const provider = await openIdProvider(["http://localhost:3000/login/real/callback"]);
    const { issuer, clientId, clientSecret } = provider;
    const house = await openSocial({
      providers: [
        oidc({
          id: "real",
          name: "Real",
          issuer,
          clientId,
          clientSecret,
          scopes: ["openid", "email", "profile", "offline_access"],
          parameters: { prompt: "consent" },
        }),
      ],
    });
    const one = house.visitor();
    expect(told(await one.ask("GET", await followed(await beginAt(one, "real"))))).toMatchObject({
      status: 303,
      location: "../../account",
    });
    const user = (await house.auth.users.findByEmail("ada@example.com"))!;
    expect(user.emailVerified).toBe(true);
    expect(await house.auth.identities.list(user.id)).toMatchObject([{ provider: "real", subject: "person-1", name: "Ada Lovelace" }]);
    const first = await house.auth.identities.accessToken(user.id, "real");
    expect(first).toMatch(/\S{20}/);
    house.auth.clock.advance("2h");
    const second = await house.auth.identities.accessToken(user.id, "real");
    expect(second).toMatch(/\S{20}/);
    expect(second).not.toBe(first);
    await house.auth.close();
    await provider.close();
  });
});

/** Follows a provider through its own pages, with its cookies, until it sends the browser back to us. */
async function followed(location: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = location;
  for (let step = 0; step < 12; step += 1) {
    if (new URL(at).host === "localhost:3000") return new URL(at).pathname + new URL(at).search;
    const response = await fetch(at, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of response.headers.getSetCookie()) cookies.set(line.split("=")[0]!, line.slice(line.indexOf("=") + 1).split(";")[0]!);
    await response.body?.cancel();
    at = new URL(response.headers.get("location") ?? "about:blank", at).href;
  }
  throw new Error(`The provider leads nowhere: ${at}`);
}

describe("each provider that has a name here", () => {
  const all: readonly [string, Provider, string, Record<string, string>][] = [
    [
      "github",
      github(client),
      "https://github.com/login/oauth/authorize",
      { scope: "read:user user:email", code_challenge_method: "S256" },
    ],
    ["discord", discord(client), "https://discord.com/oauth2/authorize", { scope: "identify email", code_challenge_method: "S256" }],
    ["facebook", facebook(client), "https://www.facebook.com/v23.0/dialog/oauth", { scope: "public_profile email" }],
    ["x", x(client), "https://x.com/i/oauth2/authorize", { scope: "users.read tweet.read users.email", code_challenge_method: "S256" }],
  ];
  test.each(all)("%s begins at its own address with what it asks for", async (id, provider, where, parameters) => {
    const flow = { state: "s", nonce: "n", verifier: "v".repeat(64), redirectUri: "https://id.example.com/cb", at: 0 };
    const url = new URL(await provider.authorizationUrl(flow));
    expect(provider.id).toBe(id);
    expect(url.origin + url.pathname).toBe(where);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: "latchkey",
      response_type: "code",
      redirect_uri: "https://id.example.com/cb",
      state: "s",
      ...parameters,
    });
    expect(url.href).not.toContain(client.clientSecret);
  });

  test("is made of its name and what the provider gave", () => {
    expect(namedProviders).toEqual(["github", "google", "microsoft", "gitlab", "discord", "facebook", "linkedin", "slack", "x"]);
    expect(namedProviders.map((name) => named(name, client).name)).toEqual([
      "GitHub",
      "Google",
      "Microsoft",
      "GitLab",
      "Discord",
      "Facebook",
      "LinkedIn",
      "Slack",
      "X",
    ]);
    for (const make of [google, gitlab, linkedin, slack, microsoft])
      expect(make({ ...client, id: "work", name: "Work" })).toMatchObject({ id: "work", name: "Work", formPost: false });
    expect(apple({ clientId: "com.example.web", teamId: "A1B2C3D4E5", keyId: "F6G7H8I9J0", privateKey: p8 as string })).toMatchObject({
      id: "apple",
      formPost: true,
    });
  });
});

describe("the profile of", () => {
  let hub: GithubLike;
  let house: SocialHouse;
  beforeAll(async () => {
    hub = await githubLike();
    const endpoints = { authorization: hub.endpoints.authorization, token: hub.endpoints.token, userinfo: hub.endpoints.userinfo };
    const own = { clientId: hub.clientId, clientSecret: hub.clientSecret, endpoints };
    house = await openSocial({
      providers: [
        discord(own),
        facebook(own),
        facebook({ ...own, id: "trusted", trustEmail: true }),
        oauth2({
          ...own,
          id: "plain",
          name: "Plain",
          profile: ({ uid, mail }) => ({ subject: uid, email: mail, emailVerified: true, name: undefined }),
        }),
      ],
    });
  });
  afterAll(async () => {
    await house.auth.close();
    await hub.close();
  });

  test("Discord says whether the address is proved: unproved it leads into no account, not into that of its owner either [attack:OC-07]", async () => {
    hub.user = { id: "80351110224678912", username: "nelly", global_name: "Nelly", email: "nelly@example.com", verified: false } as never;
    expect(await through(house.visitor(), "discord")).toMatchObject({ status: 403, code: "identity.address-unproved" });
    const owner = await house.auth.users.create({ email: "nelly@example.com", emailVerified: true });
    const stranger = house.visitor();
    expect(await through(stranger, "discord")).toMatchObject({ status: 403, code: "identity.address-unproved" });
    expect(await house.auth.identities.list(owner.id)).toEqual([]);
    expect(await whoIs(stranger)).toBeUndefined();
    hub.user = { ...hub.user, verified: true } as never;
    expect(await through(house.visitor(), "discord")).toMatchObject({ status: 303 });
  });

  test("Facebook does not, so it is believed only where the operator says so", async () => {
    hub.user = { id: "10221", name: "Fay", email: "fay@example.com" } as never;
    expect(await through(house.visitor(), "facebook")).toMatchObject({ status: 403, code: "identity.address-unproved" });
    expect(await through(house.visitor(), "trusted")).toMatchObject({ status: 303 });
  });

  test("any other provider is read by a function", async () => {
    hub.user = { uid: 5, mail: "plain@example.com" } as never;
    const one = house.visitor();
    expect(await through(one, "plain")).toMatchObject({ status: 303 });
    expect(await whoIs(one)).toBe((await house.auth.users.findByEmail("plain@example.com"))!.id);
  });
});

describe("Microsoft and Apple", () => {
  let liar: LiarProvider;
  let house: SocialHouse;
  beforeAll(async () => {
    liar = await liarProvider(() => house.auth.clock.now());
    const { issuer } = liar;
    house = await openSocial({
      providers: [
        microsoft({ ...client, issuer }),
        apple({ clientId: "latchkey", teamId: "A1B2C3D4E5", keyId: "F6G7H8I9J0", privateKey: p8 as string, issuer }),
        gitlab({ ...client, url: issuer }),
      ],
    });
  });
  beforeEach(() => void Object.assign(liar, { metadata: {}, claims: {}, answer: undefined, sign: undefined }));
  afterAll(async () => {
    await house.auth.close();
    await liar.close();
  });

  test("Microsoft's tenants are each their own issuer, and its addresses are proved only with xms_edov [attack:OC-08]", async () => {
    liar.metadata = { issuer: `${liar.issuer}/{tenantid}/v2.0` };
    const of = (tid: string, more = {}) => ({
      tid,
      iss: `${liar.issuer}/${tid}/v2.0`,
      email: "m@example.com",
      email_verified: undefined,
      ...more,
    });
    liar.claims = of("tenant-1");
    expect(await through(house.visitor(), "microsoft")).toMatchObject({ status: 403, code: "identity.address-unproved" });
    liar.claims = of("tenant-1", { xms_edov: true });
    expect(await through(house.visitor(), "microsoft")).toMatchObject({ status: 303 });
    // The same subject in another tenant is somebody else.
    liar.claims = of("tenant-2", { xms_edov: true, email: "m2@example.com" });
    const other = house.visitor();
    await through(other, "microsoft");
    expect(await whoIs(other)).toBe((await house.auth.users.findByEmail("m2@example.com"))!.id);
    // A token of one tenant in the name of another.
    liar.claims = { ...of("tenant-2"), iss: `${liar.issuer}/tenant-1/v2.0` };
    expect(await through(house.visitor(), "microsoft")).toMatchObject({ status: 400, code: "social.answer-invalid" });
  });

  test("Microsoft's metadata is Microsoft's own, of whichever tenants it speaks [attack:ID-07]", async () => {
    const begin = async () => {
      const { auth, visitor } = await openSocial({ providers: [microsoft({ ...client, issuer: liar.issuer })] });
      const answer = told(await visitor().ask("GET", "/login/microsoft"));
      await auth.close();
      return answer;
    };
    const untrusted = { status: 400, code: "social.answer-invalid" };
    for (const issuer of ["https://evil.example/{tenantid}/v2.0", 7, undefined]) {
      liar.metadata = { issuer };
      expect(await begin()).toMatchObject(untrusted);
    }
    liar.metadata = { issuer: `${liar.issuer}/{tenantid}/v2.0` };
    expect(await begin()).toMatchObject({ status: 303 });
    const document = await (await fetch(`${liar.issuer}/.well-known/openid-configuration`)).text();
    liar.instead.set(
      "/.well-known/openid-configuration",
      (_, response) => void response.writeHead(404, { "content-type": "application/json" }).end(document),
    );
    expect(await begin()).toMatchObject(untrusted);
    liar.instead.clear();
  });

  test("Apple answers by a form post, with a cookie that comes along, and is told a signed client secret", async () => {
    liar.metadata = {};
    const one = browser(house.auth);
    liar.claims = { email: "apple@example.com", email_verified: "true" };
    const began = await one.ask("GET", "/login/apple");
    expect(began.headers["set-cookie"]).toMatch(/^latchkey-flow-post=\S+; Path=\/; Max-Age=600; HttpOnly; SameSite=None; Secure$/);
    const location = began.headers.location as string;
    expect(new URL(location).searchParams.get("response_mode")).toBe("form_post");
    const query = (await visit(location)).split("?")[1]!;
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://appleid.apple.com" };
    // By a link instead: whatever it is, it is not Apple's answer.
    expect(told(await one.ask("GET", `/login/apple/callback?${query}`, { headers: foreign }))).toMatchObject({
      status: 400,
      code: "social.flow-invalid",
    });
    const done = await one.ask("POST", "/login/apple/callback", { body: query, headers: foreign });
    expect(told(done)).toMatchObject({ status: 303 });
    expect(await whoIs(one)).toBe((await house.auth.users.findByEmail("apple@example.com"))!.id);
    const secret = liar.redeemed.at(-1)!.get("client_secret")!;
    expect(decodeProtectedHeader(secret)).toEqual({ alg: "ES256", kid: "F6G7H8I9J0", typ: "JWT" });
    expect(decodeJwt(secret)).toMatchObject({ iss: "A1B2C3D4E5", sub: "latchkey", aud: liar.issuer });
  });

  test("a text is no proof for anybody else [attack:OC-07]", async () => {
    liar.claims = { sub: "text", email: "text@example.com", email_verified: "true" };
    expect(await through(house.visitor(), "gitlab")).toMatchObject({ status: 403, code: "identity.address-unproved" });
  });
});

describe("options of a provider", () => {
  const bad: readonly [() => unknown, string][] = [
    [() => github({ ...client, clientId: "" }), "github.clientId"],
    [() => github({ ...client, clientSecret: undefined } as never), "github.clientSecret"],
    [() => github({ ...client, id: "Git Hub" }), "github.id"],
    [() => github({ ...client, id: "code" }), "github.id"],
    [() => github({ ...client, scopes: ["a b"] }), "github.scopes"],
    [() => github({ ...client, timeoutMs: 0 }), "github.timeoutMs"],
    [() => github({ ...client, endpoints: { token: "http://github.example/token" } }), "github.endpoints.token"],
    [() => google({ ...client, parameters: { a: 1 } } as never), "google.parameters"],
    [() => google({ ...client, trustEmail: "yes" } as never), "google.trustEmail"],
    [() => microsoft({ ...client, tenant: "../evil" }), "microsoft.tenant"],
    [() => gitlab({ ...client, url: "ftp://x" }), "gitlab.url"],
    [() => oidc({ ...client, id: "a", name: "A", issuer: "http://evil.example" }), "oidc.issuer"],
    [() => oidc({ ...client, id: "__proto__", name: "A", issuer: "https://a.example" }), "oidc.id"],
    [() => oauth2({ ...client, id: "a", name: "A" } as never), "oauth2.endpoints.authorization"],
    [() => apple({ clientId: "a", teamId: "x", keyId: "F6G7H8I9J0", privateKey: p8 as string }), "apple.teamId"],
    [() => apple({ clientId: "a", teamId: "A1B2C3D4E5", keyId: "F6G7H8I9J0", privateKey: "no key" }), "apple.privateKey"],
  ];
  test.each(bad)("%# are refused when it is made, and no secret is shown", (make, option) => {
    expect(make).toThrow(OptionFault);
    expect(make).toThrow(expect.objectContaining({ option }) as Error);
    expect(make).not.toThrow(/a client secret of the provider/);
  });

  test("two of one name, and what is no provider, are refused with the gate", async () => {
    await expect(openSocial({ providers: [github(client), github(client)] })).rejects.toMatchObject({ option: "providers" });
    for (const odd of [[{}], ["github"], {}])
      await expect(openSocial({ providers: odd } as never)).rejects.toMatchObject({ option: "providers" });
  });
});
