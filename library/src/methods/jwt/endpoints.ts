import {
  type Answer,
  type Decision,
  type Endpoint,
  type Exchange,
  isRefusal,
  knownAs,
  type MaybePromise,
  OptionFault,
  type Principal,
  type Refusal,
  type RequestView,
  type SignIn,
} from "../../contracts/index.ts";
import { emptyAnswer, fieldRefusal, type Fields, jsonAnswer, listField, originOf, readFields, textField } from "../../http/index.ts";
import { readCookie, secondsUntil } from "../../primitives/index.ts";
import type { AppTokens, TokenPair } from "./app-tokens.ts";
import type { TokenOptions } from "./issue.ts";
import { grantClaim, sourcesClaim } from "./own.ts";
import { textsOf } from "./principal.ts";
import { jwtRefusals } from "./refusals.ts";
import { type Tokens, tokenTypeOf } from "./tokens.ts";

interface EndpointParts {
  readonly tokens: Tokens;
  readonly app: AppTokens;
  readonly signIn: SignIn;
  /** Whether the request comes from a page of ours, for what a browser sends along by itself. */
  readonly checkSource: (view: RequestView) => MaybePromise<Refusal | undefined>;
  /** Asks the gate who sends a request. */
  readonly authenticate: (view: RequestView) => MaybePromise<Decision>;
  /** Name and path of the cookie that holds a refresh token. */
  readonly cookie: RefreshCookie;
}

export interface RefreshCookie {
  readonly name: string;
  readonly path: string;
  readonly secure: boolean;
}

/** `__Secure-`, because `__Host-` would have to be sent everywhere; only `/tokens` ever sees it (RFC 6265bis s.4.1.3.1). */
export function refreshCookie(issuer: string): RefreshCookie {
  const secure = issuer.startsWith("https:");
  const path = `${new URL(issuer).pathname.replace(/\/$/, "")}/tokens`;
  return { name: secure ? "__Secure-latchkey-refresh" : "latchkey-refresh", path, secure };
}

/** `/tokens`: an access token and a rotating refresh token for an app of one's own, and the exchange of any credential for a JWT. */
export function tokenEndpoints(parts: EndpointParts): readonly Endpoint[] {
  const open = (path: string, handle: (exchange: Exchange, fields: Fields) => Promise<Answer | Refusal>): Endpoint => ({
    method: "POST",
    path,
    rule: undefined,
    async handle(exchange) {
      const fields = await readFields(exchange.view);
      return isRefusal(fields) ? fields : handle(exchange, fields);
    },
  });
  return [
    open("/tokens", (exchange, fields) => begin(exchange, fields, parts)),
    open("/tokens/refresh", (exchange, fields) => refresh(exchange, fields, parts)),
    open("/tokens/revoke", (exchange, fields) => revoke(exchange, fields, parts)),
    {
      method: "POST",
      path: "/tokens/exchange",
      rule: {},
      async handle(exchange) {
        const fields = await readFields(exchange.view);
        return isRefusal(fields) ? fields : swap(exchange, fields, parts);
      },
    },
  ];
}

async function begin(exchange: Exchange, fields: Fields, parts: EndpointParts): Promise<Answer | Refusal> {
  const delivery = deliveryOf(fields);
  if (isRefusal(delivery)) return delivery;
  const by = { actor: undefined, method: undefined, origin: originOf(exchange) };
  if (delivery === "cookie") {
    const foreign = await parts.checkSource(exchange.view);
    if (foreign !== undefined) return foreign;
  }
  if (fields["email"] === undefined) return beginFromSession(exchange, delivery, parts);
  const { email, password } = fields;
  const signedIn = await parts.signIn({ email, password, device: undefined, origin: by.origin });
  if (isRefusal(signedIn)) return signedIn;
  const pair = await parts.app.begin(
    { subject: signedIn.userId, amr: ["pwd"], authenticatedAt: exchange.at },
    { ...by, actor: signedIn.userId, method: "password" },
  );
  return answer(pair, delivery, exchange.at, parts.cookie);
}

/** Whoever is signed in gets tokens that end with the session. A machine's credential is exchanged instead. */
async function beginFromSession(exchange: Exchange, delivery: Delivery, parts: EndpointParts): Promise<Answer | Refusal> {
  const decision = await parts.authenticate(exchange.view);
  if (!decision.allowed) return decision.refusal;
  const { principal } = decision;
  if (principal.method !== "session")
    return fieldRefusal("email", "it is required without a session; other credentials go to /tokens/exchange");
  const { subject, credentialId, assurance, authenticatedAt, expiresAt } = principal;
  const signedIn = { subject, sessionId: credentialId, ...assurance, authenticatedAt, noLaterThan: expiresAt };
  const pair = await parts.app.begin(signedIn, { actor: subject, method: principal.method, origin: originOf(exchange) });
  return answer(pair, delivery, exchange.at, parts.cookie);
}

async function refresh(exchange: Exchange, fields: Fields, parts: EndpointParts): Promise<Answer | Refusal> {
  const presented = await presentedToken(exchange.view, fields, parts);
  if (isRefusal(presented)) return presented;
  const pair = await parts.app.refresh(presented.token, { actor: undefined, method: "refresh-token", origin: originOf(exchange) });
  return isRefusal(pair) ? pair : answer(pair, presented.delivery, exchange.at, parts.cookie);
}

/** Says nothing of whether there was anything to revoke (RFC 7009 s.2.2). */
async function revoke(exchange: Exchange, fields: Fields, parts: EndpointParts): Promise<Answer | Refusal> {
  const presented = await presentedToken(exchange.view, fields, parts);
  if (isRefusal(presented)) return presented;
  await parts.app.revoke(presented.token, { actor: undefined, method: "refresh-token", origin: originOf(exchange) });
  return emptyAnswer(204, presented.delivery === "cookie" ? { "set-cookie": writeRefreshCookie(parts.cookie, "", 0) } : {});
}

type Delivery = "body" | "cookie";

function deliveryOf(fields: Fields): Delivery | Refusal {
  const { delivery = "body" } = fields;
  return delivery === "body" || delivery === "cookie" ? delivery : fieldRefusal("delivery", "it must be body or cookie");
}

/** From the body, or from the cookie: that a browser sends along by itself, so the request must come from a page of ours. */
async function presentedToken(
  view: RequestView,
  fields: Fields,
  parts: EndpointParts,
): Promise<{ readonly token: string; readonly delivery: Delivery } | Refusal> {
  const inBody = textField(fields, "refresh_token", { most: 200 });
  if (isRefusal(inBody)) return inBody;
  if (inBody !== undefined) return { token: inBody, delivery: "body" };
  const foreign = await parts.checkSource(view);
  if (foreign !== undefined) return foreign;
  const inCookie = readCookie(view.header("cookie"), parts.cookie.name);
  if (inCookie === undefined || inCookie === "") return fieldRefusal("refresh_token", "it is required, in the body or in the cookie");
  return inCookie === false ? jwtRefusals.malformed({ detail: "two refresh cookies" }) : { token: inCookie, delivery: "cookie" };
}

function answer(pair: TokenPair, delivery: Delivery, at: number, cookie: RefreshCookie): Answer {
  const seconds = Math.floor((pair.refreshExpiresAt - at) / 1_000);
  const body = { access_token: pair.access.token, token_type: "Bearer", expires_in: secondsUntil(pair.access.expiresAt, at) };
  if (delivery === "body") return jsonAnswer(200, { ...body, refresh_token: pair.refreshToken, refresh_expires_in: seconds });
  return jsonAnswer(200, body, { "set-cookie": writeRefreshCookie(cookie, pair.refreshToken, seconds) });
}

function writeRefreshCookie({ name, path, secure }: RefreshCookie, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

/** A JWT of minutes for a named audience. It may no more than the credential, ends with it, and is limited as it is. */
async function swap({ principal, at }: Exchange, fields: Fields, { tokens }: EndpointParts): Promise<Answer | Refusal> {
  if (knownAs(principal) !== principal.subject) return jwtRefusals["hidden-subject"]({ detail: `${principal.credentialId} is pairwise` });
  const audience = textField(fields, "audience", { required: true, most: 500 });
  const scopes = listField(fields, "scopes");
  const expiresIn = textField(fields, "expires_in");
  for (const field of [audience, scopes, expiresIn]) if (isRefusal(field)) return field;
  try {
    const issued = await tokens.issue({
      principal,
      audience: audience as string,
      scopes: (scopes ?? []) as readonly string[],
      expiresIn: (expiresIn as string | undefined) ?? "5m",
      ...tokenSourceOf(principal),
    });
    return jsonAnswer(200, {
      access_token: issued.token,
      token_type: tokenTypeOf(principal),
      expires_in: secondsUntil(issued.expiresAt, at),
      scope: issued.scopes?.join(" ") ?? "",
    });
  } catch (error) {
    if (!(error instanceof OptionFault)) throw error;
    const name = error.option === "expiresIn" ? "expires_in" : error.option;
    return fieldRefusal(name, error.message.slice(error.option.length + 2));
  }
}

/** What ends the new token when it ends. */
export function tokenSourceOf(principal: Principal): Pick<TokenOptions, "sessionId" | "grantId" | "sources"> {
  if (principal.method === "session") return { sessionId: principal.credentialId };
  if (principal.method !== "jwt" && principal.method !== "opaque-token") return { grantId: principal.credentialId };
  const { sid, [grantClaim]: grant, [sourcesClaim]: sources } = principal.claims;
  const session = typeof sid === "string" ? { sessionId: sid } : {};
  if (typeof grant !== "string") return { ...session, grantId: principal.credentialId };
  return { ...session, grantId: grant, sources: [...textsOf(sources), principal.credentialId] };
}
