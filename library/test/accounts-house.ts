import { wireAccounts, type Accounts } from "../src/wiring/index.ts";
import { accountTables, identityTables } from "../src/accounts/index.ts";
import type { AccountTables } from "../src/accounts/table.ts";
import { type AuditEntry, defineRefusals, type SignInAttempt } from "../src/contracts/index.ts";
import type { LatchkeyOptions } from "../src/index.ts";
import { readOptions } from "../src/options.ts";
import { createChanges } from "../src/policies/revocation/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";

/** The cheapest argon2 that there is: tests hash much and guard nothing. */
export const weakPasswords = { memoryKiB: 8, passes: 1, weakForTests: true } as const;

export const testRefusals = defineRefusals("test", { limited: { status: 429, title: "Too many." } });

/** The accounts alone, with what they tell their neighbours written down. */
export interface AccountsHouse {
  readonly accounts: Accounts;
  readonly admitted: SignInAttempt[];
  readonly passed: SignInAttempt[];
  readonly notes: AuditEntry[];
  readonly recorded: AuditEntry[];
  readonly changed: string[];
  /** What is stored of a user's password. */
  hashOf(userId: string): Promise<string | undefined>;
  /** How many passwords were hashed so far. */
  hashes(): number;
  /** The limits refuse the next attempt. */
  refuseNext(): void;
  setNow(at: number): void;
  close(): Promise<void>;
}

export async function openAccounts(options: Partial<LatchkeyOptions> = {}): Promise<AccountsHouse> {
  let now = Date.parse("2026-11-24T00:00:00Z");
  const settings = readOptions({
    issuer: "https://api.example.com",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    passwords: weakPasswords,
    onFault: (error) => {
      throw error;
    },
    ...options,
  });
  await settings.store.migrate([accountTables, identityTables]);
  const admitted: SignInAttempt[] = [];
  const passed: SignInAttempt[] = [];
  const notes: AuditEntry[] = [];
  const recorded: AuditEntry[] = [];
  const changed: string[] = [];
  let refusing = false;
  const accounts = await wireAccounts({
    settings,
    change: async (id, job) => {
      const done = await settings.store.write(job);
      if (done) changed.push(id);
      return done;
    },
    trail: {
      record: async (_, entry) => void recorded.push(entry),
      note: (entry) => void notes.push(entry),
    },
    mail: { on: false, later: () => false, put: async () => undefined },
    changes: createChanges({ store: settings.store, clock: settings.clock, silenceMs: 5_000, onFault: settings.onFault }),
    limits: {
      admit(attempt) {
        admitted.push(attempt);
        const refusal = refusing ? testRefusals.limited() : undefined;
        refusing = false;
        return refusal;
      },
      passed: (attempt) => void passed.push(attempt),
      remember: () => undefined,
      deviceToken: ({ account }) => `device of ${account}`,
    },
  });
  return {
    accounts,
    admitted,
    passed,
    notes,
    recorded,
    changed,
    async hashOf(userId) {
      const query = settings.store.database<AccountTables>().selectFrom("latchkey_password").select("hash").where("user_id", "=", userId);
      return (await query.executeTakeFirst())?.hash;
    },
    hashes: () => accounts.hashQueue().begun,
    refuseNext: () => (refusing = true),
    setNow: (at) => (now = at),
    close: () => settings.store.close(),
  };
}
