import type { Decision, MaybePromise, Method, Principal, RequestView, Rule, RuleOptions } from "../contracts/index.ts";
import { createForwardAuth, type ForwardAuth } from "../endpoints/index.ts";
import { type Tokens, tokenSourceOf } from "../methods/jwt/index.ts";
import type { Settings } from "../options.ts";
import { addressMatcher } from "../policies/address/index.ts";

interface ForwardAuthWiring {
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly methods: readonly Method[];
  readonly compile: (options: RuleOptions) => Rule;
  readonly check: (view: RequestView, rule: Rule) => MaybePromise<Decision>;
}

/** The gate for proxies; answers nothing where it is turned off. */
export function wireForwardAuth({ settings, tokens, methods, compile, check }: ForwardAuthWiring): ForwardAuth {
  const { forwardAuth, issuer, clock, trustProxy, onWarning } = settings;
  if (forwardAuth === undefined) return () => undefined;
  const { audience, expiresIn } = forwardAuth;
  return createForwardAuth({
    settings: forwardAuth,
    issuer,
    clock,
    trusted: addressMatcher(trustProxy, "trustProxy"),
    onWarning,
    // A signature over a request covers a body that the proxy keeps.
    methods: methods.filter(({ reusable }) => reusable).map(({ name }) => name),
    compile,
    check,
    issue: (principal) =>
      tokens.issue({
        // What the client's token is bound to, nobody behind the proxy could prove.
        principal: { ...principal, confirmation: undefined },
        audience,
        expiresIn,
        ...tokenSourceOf(principal),
        ...(isInPerson(principal) ? { inPerson: true } : { scopes: principal.scopes }),
      }),
  });
}

/** The person itself, not what acts in its name: scopes do not apply to it behind the proxy either. */
function isInPerson({ method, kind, claims }: Principal): boolean {
  return method === "session" || (method === "jwt" && kind === "user" && claims["scope"] === undefined);
}
