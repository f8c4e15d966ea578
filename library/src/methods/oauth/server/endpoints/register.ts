import {
  type ActedBy,
  type Answer,
  BodyTooLarge,
  type Endpoint,
  type Ephemeral,
  type Exchange,
  isRefusal,
  type Refusal,
} from "../../../../contracts/index.ts";
import { bodyLimitBytes, emptyAnswer, jsonAnswer, originOf } from "../../../../http/index.ts";
import { addressBucket, authorizationOf, type JsonObject, parseJsonObject, sameSecret } from "../../../../primitives/index.ts";
import { errorAnswer, oauthAnswer } from "../answer.ts";
import type { Client, ClientOptions } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";
import {
  type CheckSector,
  clientMetadata,
  readClientMetadata,
  type Registrations,
  type RegistrationSettings,
} from "../registration/index.ts";

interface RegisterParts {
  readonly issuer: string;
  readonly settings: RegistrationSettings;
  readonly registrations: Registrations;
  readonly ephemeral: Ephemeral;
  readonly checkSector: CheckSector;
}

/** Registrations an hour from one address, and from all. */
const mostFromOne = 20;
const mostFromAll = 1_000;
const hourMs = 3_600_000;

/** `/oauth/register`: a client registers itself (RFC 7591), and manages what it registered (RFC 7592). */
export function registerEndpoints(parts: RegisterParts): readonly Endpoint[] {
  const manage = (method: "GET" | "PUT" | "DELETE", act: (client: Client, exchange: Exchange) => Promise<Answer>): Endpoint => ({
    method,
    path: "/oauth/register/:client",
    rule: undefined,
    async handle(exchange) {
      const token = bearerOf(exchange);
      const client = token === undefined ? undefined : await parts.registrations.find(exchange.parameters["client"]!, token);
      return client === undefined ? unknown(exchange) : act(client, exchange);
    },
  });
  return [
    { method: "POST", path: "/oauth/register", rule: undefined, handle: (exchange) => register(exchange, parts) },
    manage("GET", async (client, exchange) => oauthAnswer(described(client, bearerOf(exchange)!, parts))),
    manage("PUT", (client, exchange) => replace(client, exchange, parts)),
    manage("DELETE", async (client, exchange) => {
      await parts.registrations.delete(client.id, byClient(client, exchange));
      return emptyAnswer(204);
    }),
  ];
}

async function register(exchange: Exchange, parts: RegisterParts): Promise<Answer> {
  const { settings, registrations } = parts;
  const by: ActedBy = { actor: undefined, method: undefined, origin: originOf(exchange) };
  if (settings.token !== undefined && !sameSecret(bearerOf(exchange) ?? "", settings.token))
    return unauthorized(exchange, "no initial access token, or a wrong one");
  const tooMany = await count(exchange, parts);
  if (tooMany !== undefined) return errorAnswer(tooMany, exchange.view);
  const options = await readOptions(exchange, parts);
  if (isRefusal(options)) return errorAnswer(options, exchange.view);
  const registered = await registrations.register(options, by);
  if (isRefusal(registered)) return errorAnswer(registered, exchange.view);
  const { client, secret, token } = registered;
  const told = secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 };
  return jsonAnswer(201, { ...described(client, token, parts), ...told }, { pragma: "no-cache" });
}

async function replace(client: Client, exchange: Exchange, parts: RegisterParts): Promise<Answer> {
  const options = await readOptions(exchange, parts, client.id);
  if (isRefusal(options)) return errorAnswer(options, exchange.view);
  const next = await parts.registrations.replace(client, options, byClient(client, exchange));
  if (next === undefined) return unknown(exchange);
  return isRefusal(next) ? errorAnswer(next, exchange.view) : oauthAnswer(described(next, bearerOf(exchange)!, parts));
}

function described(client: Client, token: string, { issuer }: RegisterParts): JsonObject {
  return {
    ...clientMetadata(client),
    registration_access_token: token,
    registration_client_uri: `${issuer}/oauth/register/${client.id}`,
  };
}

async function readOptions(
  { view }: Exchange,
  { settings, checkSector }: RegisterParts,
  clientId?: string,
): Promise<ClientOptions | Refusal> {
  const bad = (hint: string) => oauthRefusals["invalid-client-metadata"]({ hint });
  const type = view.header("content-type");
  if (typeof type !== "string" || type.split(";", 1)[0]!.trim().toLowerCase() !== "application/json")
    return bad("The body must be application/json.");
  let bytes: Uint8Array;
  try {
    bytes = await view.body(bodyLimitBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    return bad(`The body may have at most ${bodyLimitBytes} bytes.`);
  }
  const body = parseJsonObject(bytes);
  if (body === undefined) return bad("The body must be a JSON object that repeats no name.");
  if (clientId !== undefined && body["client_id"] !== clientId) return bad("client_id must be that of the registration.");
  const options = readClientMetadata(body, { scopes: settings.scopes, authentication: "client_secret_basic" });
  return isRefusal(options) ? options : ((await checkSector(options)) ?? options);
}

const tooMany = "Too many clients were registered lately.";

/** Before anything is read: an open door is a busy one. */
async function count({ address }: Exchange, { ephemeral }: RegisterParts): Promise<Refusal | undefined> {
  for (const [key, most] of [
    [`oauth-register:${addressBucket(address)}`, mostFromOne],
    ["oauth-register", mostFromAll],
  ] as const) {
    const { count: taken } = await ephemeral.increment(key, 1, hourMs);
    if (taken > most) return oauthRefusals["temporarily-unavailable"]({ detail: key, hint: tooMany, retryAfterSeconds: 3_600 });
  }
  return undefined;
}

function bearerOf({ view }: Exchange): string | undefined {
  const authorization = view.header("authorization");
  return typeof authorization === "string" ? authorizationOf(authorization, "bearer") : undefined;
}

/** Never registered, deleted and of another client are one answer (RFC 7592 s.2.1). */
function unknown(exchange: Exchange): Answer {
  return unauthorized(exchange, "no such registration, or a token of another");
}

function unauthorized({ view }: Exchange, detail: string): Answer {
  const challenge = { "www-authenticate": 'Bearer realm="registration", error="invalid_token"' };
  return errorAnswer(oauthRefusals["invalid-token"]({ detail }), view, challenge);
}

function byClient(client: Client, exchange: Exchange): ActedBy {
  return { actor: client.id, method: "registration-token", origin: originOf(exchange) };
}
