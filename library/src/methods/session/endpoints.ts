import {
  type Answer,
  type Endpoint,
  type Exchange,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type RequestView,
  type SignIn,
} from "../../contracts/index.ts";
import { actedBy, emptyAnswer, faultAnswer, jsonAnswer, originOf, readFields, withHeaders } from "../../http/index.ts";
import { clearCookie, type CookieForm, instantText, readCookie, writeCookie } from "../../primitives/index.ts";
import { deviceName } from "./device.ts";
import type { EnterSession } from "./enter.ts";
import type { SessionParts } from "./parts.ts";
import { endOfPresented, presentedDigest } from "./presented.ts";
import type { SessionRecord } from "./record.ts";
import { sessionRefusals } from "./refusals.ts";
import type { Sessions } from "./sessions.ts";

export interface SessionEndpointParts extends SessionParts {
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly enter: EnterSession;
  /** Whether the request was meant by the person at the browser: see the policy `csrf`. */
  readonly checkSource: (view: RequestView, binding: string | undefined) => MaybePromise<Refusal | undefined>;
  /** What the token of a form was made for, for a browser without a session. */
  readonly formBinding: (view: RequestView) => string | undefined;
  /** The cookie by which a device is known again. */
  readonly deviceCookie: CookieForm;
  /** See `Upkeep.endLater`. */
  readonly endLater: (task: () => Promise<unknown>) => void;
  readonly onFault: (error: unknown) => void;
}

const deviceSeconds = 365 * 86_400;
const ownRule = { methods: ["session"] } as const;

/** Sign in, sign out, and one's own sessions. A body or path never says whose: that is the caller. */
export function sessionEndpoints(parts: SessionEndpointParts): readonly Endpoint[] {
  const { sessions } = parts;
  return [
    { method: "POST", path: "/login", rule: undefined, handle: (exchange) => logIn(exchange, parts) },
    { method: "POST", path: "/logout", rule: undefined, handle: (exchange) => logOut(exchange, parts) },
    {
      method: "GET",
      path: "/sessions",
      rule: ownRule,
      handle: async ({ principal }) => {
        const list = await sessions.list(principal.subject);
        return jsonAnswer(200, { sessions: list.map((record) => publicSession(record, principal.credentialId)) });
      },
    },
    {
      method: "DELETE",
      path: "/sessions/:id",
      rule: ownRule,
      handle: async (exchange) => {
        const { principal, parameters } = exchange;
        const record = await sessions.find(parameters.id!);
        // Somebody else's is answered like none.
        if (record === undefined || record.userId !== principal.subject) return sessionRefusals["not-found"]();
        if (!(await sessions.revoke(record.id, actedBy(exchange)))) return sessionRefusals["not-found"]();
        return emptyAnswer(204, record.id === principal.credentialId ? { "set-cookie": clearCookie(parts.cookie) } : {});
      },
    },
    {
      method: "DELETE",
      path: "/sessions",
      rule: ownRule,
      handle: async (exchange) => {
        const { subject, credentialId } = exchange.principal;
        return jsonAnswer(200, { ended: await sessions.revokeOthers(subject, credentialId, actedBy(exchange)) });
      },
    },
  ];
}

/** A page elsewhere could sign its visitor in as somebody else, so the source is checked here too. */
async function logIn(exchange: Exchange, parts: SessionEndpointParts): Promise<Answer | Refusal> {
  const { view, at } = exchange;
  const origin = originOf(exchange);
  const foreign = await parts.checkSource(view, parts.formBinding(view));
  if (foreign !== undefined) return foreign;
  const fields = await readFields(view);
  if (isRefusal(fields)) return fields;
  const device = readCookie(view.header("cookie"), parts.deviceCookie.name) || undefined;
  const found = await parts.signIn({ email: fields.email, password: fields.password, device, origin });
  if (isRefusal(found)) return found;
  const by = { actor: found.userId, method: "password", origin };
  // Counted from before the password was looked at: if it changed meanwhile, this session is of no use.
  const entered = await parts.enter(view, { user: found.userId, authenticatedAt: at, amr: ["pwd"] }, by);
  if (isRefusal(entered)) return entered;
  const kept = found.device === undefined ? [] : [writeCookie(parts.deviceCookie, found.device, deviceSeconds)];
  const cookies = [entered["set-cookie"] ?? []].flat();
  return jsonAnswer(200, { user: { id: found.userId, email: found.email } }, { "set-cookie": [...cookies, ...kept] });
}

/**
 * Ends the session of the cookie. Where that fails the answer is 503, the cookie goes all the same, and ending it is tried
 * again until it is done: nobody is told that a session has ended which lives on.
 */
async function logOut(exchange: Exchange, parts: SessionEndpointParts): Promise<Answer | Refusal> {
  const { view } = exchange;
  const origin = originOf(exchange);
  const gone = { "set-cookie": clearCookie(parts.cookie) };
  const digest = presentedDigest(view, parts);
  if (isRefusal(digest)) return digest;
  if (digest === undefined) return emptyAnswer(204, gone);
  const foreign = await parts.checkSource(view, digest);
  if (foreign !== undefined) return foreign;
  const end = endOfPresented(digest, { origin }, parts);
  try {
    await end();
  } catch (error) {
    parts.onFault(error);
    parts.endLater(end);
    return withHeaders(faultAnswer(error, view.requestId), gone);
  }
  return emptyAnswer(204, gone);
}

/** A session with instants as RFC 3339 texts, as its owner sees it. */
export function publicSession(record: SessionRecord, currentId: string | undefined): Record<string, unknown> {
  return {
    id: record.id,
    current: record.id === currentId,
    device: deviceName(record.userAgent),
    userAgent: record.userAgent ?? null,
    address: record.address,
    createdAt: instantText(record.createdAt),
    authenticatedAt: instantText(record.authenticatedAt),
    lastSeenAt: instantText(record.lastSeenAt),
    lastAddress: record.lastAddress,
    endsAt: instantText(record.endsAt),
    expiresAt: instantText(record.expiresAt),
  };
}
