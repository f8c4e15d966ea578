/**
 * `url`: not https, or with a name and password in it. `unresolved`: the name has no address. `address`: it leads to where
 * nothing may be fetched from. `timeout`, `too-large`: past the limit. `encoding`: compressed, though nobody asked for it.
 * `network`: no connection, no TLS, or an answer cut short.
 */
export type OutboundProblem = "url" | "unresolved" | "address" | "timeout" | "too-large" | "encoding" | "network";

/** A request that was not made, or got no whole answer. Says nothing of what the other side sent. */
export class OutboundError extends Error {
  readonly problem: OutboundProblem;

  constructor(problem: OutboundProblem, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "OutboundError";
    this.problem = problem;
  }
}
