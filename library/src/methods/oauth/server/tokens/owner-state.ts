/** Whether the owner of a token may act, and what it is: asked of the accounts. */
export type OwnerState = ActiveOwner | { readonly state: "disabled" } | { readonly state: "unknown" };

export interface ActiveOwner {
  readonly state: "active";
  readonly roles: readonly string[];
  readonly passwordChangedAt: number | undefined;
}
