import {
  type ActedBy,
  after,
  type AuditTrail,
  type Guesses,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type RequestView,
} from "../../../../contracts/index.ts";
import { sha256 } from "../../../../primitives/index.ts";
import type { ClientSource, KnownClient } from "../clients/index.ts";
import { malformed, type RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { ClientAuthentication, Presented } from "./way.ts";

export interface AuthenticateParts {
  readonly clients: ClientSource;
  /** Those for which `client_id` alone is sent are asked when no other finds anything. */
  readonly ways: readonly ClientAuthentication[];
  readonly trail: AuditTrail;
  /** Counts wrong credentials by address, whoever they name, and uses of one that is wrong: never by client, which others could lock out. */
  readonly guesses: Guesses;
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
export function createAuthenticateClient({ clients, ways, trail, guesses }: AuthenticateParts): AuthenticateClient {
  const carrying = ways.filter(({ implied }) => implied !== true);
  const implied = ways.filter(({ implied: alone }) => alone === true);

  /** What the request carries; where it only names a client, everything that this can mean. Never empty. */
  function read(view: RequestView, parameters: RequestParameters): Found | Refusal {
    const carried = readBy(carrying, view, parameters);
    if (isRefusal(carried)) return carried;
    if (carried.length > 1) return malformed("The client authenticated in two ways; send one.");
    const found = carried.length === 1 ? carried : readBy(implied, view, parameters);
    if (isRefusal(found)) return found;
    const [first] = found;
    if (first === undefined) return oauthRefusals["invalid-client"]({ detail: "nothing says which client this is" });
    const named = parameters.get("client_id");
    return named === undefined || named === first[1].clientId ? found : malformed("client_id is of another client than the credentials.");
  }

  const noted = (refusal: Refusal, clientId: string | undefined, by: ActedBy): Refusal => {
    const told = { action: "client.refused", outcome: refusal.code, credentialId: undefined, detail: refusal.detail } as const;
    trail.note({ ...told, ...by, subject: clientId?.slice(0, 200) });
    return refusal;
  };

  return (view, parameters, at, by) => {
    const found = read(view, parameters);
    if (isRefusal(found)) return noted(found, undefined, by);
    const { clientId } = found[0]![1];
    const proof = found.map(([, presented]) => presented.proof).find((one) => one !== "") ?? "";
    const guess = { address: by.origin?.address ?? "", digest: sha256(`${clientId} ${proof}`), at };
    const wrong = (refusal: Refusal) => after(guesses.wrong(guess), () => noted(refusal, clientId, by));
    const judge = (client: KnownClient | undefined): MaybePromise<KnownClient | Refusal> => {
      const [way, presented] = found.find(([{ name }]) => name === client?.authentication) ?? found[0]!;
      const unfit = wrongWay(client, way);
      if (unfit !== undefined) return wrong(unfit);
      return after(way.verify(presented, client!, at), (refusal) => (refusal === undefined ? client! : wrong(refusal)));
    };
    return after(guesses.held(guess), (held) =>
      held === undefined ? after(clients.find(clientId), judge) : noted(tooMany(held), clientId, by),
    );
  };
}

type Found = readonly (readonly [ClientAuthentication, Presented])[];

function readBy(ways: readonly ClientAuthentication[], view: RequestView, parameters: RequestParameters): Found | Refusal {
  const found: (readonly [ClientAuthentication, Presented])[] = [];
  for (const way of ways) {
    const presented = way.read(view, parameters);
    if (isRefusal(presented)) return presented;
    if (presented !== undefined) found.push([way, presented]);
  }
  return found;
}

/** What the gate would say, in the words of OAuth. */
function tooMany({ detail, rateLimit, retryAfterSeconds }: Refusal): Refusal {
  const hint = "Too many failed attempts. Wait as long as Retry-After says.";
  return oauthRefusals["temporarily-unavailable"]({ detail, hint, rateLimit, retryAfterSeconds });
}

function wrongWay(client: KnownClient | undefined, way: ClientAuthentication): Refusal | undefined {
  if (client === undefined) return oauthRefusals["invalid-client"]({ detail: "no such client" });
  if (client.authentication === way.name) return undefined;
  return oauthRefusals["invalid-client"]({ detail: `${client.id} is registered for ${client.authentication}, and came by ${way.name}` });
}
