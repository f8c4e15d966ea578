import { expect } from "vitest";
import type { ClientOptions } from "latchkey";
import { testLatchkey, type TestLatchkey, type TestLatchkeyOptions } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";

export const issuer = "https://auth.example.com";
export const api = "https://api.example.com/";

/** A gate with an authorization server on it. */
export function oauthHouse(options: TestLatchkeyOptions = {}): Promise<TestLatchkey> {
  return testLatchkey({ issuer, passwords: weakPasswords, jwt: { audiences: [api] }, ...options });
}

/** A client with its credentials. */
export interface TestClient {
  readonly id: string;
  readonly secret: string;
}

export async function newClient(auth: TestLatchkey, options: Partial<ClientOptions> = {}): Promise<TestClient> {
  const { client, secret = "" } = await auth.clients.create({ name: "Test", grants: ["client_credentials"], ...options });
  return { id: client.id, secret };
}

export const basic = ({ id, secret }: TestClient): string => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

let requests = 0;

/** Sends a form, or any text, to an endpoint. */
export async function post(
  auth: TestLatchkey,
  path: string,
  form: Record<string, string> | string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const body = typeof form === "string" || form instanceof Uint8Array ? form : new URLSearchParams(form).toString();
  const sent = { "content-type": "application/x-www-form-urlencoded", ...headers };
  return reply(
    await auth.fetch(new Request(`${new URL(auth.issuer).origin}${path}`, { method: "POST", body: body as string, headers: sent }), peer()),
  );
}

export async function get(auth: TestLatchkey, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return reply(await auth.fetch(new Request(`${new URL(auth.issuer).origin}${path}`, { headers, redirect: "manual" }), peer()));
}

/** A new address each time: what is tested is not the limit of failed attempts. */
const peer = () => ({ peerAddress: `10.1.${(requests += 1) >> 8}.${requests & 255}` });

async function reply(answer: Response): Promise<Reply> {
  const text = await answer.text();
  const json = answer.headers.get("content-type")?.includes("json") === true;
  return { status: answer.status, headers: answer.headers, text, body: json ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

export const claimsOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split(".")[1]!, "base64url").toString()) as Record<string, unknown>;

export const headerOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split(".")[0]!, "base64url").toString()) as Record<string, unknown>;

/** The error of RFC 6749 s.5.2, and the code that the operator sees where it stands in a test's name. */
export function expectError(answer: Reply, status: number, error: string): void {
  expect({ status: answer.status, error: answer.body["error"] }).toEqual({ status, error });
  expect(answer.headers.get("cache-control")).toBe("no-store");
}

/** Somebody who is signed in at a browser. */
export interface TestPerson {
  readonly id: string;
  readonly email: string;
  readonly cookie: string;
}

export async function newPerson(
  auth: TestLatchkey,
  email = "ada@example.com",
  metadata: Record<string, unknown> = {},
): Promise<TestPerson> {
  const { id } = await auth.users.create({ email, emailVerified: true, metadata });
  return { id, email, cookie: await signedIn(auth, id) };
}

/** The cookie of a new session. */
export async function signedIn(auth: TestLatchkey, user: string): Promise<string> {
  const { cookie } = await auth.sessions.create({ user, amr: ["pwd"] });
  return cookie.split(";", 1)[0]!;
}

export const redirectUri = "https://app.example.com/cb";
/** The verifier of RFC 7636 appendix B, and its challenge. */
export const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** A client for people, ours unless it is said otherwise, so that nobody is asked. */
export function newApp(auth: TestLatchkey, options: Partial<ClientOptions> = {}): Promise<TestClient> {
  const grants = ["authorization_code", "refresh_token"];
  return newClient(auth, { name: "App", grants, redirectUris: [redirectUri], firstParty: true, ...options });
}

/** A good request of this client, changed by what is given; undefined takes a parameter out. */
export function requestOf({ id }: TestClient, changes: Record<string, string | undefined> = {}): string {
  const all = {
    response_type: "code",
    client_id: id,
    redirect_uri: redirectUri,
    scope: "openid",
    state: "s-1",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  };
  return new URLSearchParams(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}

/** Asks for authorization as this person, or as nobody. */
export const authorize = (auth: TestLatchkey, request: string, cookie?: string): Promise<Reply> =>
  get(auth, `/oauth/authorize?${request}`, cookie === undefined ? {} : { cookie });

/** The parameters with which a browser was sent on. */
export function sentTo({ status, headers }: Reply, uri = redirectUri): Record<string, string> {
  const location = headers.get("location") ?? "";
  expect({ status, to: location.slice(0, uri.length) }).toEqual({ status: 303, to: uri });
  return Object.fromEntries(new URLSearchParams(location.slice(uri.length + 1)));
}

/** A code for this person. */
export async function codeOf(
  auth: TestLatchkey,
  client: TestClient,
  person: TestPerson,
  changes: Record<string, string | undefined> = {},
): Promise<string> {
  const { code } = sentTo(await authorize(auth, requestOf(client, changes), person.cookie));
  return code!;
}

/** Redeems a code. */
export const redeem = (
  auth: TestLatchkey,
  client: TestClient,
  code: string,
  changes: Record<string, string | undefined> = {},
  headers: Record<string, string> = {},
): Promise<Reply> => {
  const all = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier, ...changes };
  const form = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return client.secret === ""
    ? post(auth, "/oauth/token", { client_id: client.id, ...form }, headers)
    : post(auth, "/oauth/token", form, { authorization: basic(client), ...headers });
};
