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
