import type { MaybePromise } from "./promise.ts";

/** Whether the owner of a credential may act, and what it is: the accounts tell it, and methods that know nothing about accounts ask. */
export type OwnerState = ActiveOwner | { readonly state: "disabled" } | { readonly state: "unknown" };

export interface ActiveOwner {
  readonly state: "active";
  readonly roles: readonly string[];
  /** When the password was last chosen: what was begun with an older one ends. Undefined: there is none here. */
  readonly passwordChangedAt?: number | undefined;
}

/** Asked by the id of the owner. */
export type OwnerStates = (id: string) => MaybePromise<OwnerState>;
