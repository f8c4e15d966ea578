import type { Letter } from "../contracts/index.ts";

/** What a mail says, before it is set in text or HTML. */
export interface Wording {
  readonly subject: string;
  readonly before: readonly string[];
  /** A page to open, by its path. */
  readonly page?: string;
  readonly code?: string;
  readonly after: readonly string[];
}

const nobodyAsks = "Nobody from us will ever ask you for it.";

/** What each letter says, in the name of the brand. No secret but the code itself, and nothing that a stranger chose. */
export function wordingOf(letter: Letter, brand: string): Wording {
  return "code" in letter ? asking(letter, brand) : telling(letter, brand);
}

/** Of something that is to be done with a code. */
function asking(letter: Extract<Letter, { readonly code: string }>, brand: string): Wording {
  switch (letter.about) {
    case "verify-email":
      return {
        subject: `Confirm your e-mail address for ${brand}`,
        before: [`welcome to ${brand}. Please confirm that this address is yours: sign in, open`],
        page: "email/verify",
        code: letter.code,
        after: [
          `The code works once, for ${spanOf(letter.minutes)}. ${nobodyAsks}`,
          "If you have not made an account, you can ignore this mail.",
        ],
      };
    case "confirm-email":
      return {
        subject: `Confirm your new e-mail address for ${brand}`,
        before: [`this address is to become that of an account at ${brand}. To confirm it, stay signed in, open`],
        page: "email/verify",
        code: letter.code,
        after: [
          `The code works once, for ${spanOf(letter.minutes)}. ${nobodyAsks}`,
          "If you have not asked for this, you can ignore this mail.",
        ],
      };
    case "reset-password":
      return {
        subject: `Choose a new password for ${brand}`,
        before: [`somebody, hopefully you, asked for a new password for your account at ${brand}. If it was you, open`],
        page: "password/reset",
        code: letter.code,
        after: [
          `The code works once, for ${spanOf(letter.minutes)}. ${nobodyAsks}`,
          "If it was not you, there is nothing to do: your password stays as it is.",
        ],
      };
    case "sign-in":
      return {
        subject: `Your code to sign in to ${brand}`,
        before: [`here is your code to sign in to ${brand}. Enter it in the browser where you asked for it, at`],
        page: "login/code",
        code: letter.code,
        after: [
          `The code works once, for ${spanOf(letter.minutes)}. ${nobodyAsks}`,
          "If you have not asked for it, you can ignore this mail.",
        ],
      };
  }
}

/** Of something that has happened. */
function telling(letter: Exclude<Letter, { readonly code: string }>, brand: string): Wording {
  switch (letter.about) {
    case "address-taken":
      return {
        subject: `You have an account at ${brand} already`,
        before: [
          `somebody, perhaps you, wanted to use this address for an account at ${brand}. It has one already, and nothing about it was changed.`,
          "If you do not remember the password, choose a new one at",
        ],
        page: "password/forgot",
        after: ["If it was not you, there is nothing to do."],
      };
    case "password-reset":
      return {
        subject: `Your password for ${brand} was changed`,
        before: [
          `the password of your account at ${brand} was just changed by a code that was mailed to this address, and all devices were signed out.`,
          "If it was not you, somebody can read your mail. Secure your mailbox first, then choose a new password at",
        ],
        page: "password/forgot",
        after: [],
      };
    case "password-changed":
      return {
        subject: `Your password for ${brand} was changed`,
        before: [
          `the password of your account at ${brand} was just changed by somebody who knew the old one, and other devices were signed out.`,
          "If it was not you, choose a new password at once at",
        ],
        page: "password/forgot",
        after: [],
      };
    case "email-changed":
      return {
        subject: `The e-mail address of your account at ${brand} was changed`,
        before: [`your account at ${brand} has another address now: ${letter.newEmail}. Mails about it no longer come here.`],
        after: ["If it was not you, tell us at once: somebody can act as you."],
      };
    case "identity-linked":
      return {
        subject: `${letter.provider} was connected to your account at ${brand}`,
        before: [`you can sign in to your account at ${brand} with ${letter.provider} from now on. You can disconnect it at`],
        page: "account",
        after: ["If it was not you, disconnect it and change your password."],
      };
    case "key-leaked":
      return {
        subject: `A key of your account at ${brand} was revoked`,
        before: [
          `the key "${letter.keyName}" of your account at ${brand} was found where others can read it. It was revoked at once: whatever uses it is refused from now on.`,
          "Take it out of where it stands, and make another one at",
        ],
        page: "account",
        after: ["Whoever read it may have used it until now. If you see something that you have not done, tell us."],
      };
  }
}

function spanOf(minutes: number): string {
  return minutes >= 120 && minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`;
}
