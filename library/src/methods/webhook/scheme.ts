import type { KeyObject } from "node:crypto";
import type { RequestView } from "../../contracts/index.ts";

/** How one family of senders signs: which headers, what is signed, and what a secret looks like. Syntax only, no I/O. */
export interface WebhookScheme {
  readonly name: string;
  /** The lower-case header that tells that a request is signed this way. */
  readonly header: string;
  /** Finds the parts of a signature; what is wrong with them as a text. `signature` is the value of `header`. */
  read(signature: string, view: RequestView): PresentedSignature | string;
  /** Makes a key of a configured secret. Throws an OptionFault that does not show it. */
  key(secret: string): WebhookKey;
}

/** What a sender presents, not yet believed. */
export interface PresentedSignature {
  /** Its own id of the message, where that is signed; a repetition of it is a replay. */
  readonly messageId: string | undefined;
  /** When it was sent, in milliseconds since the epoch; undefined where the scheme does not say. */
  readonly sentAt: number | undefined;
  /** What is signed before the body, and after it. */
  readonly before: string;
  readonly after: string;
  /** Any one of them is enough: a sender that rotates its secret signs with both. */
  readonly signatures: readonly Signature[];
}

export interface Signature {
  readonly kind: WebhookKey["kind"];
  readonly bytes: Buffer;
}

export type WebhookKey =
  | { readonly kind: "hmac"; readonly hash: "sha256" | "sha384" | "sha512"; readonly key: KeyObject }
  | { readonly kind: "ed25519"; readonly key: KeyObject };
