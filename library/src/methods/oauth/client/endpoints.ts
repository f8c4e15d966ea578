import {
  type ActedBy,
  type Answer,
  type AuditTrail,
  type Endpoint,
  type Exchange,
  Fault,
  isRefusal,
  type MaybePromise,
  type Openings,
  type Origin,
  type ProvenIdentity,
  type Refusal,
  type RequestView,
} from "../../../contracts/index.ts";
import { actedBy, emptyAnswer, jsonAnswer, originOf, readFields } from "../../../http/index.ts";
import type { Flow, Flows, TakenFlow } from "./flows.ts";
import { type Provider, ProviderProblem } from "./provider.ts";
import { socialRefusals } from "./refusals.ts";

export interface SocialParts {
  readonly providers: ReadonlyMap<string, Provider>;
  /** Begins every redirect URI; never what a request says of its host. */
  readonly issuer: string;
  readonly flows: Flows;
  readonly openings: Openings;
  readonly trail: AuditTrail;
  /** Whose account it is: see `JoinIdentity`. */
  readonly join: (
    identity: ProvenIdentity,
    by: ActedBy,
    userId?: string,
  ) => Promise<{ readonly userId: string; readonly email: string; readonly noted: Promise<unknown> } | Refusal>;
  /** Whether the session in which somebody asked to connect still stands, and is of that user. */
  readonly stands: (sessionId: string, userId: string) => Promise<boolean>;
  /** Begins the session: see `EnterSession`. */
  readonly enter: (
    view: RequestView,
    session: { readonly user: string; readonly authenticatedAt: number; readonly amr: readonly string[] },
    by: ActedBy,
  ) => Promise<Answer["headers"] | Refusal>;
  /** A path of this origin, or undefined. */
  readonly returnPath: (text: unknown) => string | undefined;
  readonly list: (userId: string) => Promise<readonly object[]>;
  /** `subject`: which of several; undefined: the only one. */
  readonly unlink: (
    userId: string,
    provider: string,
    options: { readonly subject: string | undefined; readonly by: ActedBy },
  ) => MaybePromise<Refusal | undefined>;
  /** Where people go on who were not on the way to anywhere: seen from the callback. */
  readonly home: string;
  /** How recent a sign-in must be to connect and disconnect. */
  readonly fresh: string;
}

/** Signing in by somebody else's word, and one's own identities there. */
export function socialEndpoints(parts: SocialParts): readonly Endpoint[] {
  const rule = { methods: ["session"], maxAge: parts.fresh };
  return [
    { method: "GET", path: "/login/:provider", rule: undefined, handle: (exchange) => begin(exchange, parts) },
    { method: "GET", path: "/login/:provider/callback", rule: undefined, handle: (exchange) => complete(exchange, exchange.query, parts) },
    { method: "POST", path: "/login/:provider/callback", rule: undefined, handle: (exchange) => completePosted(exchange, parts) },
    {
      method: "GET",
      path: "/identities",
      rule: { methods: ["session"] },
      handle: async ({ principal }) => jsonAnswer(200, { identities: await parts.list(principal.subject) }),
    },
    { method: "POST", path: "/identities/:provider", rule, handle: (exchange) => connect(exchange, parts) },
    {
      method: "DELETE",
      path: "/identities/:provider",
      rule,
      handle: async (exchange) => {
        const { principal, parameters, query } = exchange;
        const which = { subject: query.get("subject") ?? undefined, by: actedBy(exchange) };
        return (await parts.unlink(principal.subject, parameters.provider!, which)) ?? emptyAnswer(204);
      },
    },
  ];
}

async function begin(exchange: Exchange, parts: SocialParts): Promise<Answer | Refusal> {
  const full = await parts.openings.take(exchange);
  if (full !== undefined) return full;
  const started = await start(exchange, { back: parts.returnPath(exchange.query.get("return")), link: undefined }, parts);
  if (isRefusal(started)) return started;
  return emptyAnswer(303, { location: started.location, "set-cookie": started.cookie, "referrer-policy": "no-referrer" });
}

/** Only by a POST of our own page, which the gate has checked: else a page elsewhere could connect its own identity to its visitor's account. */
async function connect(exchange: Exchange, parts: SocialParts): Promise<Answer | Refusal> {
  const { subject: userId, credentialId: sessionId } = exchange.principal;
  const started = await start(exchange, { back: undefined, link: { userId, sessionId } }, parts);
  return isRefusal(started) ? started : jsonAnswer(200, { location: started.location }, { "set-cookie": started.cookie });
}

async function start({ view, at, parameters }: Exchange, flow: Omit<Flow, "provider">, parts: SocialParts) {
  const provider = parts.providers.get(parameters.provider!);
  if (provider === undefined) return socialRefusals["unknown-provider"]();
  const { secrets, cookie } = await parts.flows.begin(view, { ...flow, provider: provider.id }, provider.formPost);
  try {
    return { location: await provider.authorizationUrl({ ...secrets, redirectUri: redirectUri(provider, parts), at }), cookie };
  } catch (error) {
    return refusalOf(error, provider);
  }
}

async function completePosted(exchange: Exchange, parts: SocialParts): Promise<Answer | Refusal> {
  const provider = parts.providers.get(exchange.parameters.provider!);
  if (provider?.formPost !== true) return socialRefusals["unknown-provider"]();
  const fields = await readFields(exchange.view);
  if (isRefusal(fields)) return fields;
  const texts = Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === "string");
  return complete(exchange, new URLSearchParams(texts), parts);
}

async function complete(exchange: Exchange, parameters: URLSearchParams, parts: SocialParts): Promise<Answer | Refusal> {
  const origin = originOf(exchange);
  const provider = parts.providers.get(exchange.parameters.provider!);
  if (provider === undefined) return socialRefusals["unknown-provider"]();
  if ((exchange.view.method === "POST") !== provider.formPost)
    return socialRefusals["flow-invalid"]({ detail: "the answer came by the other way" });
  const flow = await takeFlow(exchange.view, parameters, provider, parts);
  if (flow === undefined)
    return noted(socialRefusals["flow-invalid"]({ detail: `no attempt of this browser at ${provider.id}` }), provider, origin, parts);
  const result = await finish(exchange, parameters, { provider, flow, origin }, parts);
  return isRefusal(result) ? noted(result, provider, origin, parts) : result;
}

interface Attempt {
  readonly provider: Provider;
  readonly flow: TakenFlow;
  readonly origin: Origin;
}

/** Absent never equals absent: without exactly one state there is no attempt. */
async function takeFlow(
  view: RequestView,
  parameters: URLSearchParams,
  provider: Provider,
  parts: SocialParts,
): Promise<TakenFlow | undefined> {
  const [state, second] = parameters.getAll("state");
  if (state === undefined || second !== undefined || !/^[0-9A-Za-z]{43}$/.test(state)) return undefined;
  return parts.flows.take(view, state, provider.id, provider.formPost);
}

async function finish(
  exchange: Exchange,
  parameters: URLSearchParams,
  { provider, flow, origin }: Attempt,
  parts: SocialParts,
): Promise<Answer | Refusal> {
  const { view, at } = exchange;
  const { link } = flow;
  if (link !== undefined && !(await parts.stands(link.sessionId, link.userId)))
    return socialRefusals["flow-invalid"]({ detail: `the session in which ${link.userId} asked to connect has ended` });
  let identity: ProvenIdentity;
  try {
    identity = await provider.redeem(parameters, { ...flow.secrets, redirectUri: redirectUri(provider, parts), at });
  } catch (error) {
    return refusalOf(error, provider);
  }
  const by = { actor: link?.userId, method: provider.id, origin };
  const joined = await parts.join(identity, by, link?.userId);
  if (isRefusal(joined)) return joined;
  if (link !== undefined) {
    await joined.noted;
    return onward(`${parts.home}?connected`, [flow.cookie]);
  }
  // Together, so that both share one commit.
  const entering = parts.enter(view, { user: joined.userId, authenticatedAt: at, amr: ["fed"] }, { ...by, actor: joined.userId });
  const [headers] = await Promise.all([entering, joined.noted]);
  if (isRefusal(headers)) return headers;
  return onward(flow.back ?? parts.home, [...[headers["set-cookie"] ?? []].flat(), flow.cookie]);
}

/** Only a browser comes to a callback, and reloading the page behind it must not repeat it. */
function onward(location: string, cookies: readonly string[]): Answer {
  return emptyAnswer(303, { location, "set-cookie": cookies, "referrer-policy": "no-referrer" });
}

function redirectUri(provider: Provider, { issuer }: SocialParts): string {
  return `${issuer}/login/${provider.id}/callback`;
}

/** A provider that is away is a fault of the house: it says nothing about the person. */
function refusalOf(error: unknown, { id }: Provider): Refusal {
  if (!(error instanceof ProviderProblem)) throw error;
  const detail = `${id}: ${error.message}`;
  switch (error.kind) {
    case "cancelled":
      return socialRefusals.cancelled({ detail });
    case "refused":
      return socialRefusals["provider-refused"]({ detail });
    case "invalid":
      return socialRefusals["answer-invalid"]({ detail });
    case "unavailable":
      throw new Fault("LATCHKEY_PROVIDER_UNAVAILABLE", `${detail}.`, { cause: error, retryAfterSeconds: 10 });
  }
}

function noted(refusal: Refusal, { id }: Provider, origin: Origin, { trail }: SocialParts): Refusal {
  const { code, detail } = refusal;
  trail.note({
    action: "sign-in.refused",
    outcome: code,
    actor: undefined,
    subject: undefined,
    method: id,
    credentialId: undefined,
    detail,
    origin,
  });
  return refusal;
}
