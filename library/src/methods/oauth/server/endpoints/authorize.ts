import {
  type ActedBy,
  type Answer,
  type Endpoint,
  type Exchange,
  isRefusal,
  type MaybePromise,
  type Principal,
  type Refusal,
  type RequestView,
  type Store,
} from "../../../../contracts/index.ts";
import { jsonAnswer, originOf } from "../../../../http/index.ts";
import {
  acrToAsk,
  againParameter,
  type AgainMarks,
  type AuthorizationRequest,
  type Codes,
  grantedBy,
  type Grants,
  isAcrUnmet,
  readRequest,
  type RequestSource,
  respondWithCode,
  respondWithError,
  type RespondParts,
  type SignedInPerson,
  isOffline,
} from "../authorization/index.ts";
import type { LogoutOutbox } from "../logout/index.ts";
import { type ClientSource, isClaimedByAnybody, isPublicClient } from "../clients/index.ts";
import { malformed, queryOf, readForm, readParameters, type RequestParameters, writeParameters } from "../parameters.ts";
import type { LifetimeWords } from "../lifetime-words.ts";
import { oauthRefusals } from "../refusals.ts";
import type { IdTokens } from "../tokens/index.ts";

export interface AuthorizeParts extends RespondParts {
  readonly store: Store;
  readonly clients: ClientSource;
  readonly audiences: readonly string[];
  readonly sources: readonly RequestSource[];
  readonly codes: Codes;
  readonly grants: Grants;
  readonly idTokens: Pick<IdTokens, "isOf">;
  readonly marks: AgainMarks;
  /** Clients that want to be told when the session ends. */
  readonly logouts: Pick<LogoutOutbox, "join">;
  /** Who is here by a session; undefined: nobody. */
  readonly person: (view: RequestView) => MaybePromise<Principal | undefined>;
  /** What a scope lets a client do, in words. */
  readonly wordsFor: (scope: string) => string;
  readonly lifetimeWords: LifetimeWords;
  /** Values of `acr` that a sign-in here can have. */
  readonly acrValues: readonly string[];
  /** Whether clients that prove nothing of who they are may be remembered: in development only. */
  readonly remembersUnproven: boolean;
}

/** Paths are below the issuer's: pages may be mounted anywhere. */
const path = "/oauth/authorize";
const longestQuery = 7_000;
/** Of a link: what node:http takes in a header. Elsewhere a longer one would come back in a redirect. */
const longestLink = 16_384;

/**
 * `GET` and `POST /oauth/authorize`, and `POST /oauth/authorize/decision` for what a person decided. In order: is it the
 * client's address, is the request good, is somebody signed in lately enough, has it been agreed to; then a code.
 */
export function authorizeEndpoints(parts: AuthorizeParts): readonly Endpoint[] {
  return [
    {
      method: "GET",
      path,
      rule: undefined,
      handle: (exchange) => begin(linked(exchange), exchange, parts),
    },
    { method: "POST", path, rule: undefined, handle: (exchange) => again(exchange, parts) },
    { method: "POST", path: `${path}/decision`, rule: { methods: ["session"] }, handle: (exchange) => decided(exchange, parts) },
  ];
}

function linked({ view }: Exchange): RequestParameters | Refusal {
  const query = queryOf(view);
  return query.length > longestLink ? malformed("The request is too long.") : readParameters(query);
}

/** What is posted from elsewhere comes without the session's cookie (SameSite); what follows a link comes with it. */
async function again({ view }: Exchange, parts: AuthorizeParts): Promise<Answer | Refusal> {
  const parameters = await readForm(view);
  if (isRefusal(parameters)) return parameters;
  const query = writeParameters(parameters.entries());
  return query.length > longestQuery ? malformed("The request is too long.") : seeOther(`${parts.issuer}${path}?${query}`);
}

async function begin(parameters: RequestParameters | Refusal, exchange: Exchange, parts: AuthorizeParts): Promise<Answer | Refusal> {
  if (isRefusal(parameters)) return parameters;
  const request = await readRequest(withoutMark(parameters), parts);
  if (isRefusal(request)) return request;
  if ("refusal" in request) return respondWithError(request.refusal, request.replyTo, parts);
  const here = await parts.person(exchange.view);
  const person = here === undefined ? undefined : personOf(here);
  const missing = await signInNeeded(request, person, parameters.get(againParameter), exchange.at, parts);
  if (missing !== undefined) {
    if (request.prompt.has("none")) return respondWithError(oauthRefusals["login-required"]({ detail: missing }), request, parts);
    return signInFirst(request, person, exchange.at, parts);
  }
  if (isAcrUnmet(request, person!)) return respondWithError(oauthRefusals["unmet-authentication-requirements"](), request, parts);
  if (await isAgreed(request, person!, parts)) return grant(request, person!, exchange, parts, false);
  if (request.prompt.has("none")) return respondWithError(oauthRefusals["consent-required"](), request, parts);
  return consentAsked(request, person!, parameters.get(againParameter), parts);
}

/** Why somebody has to sign in; undefined: who is here will do. */
async function signInNeeded(
  request: AuthorizationRequest,
  person: SignedInPerson | undefined,
  mark: string | undefined,
  at: number,
  parts: AuthorizeParts,
): Promise<string | undefined> {
  if (person === undefined) return "nobody is signed in";
  const { prompt, maxAgeMs, idTokenHint, client } = request;
  if (idTokenHint !== undefined && !(await parts.idTokens.isOf(idTokenHint, client, person.subject)))
    return "somebody else than in id_token_hint is signed in";
  const since = mark === undefined ? undefined : parts.marks.read(mark, request.query, at);
  if (since !== undefined && person.authenticatedAt > since) return undefined;
  if (prompt.has("login") || prompt.has("select_account")) return "the client asks to sign in anew";
  if (maxAgeMs !== undefined && at - person.authenticatedAt > maxAgeMs) return "the sign-in is older than max_age";
  return acrToAsk(request, person, parts.acrValues).length > 0 ? "the client asks to sign in in another way (acr)" : undefined;
}

/** To the sign-in page and back, with a mark that says since when. */
function signInFirst(
  request: AuthorizationRequest,
  person: SignedInPerson | undefined,
  at: number,
  { issuer, marks, acrValues }: AuthorizeParts,
): Answer {
  const { query, loginHint } = request;
  const marked = `${query}&${againParameter}=${encodeURIComponent(marks.make(query, at))}`;
  const back = `${new URL(issuer).pathname.replace(/\/$/, "")}${path}?${marked}`;
  const hints = `${loginHint === undefined ? "" : `&email=${encodeURIComponent(loginHint)}`}${person === undefined ? "" : "&again=app"}`;
  const ways = acrToAsk(request, person, acrValues).join(" ");
  const wanted = ways === "" ? "" : `&acr_values=${encodeURIComponent(ways)}`;
  return seeOther(`${issuer}/login?return=${encodeURIComponent(back)}${hints}${wanted}`);
}

/** Whether nobody needs to be asked: it is one of ours, or this was agreed to, by a client that can be told from others. */
async function isAgreed(request: AuthorizationRequest, { subject }: SignedInPerson, parts: AuthorizeParts): Promise<boolean> {
  const { client, redirectUri, prompt } = request;
  if (prompt.has("consent")) return false;
  if (client.firstParty) return true;
  const unproven = isPublicClient(client) && isClaimedByAnybody(redirectUri);
  // Any program on the machine may stand behind such an address, so a person looks each time (RFC 8252 s.8.6).
  if (unproven && !parts.remembersUnproven) return false;
  return parts.grants.agreed(subject, request);
}

/** What a person is asked, as JSON; the page makes words of it. */
function consentAsked(request: AuthorizationRequest, person: SignedInPerson, mark: string | undefined, parts: AuthorizeParts): Answer {
  const { client, redirectUri, scopes, resources, query } = request;
  return jsonAnswer(200, {
    consent: {
      client: { id: client.id, name: client.name },
      redirectUri,
      user: person.subject,
      scopes: scopes.map((scope) => ({ scope, words: parts.wordsFor(scope) })),
      resources,
      lifetime: parts.lifetimeWords(client, isOffline(request)),
      // Sent back with the decision, to be judged anew.
      request: mark === undefined ? query : `${query}&${againParameter}=${encodeURIComponent(mark)}`,
    },
  });
}

/** A person decided. The request is judged from the start: nothing of it was kept here, and time has passed. */
async function decided(exchange: Exchange, parts: AuthorizeParts): Promise<Answer | Refusal> {
  const form = await readForm(exchange.view);
  if (isRefusal(form)) return form;
  const parameters = readParameters(form.get("request") ?? "");
  if (isRefusal(parameters)) return parameters;
  const decision = form.get("decision");
  if (decision !== "allow" && decision !== "deny") return malformed("decision must be allow or deny.");
  const request = await readRequest(withoutMark(parameters), parts);
  if (isRefusal(request)) return request;
  if ("refusal" in request) return respondWithError(request.refusal, request.replyTo, parts);
  if (decision === "deny") {
    const denied = (await finished(request, parts)) ?? oauthRefusals["access-denied"]({ detail: "the person denied it" });
    return respondWithError(denied, request, parts);
  }
  const person = personOf(exchange.principal);
  const missing = await signInNeeded(request, person, parameters.get(againParameter), exchange.at, parts);
  if (missing !== undefined) return signInFirst(request, person, exchange.at, parts);
  if (isAcrUnmet(request, person)) return respondWithError(oauthRefusals["unmet-authentication-requirements"](), request, parts);
  return grant(request, person, exchange, parts, true);
}

/** The code, and with it what was agreed to: both are durable, or neither. */
async function grant(
  request: AuthorizationRequest,
  person: SignedInPerson,
  exchange: Exchange,
  parts: AuthorizeParts,
  consents: boolean,
): Promise<Answer> {
  const used = await finished(request, parts);
  if (used !== undefined) return respondWithError(used, request, parts);
  const by: ActedBy = { actor: person.subject, method: "session", origin: originOf(exchange) };
  const { code, write } = parts.codes.draft(request.client.id, grantedBy(person, request));
  await parts.store.write(async (transaction) => {
    if (consents) await parts.grants.consent(transaction, person.subject, request, by);
    await parts.logouts.join(transaction, request.client, person);
    await write(transaction);
  });
  return respondWithCode(code, request, parts);
}

/** A pushed request brings one answer. */
async function finished({ sent }: AuthorizationRequest, { sources }: AuthorizeParts): Promise<Refusal | undefined> {
  for (const source of sources) {
    const refusal = await source.finish?.(sent);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function personOf({ subject, credentialId, authenticatedAt, assurance }: Principal): SignedInPerson {
  return { subject, sessionId: credentialId, authenticatedAt, acr: assurance.acr, amr: assurance.amr };
}

/** The request as the client sent it. */
function withoutMark(parameters: RequestParameters): RequestParameters {
  if (parameters.get(againParameter) === undefined) return parameters;
  return {
    ...parameters,
    *entries() {
      for (const entry of parameters.entries()) if (entry[0] !== againParameter) yield entry;
    },
  };
}

function seeOther(location: string): Answer {
  return { status: 303, headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" }, body: undefined };
}
