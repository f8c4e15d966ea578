import { Fault, isPromise, isRefusal, type MaybePromise, OptionFault, type Refusal, type Store } from "../../contracts/index.ts";
import type { Directory, User } from "../directory.ts";
import type { AccountTables } from "../table.ts";
import type { Hasher } from "./hasher.ts";
import { passwordRefusals } from "./refusals.ts";
import { judgeNewPassword, type RuleParts } from "./rules.ts";
import { readPassword } from "./text.ts";

/** Whose address it was, if anybody's, and why the password does not let that person in; without a refusal it does. */
export type Checked = { readonly user: User; readonly refusal: undefined } | { readonly user: User | undefined; readonly refusal: Refusal };

/** What signing in by password needs; the passwords themselves never leave this room. */
export interface Passwords {
  /**
   * Whether this is the password of the user with this address, who is not disabled. Takes as long whether or not there
   * is such a user, and refuses all alike to the outside. What is no text, or over 1024 bytes, is refused before hashing.
   */
  check(claim: { readonly email: unknown; readonly password: unknown }): Promise<Checked>;
  /** Whether this is the password of the user with this id: to change it, or to confirm a dangerous act. */
  isRight(userId: string, password: unknown): Promise<boolean>;
  /** Whether a new password may be chosen by the person with this address; undefined: it may. */
  judge(password: unknown, email: string | undefined): Promise<Refusal | undefined>;
  /** The hash to store of a new password, or why it may not be chosen. */
  choose(password: unknown, email: string | undefined): Promise<string | Refusal>;
  /** The same for a program that chooses: throws an OptionFault, which never shows it, for one that may not be chosen. */
  prepare(password: string, email: string | undefined): Promise<string>;
}

interface PasswordParts extends RuleParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly hasher: Hasher;
  /** An app that keeps the passwords itself: asked instead of our own table. */
  readonly verifyElsewhere: ((user: User, password: string) => MaybePromise<boolean>) | undefined;
  /** What that costs where there is no such user. */
  readonly verifyNobodyElsewhere: ((password: string) => Promise<unknown>) | undefined;
  readonly onFault: (error: unknown) => void;
}

export function createPasswords(parts: PasswordParts): Passwords {
  const { store, directory, hasher, verifyElsewhere, verifyNobodyElsewhere } = parts;
  const find = store.prepare(store.database<AccountTables>().selectFrom("latchkey_password").select("hash").where("user_id", "=", ""), {
    atMostOne: true,
  });

  const hashOf = async (userId: string): Promise<string | undefined> => {
    const rows = find(userId);
    return (isPromise(rows) ? await rows : rows)[0]?.hash;
  };

  /** Undefined: there is nothing to compare with. As much work for every user, the unknown one included. */
  async function compare(user: User | undefined, text: string, received: string): Promise<boolean | undefined> {
    if (user !== undefined && verifyElsewhere !== undefined) return (await verifyElsewhere(user, text)) === true;
    if (user === undefined && verifyElsewhere !== undefined && verifyNobodyElsewhere !== undefined) {
      await verifyNobodyElsewhere(text);
      return undefined;
    }
    const hash = await hashOf(user?.id ?? "");
    if (user === undefined || hash === undefined) {
      await hasher.verifyNobody(text);
      return undefined;
    }
    const right = await hasher.verify(hash, text, received);
    if (right && hasher.isOutdated(hash)) await strengthen(user.id, hash, text);
    return right;
  }

  /** A new hash of the same password, unless somebody changed it meanwhile. Signing in does not fail by it. */
  async function strengthen(userId: string, old: string, text: string): Promise<void> {
    try {
      const hash = await hasher.hash(text);
      await store.write<AccountTables, void>(async (transaction) => {
        await transaction.updateTable("latchkey_password").set({ hash }).where("user_id", "=", userId).where("hash", "=", old).execute();
      });
    } catch (error) {
      if (!(error instanceof Fault && error.code === "LATCHKEY_PASSWORD_QUEUE_FULL")) parts.onFault(error);
    }
  }

  async function choose(password: unknown, email: string | undefined): Promise<string | Refusal> {
    return (await judgeNewPassword(password, email, parts)) ?? hasher.hash(readPassword(password)!);
  }

  return {
    async check({ email, password }) {
      const text = readPassword(password);
      if (text === undefined || typeof email !== "string") return { user: undefined, refusal: passwordRefusals.malformed() };
      // An app that verifies elsewhere hashes nothing here.
      if (verifyElsewhere === undefined) hasher.refuseWhenFull();
      const user = await directory.findByEmail(email);
      const right = await compare(user, text, password as string);
      if (user === undefined) return { user, refusal: passwordRefusals["unknown-user"]() };
      const refusal = refusalOf(user, right);
      return refusal === undefined ? { user, refusal } : { user, refusal };
    },
    async isRight(userId, password) {
      const text = readPassword(password);
      if (text === undefined) return false;
      return (await compare(await directory.find(userId), text, password as string)) === true;
    },
    judge: (password, email) => judgeNewPassword(password, email, parts),
    choose,
    async prepare(password, email) {
      const chosen = await choose(password, email);
      if (!isRefusal(chosen)) return chosen;
      const allowed = `8 to 256 characters, none of the common passwords, not made of names (${chosen.code})`;
      throw new OptionFault("password", { got: {}, allowed, example: '"four words that nobody says"' });
    },
  };
}

/** Disabled comes last, so that who does not know the password learns nothing of it. */
function refusalOf(user: User, right: boolean | undefined): Refusal | undefined {
  if (right === undefined) return passwordRefusals.none({ about: { subject: user.id }, detail: `${user.id} has no password` });
  if (!right) return passwordRefusals.wrong({ about: { subject: user.id }, detail: `the password of ${user.id} is another one` });
  return user.disabledAt === undefined
    ? undefined
    : passwordRefusals["user-disabled"]({ about: { subject: user.id }, detail: `${user.id} is disabled` });
}
