import {
  type ActedBy,
  type Answer,
  type Endpoint,
  type Exchange,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type RequestView,
} from "../contracts/index.ts";
import { jsonAnswer, originOf, readFields } from "../http/index.ts";
import { clearCookie, type CookieForm, randomBase62, readCookie, writeCookie } from "../primitives/index.ts";
import type { MailSignIn } from "./mail-sign-in.ts";

interface MailSignInEndpointParts {
  readonly mailSignIn: MailSignIn;
  readonly checkSource: (view: RequestView) => MaybePromise<Refusal | undefined>;
  /** What binds a code to the browser that asked for it. */
  readonly cookie: CookieForm;
  /** Begins the session: see `EnterSession`. */
  readonly enter: (
    view: RequestView,
    session: { readonly user: string; readonly authenticatedAt: number; readonly amr: readonly string[] },
    by: ActedBy,
  ) => Promise<Answer["headers"] | Refusal>;
}

const cookieSeconds = 600;

/** `POST /login/email` mails a code, `POST /login/code` takes it in the same browser. */
export function mailSignInEndpoints(parts: MailSignInEndpointParts): readonly Endpoint[] {
  return [
    { method: "POST", path: "/login/email", rule: undefined, handle: (exchange) => ask(exchange, parts) },
    { method: "POST", path: "/login/code", rule: undefined, handle: (exchange) => prove(exchange, parts) },
  ];
}

async function ask(exchange: Exchange, { mailSignIn, checkSource, cookie }: MailSignInEndpointParts): Promise<Answer | Refusal> {
  const origin = originOf(exchange);
  const fields = (await checkSource(exchange.view)) ?? (await readFields(exchange.view));
  if (isRefusal(fields)) return fields;
  const browser = randomBase62(43);
  const refusal = await mailSignIn.ask({ email: fields.email, browser, origin });
  return refusal ?? jsonAnswer(202, { email: fields.email }, { "set-cookie": writeCookie(cookie, browser, cookieSeconds) });
}

async function prove(exchange: Exchange, { mailSignIn, checkSource, cookie, enter }: MailSignInEndpointParts): Promise<Answer | Refusal> {
  const { view, at } = exchange;
  const origin = originOf(exchange);
  const fields = (await checkSource(view)) ?? (await readFields(view));
  if (isRefusal(fields)) return fields;
  const browser = readCookie(view.header("cookie"), cookie.name) || undefined;
  const user = await mailSignIn.prove({ code: fields.code, browser, origin });
  if (isRefusal(user)) return user;
  const by = { actor: user.id, method: "mail-code", origin };
  const headers = await enter(view, { user: user.id, authenticatedAt: at, amr: ["otp"] }, by);
  if (isRefusal(headers)) return headers;
  const cookies = [headers["set-cookie"] ?? []].flat();
  return jsonAnswer(200, { user: { id: user.id, email: user.email } }, { "set-cookie": [...cookies, clearCookie(cookie)] });
}
