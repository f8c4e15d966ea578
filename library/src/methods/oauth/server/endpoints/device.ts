import {
  type ActedBy,
  type Answer,
  type Endpoint,
  type Ephemeral,
  type Exchange,
  isRefusal,
  type Openings,
  type Principal,
  type Refusal,
  type Store,
} from "../../../../contracts/index.ts";
import { actedBy, emptyAnswer, jsonAnswer, originOf, readFields } from "../../../../http/index.ts";
import { addressBucket } from "../../../../primitives/index.ts";
import { errorAnswer, oauthAnswer } from "../answer.ts";
import type { Granted, Grants } from "../authorization/index.ts";
import type { AuthenticateClient } from "../client-authentication/index.ts";
import type { ClientSource, KnownClient } from "../clients/index.ts";
import { deviceLifeSeconds, type DeviceRequest, type Devices, pollSeconds, readUserCode, shownUserCode } from "../device/index.ts";
import { deviceCodeType } from "../grants/index.ts";
import { queryOf, malformed, readForm } from "../parameters.ts";
import type { LifetimeWords } from "../lifetime-words.ts";
import { oauthRefusals } from "../refusals.ts";
import { wantedResources, wantedScopes } from "../wanted.ts";
import { takePlace } from "./place.ts";

interface DeviceEndpointParts {
  readonly issuer: string;
  readonly store: Store;
  readonly authenticate: AuthenticateClient;
  readonly clients: ClientSource;
  readonly audiences: readonly string[];
  readonly devices: Devices;
  readonly grants: Pick<Grants, "consent">;
  readonly ephemeral: Pick<Ephemeral, "increment">;
  readonly openings: Openings;
  /** What a scope lets a client do, in words. */
  readonly wordsFor: (scope: string) => string;
  readonly lifetimeWords: LifetimeWords;
}

/** Wrong codes of one person and from one address, in a quarter of an hour. */
const mostGuesses = 10;
const guessWindowMs = 900_000;

/** `POST /oauth/device` (RFC 8628 s.3.1): a device asks for a code to show. */
export function deviceAuthorizationEndpoint(parts: DeviceEndpointParts): Endpoint {
  return {
    method: "POST",
    path: "/oauth/device",
    rule: undefined,
    async handle(exchange) {
      const { view, at } = exchange;
      if (queryOf(view) !== "") return errorAnswer(malformed("Parameters belong into the body, not into the URL."), view);
      const form = await readForm(view);
      if (isRefusal(form)) return errorAnswer(form, view);
      const client = await parts.authenticate(view, form, at, { actor: undefined, method: undefined, origin: originOf(exchange) });
      if (isRefusal(client)) return errorAnswer(client, view);
      if (!client.grants.includes(deviceCodeType))
        return errorAnswer(oauthRefusals["unauthorized-client"]({ detail: `${client.id} is not registered for devices` }), view);
      const scopes = wantedScopes(form, client);
      if (isRefusal(scopes)) return errorAnswer(scopes, view);
      const resources = wantedResources(form, client, parts.audiences);
      if (isRefusal(resources)) return errorAnswer(resources, view);
      const full = await takePlace(client, exchange, parts.openings);
      if (full !== undefined) return errorAnswer(full, view);
      const { deviceCode, userCode } = await parts.devices.begin({ clientId: client.id, scopes, resources });
      return oauthAnswer({
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: `${parts.issuer}/device`,
        verification_uri_complete: `${parts.issuer}/device?user_code=${userCode}`,
        expires_in: deviceLifeSeconds,
        interval: pollSeconds,
      });
    },
  };
}

/** `GET /device`: what is behind a code, for who is signed in; `POST /device`: what this person decided. */
export function deviceEndpoints(parts: DeviceEndpointParts): readonly Endpoint[] {
  return [
    { method: "GET", path: "/device", rule: { methods: ["session"] }, handle: (exchange) => show(exchange, parts) },
    { method: "POST", path: "/device", rule: { methods: ["session"] }, handle: (exchange) => decide(exchange, parts) },
  ];
}

async function show(exchange: Exchange, parts: DeviceEndpointParts): Promise<Answer | Refusal> {
  const found = await look(exchange.query.get("user_code"), exchange, parts);
  if (isRefusal(found)) return found;
  const { client, request, userCode } = found;
  return jsonAnswer(200, {
    device: {
      client: { id: client.id, name: client.name },
      user_code: shownUserCode(userCode),
      scopes: request.scopes.map((scope) => ({ scope, words: parts.wordsFor(scope) })),
      resources: request.resources,
      // No browser's session is behind it.
      lifetime: parts.lifetimeWords(client, true),
    },
  });
}

async function decide(exchange: Exchange, parts: DeviceEndpointParts): Promise<Answer | Refusal> {
  const by = actedBy(exchange);
  const fields = await readFields(exchange.view);
  if (isRefusal(fields)) return fields;
  const { decision, user_code } = fields;
  if (decision !== "allow" && decision !== "deny") return malformed("decision must be allow or deny.");
  const found = await look(user_code, exchange, parts);
  if (isRefusal(found)) return found;
  const done = await record(found, decision === "allow" ? grantedBy(exchange.principal, found.request) : undefined, by, parts);
  return done ? emptyAnswer(204) : oauthRefusals["unknown-user-code"]({ detail: "decided at the same moment" });
}

/** The decision, and with it what was agreed to: both are durable, or neither. */
function record(
  { client, request, userCode }: Found,
  granted: Granted | undefined,
  by: ActedBy,
  parts: DeviceEndpointParts,
): Promise<boolean> {
  return parts.store.write(async (transaction) => {
    if (!(await parts.devices.decide(transaction, userCode, granted))) return false;
    if (granted !== undefined) await parts.grants.consent(transaction, granted.subject, { ...request, client }, by);
    return true;
  });
}

interface Found {
  readonly userCode: string;
  readonly request: DeviceRequest;
  readonly client: KnownClient;
}

/**
 * Behind a right code. Codes are not found by trying (RFC 8628 s.5.1): each look takes its place beforehand, so that parallel ones
 * do not pass together, and a right code gives it back.
 */
async function look(text: unknown, exchange: Exchange, parts: DeviceEndpointParts): Promise<Found | Refusal> {
  const { principal, address } = exchange;
  const keys = [`oauth-user-code:${principal.subject}`, `oauth-user-code:${addressBucket(address)}`];
  const giveBack = async (taken: readonly string[]): Promise<void> => {
    for (const key of taken) await parts.ephemeral.increment(key, -1, guessWindowMs);
  };
  for (const [index, key] of keys.entries()) {
    const { count, resetAt } = await parts.ephemeral.increment(key, 1, guessWindowMs);
    if (count <= mostGuesses) continue;
    await giveBack(keys.slice(0, index + 1));
    return oauthRefusals["too-many-user-codes"]({ retryAfterSeconds: Math.max(1, Math.ceil((resetAt - exchange.at) / 1_000)) });
  }
  const userCode = readUserCode(text);
  const request = userCode === undefined ? undefined : await parts.devices.look(userCode);
  const client = request === undefined ? undefined : await parts.clients.find(request.clientId);
  if (userCode !== undefined && request !== undefined && client !== undefined) {
    await giveBack(keys);
    return { userCode, request, client };
  }
  return oauthRefusals["unknown-user-code"]({ detail: userCode === undefined ? "of another form" : "no open request has it" });
}

/** What the person granted stands by itself: signing out of this browser does not end it on the device. */
function grantedBy({ subject, authenticatedAt, assurance }: Principal, { scopes, resources }: DeviceRequest): Granted {
  return { subject, sessionId: undefined, authenticatedAt, acr: assurance.acr, amr: assurance.amr, scopes, resources };
}
