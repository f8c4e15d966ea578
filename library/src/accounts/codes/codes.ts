import type { Kysely } from "kysely";
import type { ActedBy, AuditTrail, Clock, Letter, Mail, Store } from "../../contracts/index.ts";
import { doneTo } from "../act.ts";
import { type DerivedKey, keyedSha256 } from "../../primitives/index.ts";
import { newCode, readCode } from "./code.ts";
import { type CodePurpose, type CodeRow, findCode, type MailedCodeTables, putCode } from "./table.ts";

/** Codes that prove that somebody reads the mail of an address. */
export interface MailedCodes {
  /** Makes a code and the letter with it, in this transaction. An older one of the same purpose is of no more use. */
  put<Tables>(transaction: Kysely<Tables>, code: NewCode, by: ActedBy): Promise<void>;
  /** The same in a transaction of its own: durable when it resolves. */
  send(code: NewCode, by: ActedBy): Promise<void>;
  /** What was typed, if it is a code in force of one of these purposes. Its digest is what `claimCode` takes. */
  find(typed: unknown, purposes: readonly CodePurpose[]): Promise<CodeRow | undefined>;
}

export interface NewCode {
  readonly purpose: CodePurpose;
  readonly userId: string;
  readonly email: string;
  readonly emailKey: string;
  readonly browser?: string;
}

interface CodeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly mail: Mail;
  /** Newest first. */
  readonly keys: readonly [DerivedKey, ...DerivedKey[]];
}

const minutes: Readonly<Record<CodePurpose, number>> = { reset: 30, "sign-in": 10, confirm: 120, verify: 24 * 60 };

const letterOf = {
  reset: "reset-password",
  "sign-in": "sign-in",
  confirm: "confirm-email",
  verify: "verify-email",
} as const satisfies Readonly<Record<CodePurpose, Letter["about"]>>;

export function createMailedCodes({ store, clock, trail, mail, keys }: CodeParts): MailedCodes {
  const database = store.database<MailedCodeTables>();

  async function put<Tables>(transaction: Kysely<Tables>, { purpose, userId, email, emailKey, browser = "" }: NewCode, by: ActedBy) {
    const code = newCode();
    const at = clock.now();
    const row: CodeRow = {
      user_id: userId,
      purpose,
      digest: keyedSha256(keys[0].key, readCode(code)!),
      email,
      email_key: emailKey,
      browser,
      created_at: at,
      expires_at: at + minutes[purpose] * 60_000,
    };
    await putCode(transaction as unknown as Kysely<MailedCodeTables>, row);
    await mail.put(transaction, userId, { about: letterOf[purpose], to: emailKey, code, minutes: minutes[purpose] });
    await trail.record(transaction, doneTo("mail-code.created", userId, by, purpose));
  }

  return {
    put,
    send: (code, by) => store.write<MailedCodeTables, void>((transaction) => put(transaction, code, by)),
    async find(typed, purposes) {
      const code = readCode(typed);
      if (code === undefined) return undefined;
      for (const { key } of keys) {
        const row = await findCode(database, keyedSha256(key, code), clock.now());
        if (row !== undefined) return purposes.includes(row.purpose) ? row : undefined;
      }
      return undefined;
    },
  };
}
