import { isPromise, type MaybePromise, type Principal, type RequestView } from "../contracts/index.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";

/** Who is at the browser by a session, as far as the gate lets it in; undefined: nobody. */
export function personHere({ guardBy }: Pick<OAuthWiring, "guardBy">): (view: RequestView) => MaybePromise<Principal | undefined> {
  const check = guardBy({ methods: ["session"] });
  return (view) => {
    const decision = check(view);
    if (isPromise(decision)) return decision.then((made) => (made.allowed ? made.principal : undefined));
    return decision.allowed ? decision.principal : undefined;
  };
}
