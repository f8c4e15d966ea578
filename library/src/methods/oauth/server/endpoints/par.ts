import { type Endpoint, isRefusal, type Openings, type Refusal } from "../../../../contracts/index.ts";
import type { Dpop } from "../../../../dpop/index.ts";
import { jsonAnswer, originOf } from "../../../../http/index.ts";
import { errorAnswer } from "../answer.ts";
import { type PushedRequests, pushedSeconds, readRequest, type RequestSource, withParameter } from "../authorization/index.ts";
import { dpopError } from "../bindings/index.ts";
import type { AuthenticateClient } from "../client-authentication/index.ts";
import type { ClientSource } from "../clients/index.ts";
import { malformed, queryOf, readForm, type RequestParameters, writeParameters } from "../parameters.ts";
import type { Exchange } from "../../../../contracts/index.ts";
import { takePlace } from "./place.ts";

interface ParParts {
  readonly url: string;
  readonly authenticate: AuthenticateClient;
  readonly clients: ClientSource;
  readonly audiences: readonly string[];
  readonly pushed: PushedRequests;
  /** Signed requests may be pushed, too; pushed ones may not. */
  readonly signed: RequestSource;
  readonly dpop: Dpop;
  readonly openings: Openings;
}

/** Of what is kept: no more than a link could say. */
const longestPushed = 16_384;

/** Of the client's authentication, not of the request. */
const authentication = new Set(["client_secret", "client_assertion", "client_assertion_type"]);

/**
 * `POST /oauth/par` (RFC 9126): a client sends its request before the browser comes, and proves who it is. The request is
 * judged now, so that what is wrong with it is told to the client and not to a person.
 */
export function parEndpoint(parts: ParParts): Endpoint {
  return {
    method: "POST",
    path: "/oauth/par",
    rule: undefined,
    async handle(exchange) {
      const { view, at } = exchange;
      if (queryOf(view) !== "") return errorAnswer(malformed("Parameters belong into the body, not into the URL."), view);
      const form = await readForm(view);
      if (isRefusal(form)) return errorAnswer(form, view);
      const by = { actor: undefined, method: undefined, origin: originOf(exchange) };
      const client = await parts.authenticate(view, form, at, by);
      if (isRefusal(client)) return errorAnswer(client, view);
      const parameters = await judged(exchange, form, client.id, parts);
      if (isRefusal(parameters)) return errorAnswer(parameters, view);
      const full = await takePlace(client, exchange, parts.openings);
      if (full !== undefined) return errorAnswer(full, view);
      const request_uri = await parts.pushed.push(client.id, parameters);
      return jsonAnswer(201, { request_uri, expires_in: pushedSeconds });
    },
  };
}

/** The parameters as they shall count, once the whole request is good. */
async function judged(
  exchange: Exchange,
  form: RequestParameters,
  clientId: string,
  parts: ParParts,
): Promise<RequestParameters | Refusal> {
  if (form.get("request_uri") !== undefined) return malformed("request_uri cannot be pushed.");
  const sent = withParameter(withoutAuthentication(form), "client_id", clientId);
  const client = await parts.clients.find(clientId);
  const signed = client === undefined ? undefined : await parts.signed.read(sent, client);
  if (isRefusal(signed)) return signed;
  const key = await keyOf(exchange, parts);
  if (isRefusal(key)) return key;
  const plain = signed ?? sent;
  const named = plain.get("dpop_jkt");
  if (key !== undefined && named !== undefined && named !== key) return malformed("dpop_jkt is of another key than the proof.");
  const parameters = key === undefined ? plain : withParameter(plain, "dpop_jkt", key);
  if (writeParameters(parameters.entries()).length > longestPushed) return malformed("The request is too long.");
  const request = await readRequest(parameters, { clients: parts.clients, audiences: parts.audiences, sources: [] });
  if (isRefusal(request)) return request;
  return "refusal" in request ? request.refusal : parameters;
}

/** A proof that comes along binds the code to its key (RFC 9449 s.10.1). */
async function keyOf({ view, at }: Exchange, { dpop, url }: ParParts): Promise<string | undefined | Refusal> {
  const proof = view.header("dpop");
  if (proof === undefined) return undefined;
  const proven = await dpop.verify({ proof, method: view.method, urls: [url], accessToken: undefined, at });
  return isRefusal(proven) ? dpopError(proven) : proven.thumbprint;
}

function withoutAuthentication(form: RequestParameters): RequestParameters {
  return {
    get: (name) => (authentication.has(name) ? undefined : form.get(name)),
    list: (name) => (authentication.has(name) ? [] : form.list(name)),
    *entries() {
      for (const entry of form.entries()) if (!authentication.has(entry[0])) yield entry;
    },
  };
}
