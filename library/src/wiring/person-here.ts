import { isPromise, type MaybePromise, type Principal, type RequestView } from "../contracts/index.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";

type PersonHereParts = Pick<OAuthWiring, "guardBy" | "sessionMethod">;

/**
 * Who is at the browser by a session, as far as the gate lets it in; undefined: nobody. Whoever comes without one is refused
 * nothing, so the gate, which would write that down, is not asked.
 */
export function personHere({ guardBy, sessionMethod }: PersonHereParts): (view: RequestView) => MaybePromise<Principal | undefined> {
  const check = guardBy({ methods: [sessionMethod.name] });
  return (view) => {
    if (sessionMethod.read(view) === undefined) return undefined;
    const decision = check(view);
    if (isPromise(decision)) return decision.then((made) => (made.allowed ? made.principal : undefined));
    return decision.allowed ? decision.principal : undefined;
  };
}
