import { isPromise, isRefusal, type MaybePromise, type Refusal } from "../../../../contracts/index.ts";
import { type ClientSource, hasSecret, type KnownClient } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";
import { verifySecret } from "./secret.ts";

/** A client that proved itself, and how long this answer holds by itself. */
interface ProvenClient extends Pick<KnownClient, "id" | "scopes" | "roles"> {
  readonly until: number;
}

/**
 * A client by its secret, outside of the token endpoint. Only one that has client_credentials is let in: the scopes of any
 * other are what users may give it, not what it may by itself.
 */
export function createClientOf(clients: ClientSource): (id: string, secret: string, at: number) => MaybePromise<ProvenClient | Refusal> {
  function judge(client: KnownClient | undefined, secret: string, at: number): ProvenClient | Refusal {
    if (client === undefined) return oauthRefusals["invalid-client"]({ detail: "no such client" });
    const { id, scopes, roles, secrets } = client;
    const wrong = hasSecret(client) ? verifySecret(secret, client, at) : oauthRefusals["invalid-client"]({ detail: `${id} has no secret` });
    if (isRefusal(wrong)) return wrong;
    if (!client.grants.includes("client_credentials"))
      return oauthRefusals["invalid-client"]({ detail: `${id} is not registered for client_credentials` });
    const ends = secrets.flatMap(({ endsAt }) => (endsAt !== undefined && endsAt > at ? [endsAt] : []));
    return { id, scopes, roles, until: Math.min(...ends, Infinity) };
  }

  return (id, secret, at) => {
    const found = clients.find(id);
    return isPromise(found) ? found.then((client) => judge(client, secret, at)) : judge(found, secret, at);
  };
}
