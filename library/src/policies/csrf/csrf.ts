import { isRefusal, type MaybePromise, type Policy, type Refusal, type RequestView } from "../../contracts/index.ts";
import { readFields } from "../../http/index.ts";
import { sourceOf } from "./origin.ts";
import { csrfRefusals } from "./refusals.ts";
import type { FormTokens } from "./token.ts";

/** Whether an unsafe request was meant by the person in front of the browser. */
export interface Csrf extends FormTokens {
  /**
   * For an endpoint that anybody may call and that changes what the browser is signed in as (`/login`): a refusal, or
   * undefined. The binding is what the token of the form was made for; undefined: there can be none.
   */
  check(view: RequestView, binding: string | undefined): MaybePromise<Refusal | undefined>;
  /** The same on the gate, for those credentials that a browser sends along by itself. */
  readonly policy: Policy;
}

export interface CsrfParts {
  /** Of the issuer, and those that it trusts. */
  readonly origins: readonly string[];
  /** Names of the methods whose credential the browser adds by itself. */
  readonly ambientMethods: readonly string[];
  /** Those whose credential a browser adds by itself once somebody typed it, and programs send too: refused only from a page elsewhere. */
  readonly askedMethods: readonly string[];
  readonly tokens: FormTokens;
}

/** Name of the hidden field. */
export const formTokenField = "csrf_token";
/** Where a script puts the token. */
const tokenHeader = "x-csrf-token";

export function createCsrf({ origins, ambientMethods, askedMethods, tokens }: CsrfParts): Csrf {
  const own: ReadonlySet<string> = new Set(origins);
  const ownHint = `Pages of ${origins.join(" and ")} may do it; a program sends the header Origin: ${origins[0]}.`;

  function check(view: RequestView, binding: string | undefined): MaybePromise<Refusal | undefined> {
    const source = sourceOf(view, own);
    if (source.from === "here") return undefined;
    if (source.from === "elsewhere") return foreign(source.detail);
    // A page elsewhere cannot send JSON without a preflight, and a preflight always says where it comes from.
    if (mediaType(view) === "application/json") return undefined;
    return checkToken(view, binding);
  }

  const foreign = (detail: string): Refusal => csrfRefusals["foreign-page"]({ detail, hint: ownHint });

  /** What neither says where it comes from nor is beyond a plain form: an old browser, or a program with a cookie. */
  function checkToken(view: RequestView, binding: string | undefined): MaybePromise<Refusal | undefined> {
    if (binding === undefined) return csrfRefusals.unproven({ detail: "no Origin, no Sec-Fetch-Site, no token possible", hint: ownHint });
    const sent = view.header(tokenHeader);
    if (typeof sent === "string") return judge(binding, sent);
    if (view.method !== "POST" || mediaType(view) !== "application/x-www-form-urlencoded") return judge(binding, undefined);
    return readFields(view).then((fields) => judge(binding, isRefusal(fields) ? undefined : fields[formTokenField]));
  }

  function judge(binding: string, token: unknown): Refusal | undefined {
    if (typeof token === "string" && tokens.matches(binding, token)) return undefined;
    return csrfRefusals.unproven({ detail: token === undefined ? "no Origin, no Sec-Fetch-Site, no token" : "wrong token", hint: ownHint });
  }

  return {
    ...tokens,
    check,
    policy: {
      name: "csrf",
      judge(_verified, attempt) {
        const { view, credential, digest } = attempt;
        if (isSafe(view.method)) return undefined;
        if (ambientMethods.includes(credential.method)) return check(view, digest);
        if (!askedMethods.includes(credential.method)) return undefined;
        const source = sourceOf(view, own);
        return source.from === "elsewhere" ? foreign(source.detail) : undefined;
      },
    },
  };
}

/** Methods that must change nothing (RFC 9110 s.9.2.1), without TRACE, which nobody needs. */
function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function mediaType(view: RequestView): string | undefined {
  const type = view.header("content-type");
  return typeof type === "string" ? type.split(";", 1)[0]!.trim().toLowerCase() : undefined;
}
