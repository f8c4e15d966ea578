import { type Answer, type Refusal, type RequestView } from "../../../contracts/index.ts";
import { jsonAnswer, rateLimitFields } from "../../../http/index.ts";

/** Nobody on the way keeps tokens or what is said of them (RFC 6749 s.5.1). */
const uncached = { pragma: "no-cache" } as const;

const usual: Answer["headers"] = Object.freeze({ ...jsonAnswer(200, {}).headers, ...uncached });

/** A successful answer of the token endpoint or its neighbours. */
export function oauthAnswer(body: Readonly<Record<string, unknown>>): Answer {
  return { status: 200, headers: usual, body: JSON.stringify(body) };
}

/**
 * A refusal in the form of RFC 6749 s.5.2. A client that tried the `Authorization` header is told of the scheme again, as
 * the section says.
 */
export function errorAnswer(refusal: Refusal, view: RequestView, headers: Answer["headers"] = {}): Answer {
  const challenge: Answer["headers"] =
    refusal.status === 401 && view.header("authorization") !== undefined
      ? { "www-authenticate": 'Basic realm="oauth", charset="UTF-8"' }
      : {};
  const retry: Answer["headers"] = refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) };
  const limit = refusal.rateLimit === undefined ? {} : rateLimitFields(refusal.rateLimit);
  return jsonAnswer(refusal.status, errorBody(refusal), { ...uncached, ...challenge, ...retry, ...limit, ...refusal.headers, ...headers });
}

/** `error` and `error_description`; the latter in the characters that RFC 6749 s.5.2 allows. */
export function errorBody(refusal: Refusal): { readonly error: string; readonly error_description: string } {
  return { error: rfcError(refusal), error_description: descriptionOf(refusal) };
}

/** `oauth.invalid-request` as the RFC spells it. */
export function rfcError({ code }: Refusal): string {
  return code.slice(code.indexOf(".") + 1).replaceAll("-", "_");
}

export function descriptionOf({ hint, title }: Refusal): string {
  return (hint ?? title)
    .replace(/["\\]/g, "'")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 300);
}
