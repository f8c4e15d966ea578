// A gate whose mails are kept, and a way to ask it as a program with a cookie would.
import type { LatchkeyOptions, MailMessage } from "latchkey";
import { testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";
import { codeIn } from "./mail-server.ts";

export const password = "four quiet grey horses";
export const nextPassword = "five loud green cows";

export interface Told {
  readonly status: number | undefined;
  readonly code: unknown;
  readonly body: Record<string, unknown>;
  readonly cookie: string | undefined;
}

export interface MailedHouse {
  readonly auth: TestLatchkey;
  readonly mails: MailMessage[];
  post(target: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Told>;
  /** Signs in; the `Cookie` field. */
  signIn(email: string, secret?: string): Promise<string>;
  isIn(cookie: string): Promise<boolean>;
  /** The code of the last mail to this address, once everything that waits is sent. */
  codeTo(email: string): Promise<string>;
  /** Subjects of the mails to this address. */
  mailsTo(email: string): Promise<readonly MailMessage[]>;
  /** Outcomes of one action in the audit log, oldest first. */
  outcomesOf(action: string): Promise<readonly string[]>;
}

export async function openMailed(options: Partial<LatchkeyOptions> = {}): Promise<MailedHouse> {
  const mails: MailMessage[] = [];
  const auth = await testLatchkey({
    passwords: weakPasswords,
    mail: { send: (message: MailMessage) => void mails.push(message) },
    ...options,
  } as never);

  async function post(target: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const answer = await auth.handle(
      testRequest({
        method: "POST",
        target,
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json", origin: "http://localhost:3000", "sec-fetch-site": "same-origin", ...headers },
      }),
    );
    const told = answer?.body === undefined ? {} : (JSON.parse(String(answer.body)) as Record<string, unknown>);
    const cookie = [answer?.headers["set-cookie"] ?? []].flat()[0]?.split(";")[0];
    return { status: answer?.status, code: told.code, body: told, cookie };
  }

  const mailsTo = async (email: string) => {
    await auth.flush();
    return mails.filter(({ to }) => to === email);
  };
  return {
    auth,
    mails,
    post,
    async signIn(email, secret = password) {
      const { cookie, status } = await post("/login", { email, password: secret });
      if (cookie === undefined || status !== 200) throw new Error(`${email} was not signed in: ${status}`);
      return cookie;
    },
    isIn: async (cookie) => (await auth.check(testRequest({ headers: { cookie } }), auth.rule())).allowed,
    codeTo: async (email) => codeIn((await mailsTo(email)).at(-1)?.text ?? ""),
    mailsTo,
    async outcomesOf(action) {
      await auth.flush();
      return (await auth.audit.list())
        .filter((event) => event.action === action)
        .map(({ outcome }) => outcome)
        .toReversed();
    },
  };
}
