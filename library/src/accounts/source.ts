import { Fault, type MaybePromise, OptionFault } from "../contracts/index.ts";
import { within } from "../primitives/index.ts";
import type { Directory, User } from "./directory.ts";
import { normalizeEmail } from "./email.ts";

/** A user of an app that keeps them itself. */
export interface SourceUser {
  /** Any text without spaces, at most 200 characters; never given to somebody else later. */
  readonly id: string;
  readonly email: string;
  readonly emailVerified?: boolean;
  /** True: may not do anything. */
  readonly disabled?: boolean;
  /** Roles that the app gives, beside those granted by `auth.roles`. */
  readonly roles?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * An app's own users: Latchkey keeps credentials only and refers to the app's ids. Tell `auth.users.changed(id)` when
 * somebody's roles, state or password changed there, so that nothing cached outlives it.
 */
export interface UserSource {
  findById(id: string): MaybePromise<SourceUser | undefined | null>;
  /** The address in its normal form: lower case, domain in ASCII. */
  findByEmail(email: string): MaybePromise<SourceUser | undefined | null>;
  /** Where the app keeps the passwords too. Only `true` lets anybody in; it has ten seconds. Left out: Latchkey keeps them. */
  verifyPassword?(user: SourceUser, password: string): MaybePromise<boolean>;
  /**
   * Called in its place for an address that nobody has, so that this takes as long: compare with a hash of nobody, of the same
   * kind and cost. What it answers lets nobody in. Left out: one argon2id of the configured cost.
   */
  verifyNobody?(password: string): MaybePromise<unknown>;
  /** Makes a user, for registration, with the address in its normal form. Left out: nobody registers here. */
  create?(user: { readonly email: string }): MaybePromise<SourceUser>;
  /**
   * Keeps that the user has proved to read the mail of this address: the one it has, or another one that replaces it. Answer
   * false when somebody else has it. Left out: addresses are confirmed and changed in the app only.
   */
  setVerifiedEmail?(id: string, email: string): MaybePromise<boolean | void>;
}

const answersWithinMs = 10_000;

/** Checks the option. Throws an OptionFault. */
export function checkSource(source: UserSource | undefined): UserSource | undefined {
  if (source === undefined) return undefined;
  for (const name of ["findById", "findByEmail", "verifyPassword", "verifyNobody", "create", "setVerifiedEmail"] as const) {
    const wanted = name === "findById" || name === "findByEmail";
    if (typeof source[name] === "function" || (source[name] === undefined && !wanted)) continue;
    throw new OptionFault(`users.${name}`, { got: source[name], allowed: "a function", example: "users: { findById, findByEmail }" });
  }
  return source;
}

/** Looks users up in the app's table. A source that throws, or does not answer, is a Fault: nobody is let in. */
export function sourceDirectory(source: UserSource): Directory {
  return {
    find: async (id) => {
      const found = await askSource("findById", () => source.findById(id));
      return found?.id === id ? sourceUser(found) : undefined;
    },
    findByEmail: async (email) => {
      const key = normalizeEmail(email);
      if (key === undefined) return undefined;
      const found = await askSource("findByEmail", () => source.findByEmail(key));
      // A database that compares loosely (accents, width, trailing spaces) may give somebody else.
      return found !== undefined && found !== null && normalizeEmail(found.email) === key ? sourceUser(found) : undefined;
    },
    stands: () => Promise.resolve(true),
    ...(source.setVerifiedEmail === undefined
      ? {}
      : { tellVerified: async (id, email) => (await askSource("setVerifiedEmail", () => source.setVerifiedEmail!(id, email))) !== false }),
  };
}

/** The app's own comparison of passwords, always awaited and only believed when it says `true`. */
export function sourceVerifier(source: UserSource): ((user: User, password: string) => Promise<boolean>) | undefined {
  if (source.verifyPassword === undefined) return undefined;
  return async (user, password) => {
    const found = await askSource("findById", () => source.findById(user.id));
    if (found?.id !== user.id) return false;
    return (await askSource("verifyPassword", () => source.verifyPassword!(found, password))) === true;
  };
}

/** The app's own work for nobody; undefined where it has none. */
export function sourceNobody(source: UserSource): ((password: string) => Promise<unknown>) | undefined {
  if (source.verifyNobody === undefined) return undefined;
  return (password) => askSource("verifyNobody", () => source.verifyNobody!(password));
}

/** Makes a user in the app's table; undefined where the app lets nobody register here. */
export function createInSource(source: UserSource): ((email: string) => Promise<User>) | undefined {
  if (source.create === undefined) return undefined;
  return async (email) => sourceUser(await askSource("create", () => source.create!({ email })));
}

/** Runs one function of the source; whatever is wrong with it becomes a Fault. */
async function askSource<T>(name: string, ask: () => MaybePromise<T>): Promise<T> {
  try {
    return await within(answersWithinMs, ask);
  } catch (cause) {
    throw new Fault("LATCHKEY_USERS_UNAVAILABLE", `users.${name} of the app failed.`, { cause });
  }
}

function sourceUser(found: SourceUser): User {
  if (typeof found.id !== "string" || !/^[^\s\p{Cc}]{1,200}$/u.test(found.id))
    throw new Fault(
      "LATCHKEY_USERS_UNAVAILABLE",
      "The app's source gave a user without a usable id: a text of 1 to 200 characters without spaces.",
    );
  return {
    id: found.id,
    email: found.email,
    emailVerified: found.emailVerified === true,
    // When is not known, and nobody asks: disabled it is.
    disabledAt: found.disabled === true ? 0 : undefined,
    metadata: found.metadata ?? {},
    createdAt: undefined,
    ownRoles: found.roles ?? [],
  };
}
