import type { MaybePromise, Refusal } from "../../../../contracts/index.ts";
import type { KnownClient } from "../clients/index.ts";
import type { Described } from "../metadata.ts";
import type { RequestParameters } from "../parameters.ts";

/** Where an authorization request may come from, beside the URL itself: pushed before (RFC 9126), or signed (RFC 9101). */
export interface RequestSource extends Described {
  /** The parameters that count instead of those in the URL; undefined: not my kind of request. A refusal is shown to the person. */
  read(sent: RequestParameters, client: KnownClient): MaybePromise<RequestParameters | Refusal | undefined>;
  /** A person decided: the request is used up. A refusal when it was used up before. */
  finish?(sent: RequestParameters): MaybePromise<Refusal | undefined>;
}
