import {
  type ActedBy,
  type AuditTrail,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type RequestView,
} from "../../../../contracts/index.ts";
import type { ClientSource, KnownClient } from "../clients/index.ts";
import { malformed, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { ClientAuthentication, Presented } from "./way.ts";

export interface AuthenticateParts {
  readonly clients: ClientSource;
  /** In the order in which they are looked for; `none` is asked when no other finds anything. */
  readonly ways: readonly ClientAuthentication[];
  readonly trail: AuditTrail;
}

/** A client that proved who it is; a public one said it. */
export type AuthenticateClient = (
  view: RequestView,
  parameters: RequestParameters,
  at: number,
  by: ActedBy,
) => MaybePromise<KnownClient | Refusal>;

/**
 * Who sends this request to an endpoint for clients. Two ways at once are refused (RFC 6749 s.2.3), and so is any way but
 * the registered one. Unknown and wrong are answered alike. Rejects with a Fault when it cannot know.
 */
export function createAuthenticateClient({ clients, ways, trail }: AuthenticateParts): AuthenticateClient {
  const proving = ways.filter(({ name }) => name !== "none");
  const open = ways.find(({ name }) => name === "none");

  function read(view: RequestView, parameters: RequestParameters): readonly [ClientAuthentication, Presented] | Refusal {
    let found: readonly [ClientAuthentication, Presented] | undefined;
    for (const way of proving) {
      const presented = way.read(view, parameters);
      if (presented === undefined) continue;
      if (isRefusal(presented)) return presented;
      if (found !== undefined) return malformed("The client authenticated in two ways; send one.");
      found = [way, presented];
    }
    const presented = found === undefined ? open?.read(view, parameters) : undefined;
    if (presented !== undefined && !isRefusal(presented)) found = [open!, presented];
    if (found === undefined) return oauthRefusals["invalid-client"]({ detail: "nothing says which client this is" });
    const named = parameters.get("client_id");
    return named === undefined || named === found[1].clientId ? found : malformed("client_id is of another client than the credentials.");
  }

  const noted = (refusal: Refusal, clientId: string | undefined, by: ActedBy): Refusal => {
    const told = { action: "client.refused", outcome: refusal.code, credentialId: undefined, detail: refusal.detail } as const;
    trail.note({ ...told, ...by, subject: clientId?.slice(0, 200) });
    return refusal;
  };

  return (view, parameters, at, by) => {
    const found = read(view, parameters);
    if (isRefusal(found)) return noted(found, undefined, by);
    const [way, presented] = found;
    const judge = (client: KnownClient | undefined): MaybePromise<KnownClient | Refusal> => {
      const wrong = wrongWay(client, way);
      if (wrong !== undefined) return noted(wrong, presented.clientId, by);
      const verdict = way.verify(presented, client!, at);
      const decide = (refusal: Refusal | undefined) => (refusal === undefined ? client! : noted(refusal, presented.clientId, by));
      return isPromise(verdict) ? verdict.then(decide) : decide(verdict);
    };
    const client = clients.find(presented.clientId);
    return isPromise(client) ? client.then(judge) : judge(client);
  };
}

function wrongWay(client: KnownClient | undefined, way: ClientAuthentication): Refusal | undefined {
  if (client === undefined) return oauthRefusals["invalid-client"]({ detail: "no such client" });
  if (client.authentication === way.name) return undefined;
  return oauthRefusals["invalid-client"]({ detail: `${client.id} is registered for ${client.authentication}, and came by ${way.name}` });
}
