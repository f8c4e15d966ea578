// A gate that people enter through providers, and the steps of a browser on that way.
import type { Answer, LatchkeyOptions, MailMessage } from "latchkey";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";
import { type Browser, browser } from "./browser.ts";

export const password = "four quiet grey horses";

export interface SocialHouse {
  readonly auth: TestLatchkey;
  readonly mails: MailMessage[];
  /** A browser of somebody who was never here. */
  visitor(): Browser;
  /** A browser of somebody who is signed in by password. */
  signedIn(email: string): Promise<Browser>;
}

export async function openSocial(options: Partial<LatchkeyOptions>): Promise<SocialHouse> {
  const mails: MailMessage[] = [];
  const auth = await testLatchkey({
    passwords: weakPasswords,
    mail: { send: (message: MailMessage) => void mails.push(message) },
    ...options,
  } as never);
  return {
    auth,
    mails,
    visitor: () => browser(auth),
    async signedIn(email) {
      const one = browser(auth);
      const answer = await one.ask("POST", "/login", { body: { email, password } });
      if (answer.status !== 200) throw new Error(`${email} was not signed in: ${answer.status}`);
      return one;
    },
  };
}

export interface Told {
  readonly status: number;
  /** Of a problem document. */
  readonly code: unknown;
  readonly location: string | undefined;
}

export function told(answer: Answer): Told {
  const body = typeof answer.body === "string" && answer.body.startsWith("{") ? (JSON.parse(answer.body) as { code?: unknown }) : {};
  return { status: answer.status, code: body.code, location: answer.headers.location as string | undefined };
}

/** Begins at us: where the provider is. */
export async function beginAt(one: Browser, provider: string, query = ""): Promise<string> {
  const answer = await one.ask("GET", `/login/${provider}${query}`);
  if (answer.status !== 303) throw new Error(`/login/${provider} answered ${answer.status}: ${String(answer.body)}`);
  return answer.headers.location as string;
}

/** Goes to the provider: where it sends the browser back to, as path and query. */
export async function visit(location: string): Promise<string> {
  const response = await fetch(location, { redirect: "manual" });
  await response.body?.cancel();
  const back = new URL(response.headers.get("location")!);
  return back.pathname + back.search;
}

/** The whole way through a provider that asks nothing. */
export async function through(one: Browser, provider: string, query = ""): Promise<Told> {
  return told(await one.ask("GET", await visit(await beginAt(one, provider, query))));
}

/** Who this browser is signed in as. */
export async function whoIs(one: Browser): Promise<unknown> {
  const answer = await one.ask("GET", "/whoami");
  return (JSON.parse(String(answer.body)) as { subject?: unknown }).subject;
}
