import type { MaybePromise } from "./promise.ts";
import type { Refusal } from "./refusal.ts";

/** Somebody who has proved nothing begins something that is kept here until it is gone on with, or its time is over. */
export interface Opening {
  /** The client's address, through trusted proxies only; "" when unknown. */
  readonly address: string;
  readonly at: number;
}

/** Bounds what strangers can make us keep: every one of it is counted by address, also what they go on with. */
export interface Openings {
  /** Before anything is kept. Undefined: go on. */
  take(opening: Opening): MaybePromise<Refusal | undefined>;
}
