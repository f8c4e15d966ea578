// An authorization server in a process of its own, which tests kill and start again on the same database.
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { createLatchkey, type Store } from "latchkey";
import { basic, redirectUri, requestOf, type TestClient, verifier } from "./oauth-house.ts";
import { processOptions } from "./oauth-process-options.ts";

export interface Answered {
  readonly status: number;
  readonly location: string | null;
  readonly body: Record<string, unknown>;
  /** An earlier try was not answered: nobody knows what became of it. */
  readonly again: boolean;
}

export interface OAuthProcess {
  /** Asks until it is answered, also by the process that comes after one that was killed. */
  ask(path: string, init?: RequestInit): Promise<Answered>;
  /** kill -9, and another process on the same database. Resolves once it listens. */
  killAndRestart(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** Somebody signed in, and a client for tokens of each format: what there is before the first process starts. */
export async function prepare(store: Store): Promise<{ readonly cookie: string; readonly clients: readonly TestClient[] }> {
  const auth = await createLatchkey({ ...processOptions, store });
  const { id: user } = await auth.users.create({ email: "ada@example.com", emailVerified: true });
  const { cookie } = await auth.sessions.create({ user, amr: ["pwd"] });
  const clients: TestClient[] = [];
  for (const tokenFormat of ["jwt", "opaque"] as const) {
    const options = { name: tokenFormat, grants: ["authorization_code", "refresh_token"], redirectUris: [redirectUri] };
    const { client, secret } = await auth.clients.create({ ...options, firstParty: true, tokenFormat });
    clients.push({ id: client.id, secret: secret! });
  }
  await auth.close();
  return { cookie: cookie.split(";", 1)[0]!, clients };
}

/** A form from this client, at one of the processes. */
export const send = (on: OAuthProcess, client: TestClient, path: string, form: Record<string, string>): Promise<Answered> =>
  on.ask(path, { method: "POST", headers: { authorization: basic(client) }, body: new URLSearchParams(form) });

/** A code for whoever is signed in with this cookie. */
export async function authorizeAt(on: OAuthProcess, client: TestClient, cookie: string): Promise<Answered & { readonly code: string }> {
  const request = requestOf(client, { scope: "openid offline_access" });
  const answer = await on.ask(`/oauth/authorize?${request}`, { headers: { cookie } });
  expect(answer.status).toBe(303);
  return { ...answer, code: new URL(answer.location!).searchParams.get("code")! };
}

/** What redeems a code, and what uses a refresh token. */
export const codeForm = (code: string) => ({ grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier });
export const refreshForm = (token: unknown) => ({ grant_type: "refresh_token", refresh_token: String(token) });

/** The program that `startOAuthProcess` runs, built once for a test file. */
export async function buildOAuthProgram(): Promise<{ readonly program: string; remove(): void }> {
  const { build } = await import("rolldown");
  // Inside the repository, so that it finds the drivers.
  const program = join(import.meta.dirname, "../../test-results", `oauth-child-${process.pid}.mjs`);
  await build({
    input: join(import.meta.dirname, "oauth-child.ts"),
    platform: "node",
    external: [/^[a-z@](?!.*\.ts$)/],
    output: { file: program, codeSplitting: false },
    logLevel: "silent",
  });
  return { program, remove: () => rmSync(program, { force: true }) };
}

/** `place`: a file of SQLite, or the URL of a PostgreSQL. */
export async function startOAuthProcess(program: string, place: string): Promise<OAuthProcess> {
  const start = () => spawn(process.execPath, [program, place], { stdio: ["pipe", "pipe", "inherit"] });
  let child = start();
  let base = listening(child);
  const kill = async (next?: Promise<string>) => {
    if (next !== undefined) base = next;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  await base;
  return {
    async ask(path, init = {}) {
      for (let tries = 1; ; tries += 1) {
        const at = await base;
        try {
          const answer = await fetch(`${at}${path}`, { redirect: "manual", ...init });
          const text = await answer.text();
          const json = answer.headers.get("content-type")?.includes("json") === true;
          const body = json ? (JSON.parse(text) as Record<string, unknown>) : {};
          return { status: answer.status, location: answer.headers.get("location"), body, again: tries > 1 };
        } catch (error) {
          if (tries > 10) throw error;
        }
      }
    },
    async killAndRestart() {
      let begin: (url: Promise<string>) => void;
      await kill(new Promise((resolve) => (begin = resolve)));
      child = start();
      begin!(listening(child));
      await base;
    },
    kill: () => kill(),
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", (port: Buffer) => resolve(`http://127.0.0.1:${port.toString().trim()}`));
    child.once("close", (code) => reject(new Error(`The server ended with ${code}.`)));
  });
}
