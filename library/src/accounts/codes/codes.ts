import type { AuditEntry, AuditTrail, Clock, Store } from "../../contracts/index.ts";
import { type DerivedKey, keyedSha256 } from "../../primitives/index.ts";
import { newCode, readCode } from "./code.ts";
import { type CodePurpose, type CodeRow, findCode, type MailedCodeTables, putCode } from "./table.ts";

/** Codes that prove that somebody reads the mail of an address. */
export interface MailedCodes {
  /** Makes a code, durable when it resolves; it is in this answer only. An older one of the same purpose is of no more use. */
  issue(code: NewCode, entry: AuditEntry): Promise<string>;
  /** What was typed, if it is a code in force of one of these purposes. Its digest is what `claimCode` takes. */
  find(typed: unknown, purposes: readonly CodePurpose[]): Promise<CodeRow | undefined>;
  /** Minutes that a code of this purpose is good for. */
  minutesOf(purpose: CodePurpose): number;
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
  /** Newest first. */
  readonly keys: readonly [DerivedKey, ...DerivedKey[]];
}

const minutes: Readonly<Record<CodePurpose, number>> = { reset: 30, "sign-in": 10, confirm: 120, verify: 24 * 60 };

export function createMailedCodes({ store, clock, trail, keys }: CodeParts): MailedCodes {
  const database = store.database<MailedCodeTables>();
  return {
    async issue({ purpose, userId, email, emailKey, browser = "" }, entry) {
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
      await store.write<MailedCodeTables, void>(async (transaction) => {
        await putCode(transaction, row);
        await trail.record(transaction, entry);
      });
      return code;
    },
    async find(typed, purposes) {
      const code = readCode(typed);
      if (code === undefined) return undefined;
      for (const { key } of keys) {
        const row = await findCode(database, keyedSha256(key, code), clock.now());
        if (row !== undefined) return purposes.includes(row.purpose) ? row : undefined;
      }
      return undefined;
    },
    minutesOf: (purpose) => minutes[purpose],
  };
}
