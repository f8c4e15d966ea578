import { type ActedBy, type Answer, type Endpoint, type Exchange, isRefusal, type Refusal } from "../../../../contracts/index.ts";
import { jsonAnswer, originOf } from "../../../../http/index.ts";
import { clearCookie, cookieForm } from "../../../../primitives/index.ts";
import type { ClientSource } from "../clients/index.ts";
import type { Described } from "../metadata.ts";
import { malformed, queryOf, readForm, readParameters, type RequestParameters, writeParameters } from "../parameters.ts";
import type { IdTokens } from "../tokens/index.ts";

interface LogoutParts {
  readonly issuer: string;
  readonly clients: ClientSource;
  readonly idTokens: Pick<IdTokens, "readHint">;
  /** Ends a session. False: it had ended. */
  readonly endSession: (id: string, by: ActedBy) => Promise<boolean>;
}

/** What the metadata says of it. */
export const logoutDescribed = (issuer: string): Described => ({
  metadata: {
    end_session_endpoint: `${issuer}/oauth/logout`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  },
});

/**
 * `/oauth/logout` (OpenID Connect RP-Initiated Logout): an app signs out the person whose ID token it holds. The token names
 * the session that ends. Without one nothing ends: any page could send a browser here, so the person is asked.
 */
export function logoutEndpoints(parts: LogoutParts): readonly Endpoint[] {
  const handle = async (exchange: Exchange): Promise<Answer | Refusal> => {
    const { view } = exchange;
    const parameters = view.method === "POST" ? await readForm(view) : readParameters(queryOf(view));
    return isRefusal(parameters) ? parameters : signOut(parameters, exchange, parts);
  };
  return [
    { method: "GET", path: "/oauth/logout", rule: undefined, handle },
    { method: "POST", path: "/oauth/logout", rule: undefined, handle },
  ];
}

async function signOut(parameters: RequestParameters, exchange: Exchange, parts: LogoutParts): Promise<Answer | Refusal> {
  const hint = parameters.get("id_token_hint");
  if (hint === undefined) return jsonAnswer(200, { confirm: `${parts.issuer}/logout` });
  const claims = await parts.idTokens.readHint(hint, parameters.get("client_id"));
  if (claims === undefined) return malformed("id_token_hint is no ID token of this server, or of another client.");
  const { aud, sub, sid } = claims;
  const target = await targetOf(parameters, String(aud), parts);
  if (isRefusal(target)) return target;
  const by: ActedBy = { actor: String(sub), method: "id-token", origin: originOf(exchange) };
  if (typeof sid === "string") await parts.endSession(sid, by);
  const location = target ?? `${parts.issuer}/login`;
  const cookie = clearCookie(cookieForm(parts.issuer, "latchkey"));
  return {
    status: 303,
    headers: { location, "set-cookie": cookie, "cache-control": "no-store", "referrer-policy": "no-referrer" },
    body: undefined,
  };
}

/** Where to go then: registered by this client, to the character, or nowhere (s.3). */
async function targetOf(parameters: RequestParameters, clientId: string, { clients }: LogoutParts): Promise<string | undefined | Refusal> {
  const uri = parameters.get("post_logout_redirect_uri");
  if (uri === undefined) return undefined;
  const client = await clients.find(clientId);
  const registered: unknown = client?.metadata["post_logout_redirect_uris"];
  if (!Array.isArray(registered) || !registered.includes(uri))
    return malformed("post_logout_redirect_uri is not registered for this client.");
  const state = parameters.get("state");
  return state === undefined ? uri : `${uri}${uri.includes("?") ? "&" : "?"}${writeParameters([["state", state]])}`;
}
