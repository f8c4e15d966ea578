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
} from "../../../../contracts/index.ts";
import { jsonAnswer, originOf } from "../../../../http/index.ts";
import { clearCookie, cookieForm, type JsonObject } from "../../../../primitives/index.ts";
import { type Client, type ClientSource, sectorOf } from "../clients/index.ts";
import type { Described } from "../metadata.ts";
import { malformed, queryOf, readForm, readParameters, type RequestParameters, writeParameters } from "../parameters.ts";
import type { Subjects } from "../subjects/index.ts";
import type { IdTokens } from "../tokens/index.ts";

interface LogoutParts {
  readonly issuer: string;
  readonly clients: ClientSource;
  readonly idTokens: Pick<IdTokens, "readHint">;
  readonly subjects: Subjects;
  /** Who is here by a session; undefined: nobody. */
  readonly person: (view: RequestView) => MaybePromise<Principal | undefined>;
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
  const client = await parts.clients.find(String(claims["aud"]));
  const target = targetOf(parameters, client);
  if (isRefusal(target)) return target;
  const { view } = exchange;
  const hidden = client !== undefined && sectorOf(client) !== undefined;
  // What is posted from elsewhere comes without the cookie (SameSite); what follows a link comes with it.
  if (hidden && view.method === "POST" && view.header("cookie") === undefined)
    return seeOther(`${parts.issuer}/oauth/logout?${writeParameters(parameters.entries())}`);
  const session = hidden ? await sessionHere(claims, client, exchange, parts) : { id: claims["sid"], subject: claims["sub"] };
  if (typeof session?.id === "string")
    await parts.endSession(session.id, {
      actor: String(session.subject),
      method: "id-token",
      origin: originOf(exchange),
    } satisfies ActedBy);
  return seeOther(target ?? `${parts.issuer}/login`, clearCookie(cookieForm(parts.issuer, "latchkey")));
}

/** A pairwise client knows the session by a name that nobody can turn back: it is the one at this browser, or it is not found. */
async function sessionHere({ sid }: JsonObject, client: Client, { view }: Exchange, { person, subjects }: LogoutParts) {
  const here = await person(view);
  if (here === undefined || (await subjects.sessionOf(client, here.credentialId)) !== sid) return undefined;
  return { id: here.credentialId, subject: here.subject };
}

function seeOther(location: string, cookie?: string): Answer {
  const headers = { location, "cache-control": "no-store", "referrer-policy": "no-referrer" };
  return { status: 303, headers: cookie === undefined ? headers : { ...headers, "set-cookie": cookie }, body: undefined };
}

/** Where to go then: registered by this client, to the character, or nowhere (s.3). */
function targetOf(parameters: RequestParameters, client: Client | undefined): string | undefined | Refusal {
  const uri = parameters.get("post_logout_redirect_uri");
  if (uri === undefined) return undefined;
  const registered: unknown = client?.metadata["post_logout_redirect_uris"];
  if (!Array.isArray(registered) || !registered.includes(uri))
    return malformed("post_logout_redirect_uri is not registered for this client.");
  const state = parameters.get("state");
  return state === undefined ? uri : `${uri}${uri.includes("?") ? "&" : "?"}${writeParameters([["state", state]])}`;
}
