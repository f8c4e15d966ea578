import type { ApiKeyRecord, Latchkey } from "latchkey";
import { type Finding, good, problem, warning } from "./finding.ts";

const mostKeys = 10_000;
const longUnusedMs = 90 * 86_400_000;

/** What the data tells: asked where the data is. */
export async function dataFindings(auth: Latchkey, at: number): Promise<readonly Finding[]> {
  const keys = await keysInForce(auth, at);
  return [await auditLog(auth), neverExpiring(keys), longUnused(keys, at)];
}

async function auditLog(auth: Latchkey): Promise<Finding> {
  const practice = "the audit log is whole";
  const verdict = await auth.audit.verify();
  if (verdict.sound) return good(practice, `${verdict.rows} events, each chained to the one before`);
  return problem(
    practice,
    `event ${verdict.seq} of ${JSON.stringify(verdict.writer)}: ${verdict.reason}`,
    "Somebody wrote into the database. Compare with a backup: latchkey audit list --ndjson",
  );
}

function neverExpiring(keys: readonly ApiKeyRecord[]): Finding {
  const practice = "credentials expire";
  const endless = keys.filter(({ expiresAt }) => expiresAt === undefined || expiresAt === null);
  if (endless.length === 0) return good(practice, `${counted(keys.length)} in force, each with an end`);
  return warning(
    practice,
    `${counted(endless.length)} without an end: ${named(endless)}`,
    "latchkey key rotate ID, and --expires 90d for new ones",
  );
}

function longUnused(keys: readonly ApiKeyRecord[], at: number): Finding {
  const practice = "what nobody uses is revoked";
  const idle = keys.filter(({ createdAt, lastUsedAt }) => at - (lastUsedAt ?? createdAt) > longUnusedMs);
  if (idle.length === 0) return good(practice, "every key was used or made in the last 90 days");
  return warning(practice, `${counted(idle.length)} unused for 90 days: ${named(idle)}`, "latchkey key revoke ID");
}

/** The newest of them, at most `mostKeys`. */
async function keysInForce(auth: Latchkey, at: number): Promise<readonly ApiKeyRecord[]> {
  const keys: ApiKeyRecord[] = [];
  for (let before: string | undefined; keys.length < mostKeys;) {
    const page = await auth.apiKeys.list({ limit: 1_000, ...(before === undefined ? {} : { before }) });
    keys.push(...page);
    if (page.length < 1_000) break;
    before = page.at(-1)!.id;
  }
  return keys.filter(({ revokedAt, expiresAt }) => revokedAt === undefined && (expiresAt === undefined || expiresAt > at));
}

const counted = (count: number): string => `${count} ${count === 1 ? "key" : "keys"}`;

function named(keys: readonly ApiKeyRecord[]): string {
  const first = keys.slice(0, 3).map(({ id, name }) => `${id} (${name})`);
  return keys.length > 3 ? `${first.join(", ")}, …` : first.join(", ");
}
