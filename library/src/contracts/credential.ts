import type { Secret } from "../primitives/index.ts";

/** What `read` found in a request: typed by method, not yet believed. */
export interface Credential {
  /** Name of the method that read it. */
  readonly method: string;
  /** The proof as presented. The guard digests it for its cache; it is never logged. */
  readonly secret: Secret;
  /** The HTTP authentication scheme it came by (`Bearer`), or undefined for another header or a cookie. */
  readonly scheme: string | undefined;
  /** What an operator may see of it, e.g. `lk_live_…`. Never enough to use it. */
  readonly hint: string;
}
