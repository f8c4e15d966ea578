// passport-openidconnect without Express: one request, and what the strategy makes of it.
import { createRequire } from "node:module";

interface Strategy {
  authenticate(request: object): void;
}
type NewStrategy = new (options: object, verify: (...given: unknown[]) => void) => Strategy;

/** Answers the URL that the browser is sent to, or the profile of who came back. `session`: what is kept in between. */
export function runPassport(options: object, session: object, query: Record<string, string>): Promise<unknown> {
  const OpenIdStrategy = createRequire(import.meta.url)("passport-openidconnect") as NewStrategy;
  return new Promise((resolve, reject) => {
    const strategy = new OpenIdStrategy(options, (...given) => (given.at(-1) as (error: unknown, user: unknown) => void)(null, given[1]));
    Object.assign(strategy, {
      success: resolve,
      redirect: resolve,
      error: reject,
      fail: (challenge: unknown) => reject(new Error(JSON.stringify(challenge))),
    });
    strategy.authenticate({ query, session, headers: {}, url: "/", connection: {} });
  });
}
