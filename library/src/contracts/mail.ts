import type { Kysely } from "kysely";

/** A mail that a room wants sent; its words are the business of the room `mail`. */
export type Letter = { readonly to: string } & (
  | { readonly about: "verify-email" | "confirm-email" | "reset-password" | "sign-in"; readonly code: string; readonly minutes: number }
  | { readonly about: "address-taken" | "password-reset" | "password-changed" }
  | { readonly about: "email-changed"; readonly newEmail: string }
  | { readonly about: "identity-linked"; readonly provider: string }
  | { readonly about: "key-leaked"; readonly keyName: string }
);

/** The way to people's mailboxes, as other rooms see it. */
export interface Mail {
  /** False: nothing is sent from here, and whoever asks for a mail is told so. */
  readonly on: boolean;
  /**
   * Runs the errand later: whoever is answered meanwhile learns nothing from how long that takes, or from whether it puts a
   * letter. Bounded: false when too many wait already. Never throws; what goes wrong is told to the operator.
   */
  later(errand: () => Promise<void>): boolean;
  /**
   * Puts a letter into the outbox in the transaction of the act that it tells of: both are durable, or neither. It is sealed,
   * sent once the transaction has ended, and tried again for as long as its code is good. A letter with a code takes the place
   * of an older one to the same user that waits. Nothing where no mail is sent.
   */
  put<Tables>(transaction: Kysely<Tables>, userId: string, letter: Letter): Promise<void>;
}
