import type { Headers } from "../headers.ts";

/** What every minter answers with, whatever the credential is. */
export interface MintedCredential {
  /** To send it with a request. */
  readonly headers: Headers;
  /** What the guard makes of it under a rule that asks for nothing: `allowed`, or the code of the refusal. */
  readonly outcome: string;
}
