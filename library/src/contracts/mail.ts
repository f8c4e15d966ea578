/** A mail that a room wants sent; its words are the business of the room `mail`. */
export type Letter = { readonly to: string } & (
  | { readonly about: "verify-email" | "confirm-email" | "reset-password" | "sign-in"; readonly code: string; readonly minutes: number }
  | { readonly about: "address-taken" | "password-reset" }
  | { readonly about: "email-changed"; readonly newEmail: string }
  | { readonly about: "identity-linked"; readonly provider: string }
);

/** The way to people's mailboxes, as other rooms see it. */
export interface Mail {
  /** False: nothing is sent from here, and whoever asks for a mail is told so. */
  readonly on: boolean;
  /**
   * Runs the errand later and sends the letter that it answers, if any: whoever is answered meanwhile learns nothing from
   * how long that takes. Bounded: false when too many wait already. Never throws; what goes wrong is told to the operator.
   */
  later(errand: () => Promise<Letter | undefined>): boolean;
}
