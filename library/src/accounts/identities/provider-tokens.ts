import type { Kysely } from "kysely";
import { type Clock, Fault, type ProviderTokens, type Store } from "../../contracts/index.ts";
import type { Sealer } from "../../primitives/index.ts";
import { sealContext } from "./record.ts";
import { claimRenewal, findIdentity, type IdentityRow, type IdentityTables, listOfUser, releaseRenewal, replaceTokens } from "./table.ts";

interface TokenParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly renew: (provider: string, tokens: ProviderTokens) => Promise<ProviderTokens | undefined>;
}

/** A token that ends within this time is renewed first: it must last for the call that it is for. */
const marginMs = 60_000;
/** Longer than a provider may take, for its metadata and its tokens, each 10 seconds, and clocks may differ. Whoever dies with it blocks nobody for longer. */
const claimMs = 60_000;
/** The longest that one waits for somebody else's renewal. */
const waitMs = 30_000;
const lookEveryMs = 50;

/**
 * A fresh access token, of the identity with this subject or the one that was used last. Many providers take a refresh token once
 * only, so two who renewed at once would end the grant: in this process they share one renewal, among nodes one claims it in the
 * row itself, which all of them have, and the others look until its result is there.
 */
export function createProviderTokens(
  parts: TokenParts,
): (userId: string, provider: string, which?: { readonly subject?: string | undefined }) => Promise<string | undefined> {
  const { store, clock, sealer } = parts;
  const database = store.database<IdentityTables>();
  const find = findIdentity(store);
  const running = new Map<string, Promise<string | undefined>>();

  function open(row: IdentityRow): ProviderTokens | undefined {
    const text = row.tokens === null ? undefined : sealer.open(row.tokens, sealContext(row));
    return text === undefined ? undefined : (JSON.parse(text) as ProviderTokens);
  }

  const write = (job: (transaction: Kysely<IdentityTables>) => Promise<boolean>) => store.write<IdentityTables, boolean>(job);
  const isFresh = (row: IdentityRow): boolean => row.tokens_expire_at === null || row.tokens_expire_at - marginMs > clock.now();

  /** The same identity as it is now, while it is still of the same user. */
  async function lookAgain(row: IdentityRow): Promise<IdentityRow | undefined> {
    const now = await find(row);
    return now?.user_id === row.user_id ? now : undefined;
  }

  /** Where it is renewed, or was renewed by somebody else. */
  async function renewed(stale: IdentityRow): Promise<string | undefined> {
    for (let waited = 0; waited < waitMs; waited += lookEveryMs) {
      const row = await lookAgain(stale);
      const tokens = row === undefined ? undefined : open(row);
      if (row === undefined || tokens === undefined) return undefined;
      if (isFresh(row)) return tokens.accessToken;
      const at = clock.now();
      const until = at + claimMs;
      if (await write((transaction) => claimRenewal(transaction, row, at, until))) return renewAlone(row, tokens, until);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    throw new Fault("LATCHKEY_PROVIDER_UNAVAILABLE", `${stale.provider} did not renew a token in time.`);
  }

  async function renewAlone(row: IdentityRow, tokens: ProviderTokens, until: number): Promise<string | undefined> {
    let next: ProviderTokens | undefined;
    try {
      next = tokens.refreshToken === undefined ? undefined : await parts.renew(row.provider, tokens);
    } catch (error) {
      await write((transaction) => releaseRenewal(transaction, row, until));
      throw error;
    }
    const values = {
      tokens: next === undefined ? null : sealer.seal(JSON.stringify(next), sealContext(row)),
      tokens_expire_at: next?.expiresAt ?? null,
    };
    if (await write((transaction) => replaceTokens(transaction, row, values))) return next?.accessToken;
    // The person signed in again meanwhile: what came of that counts.
    const now = await lookAgain(row);
    return now === undefined ? undefined : open(now)?.accessToken;
  }

  return async (userId, provider, { subject } = {}) => {
    const all = await listOfUser(database, userId);
    const row = all.find((one) => one.provider === provider && (subject === undefined || one.subject === subject));
    if (row === undefined || row.tokens === null) return undefined;
    if (isFresh(row)) return open(row)?.accessToken;
    const name = `${userId} ${sealContext(row)}`;
    const known = running.get(name);
    if (known !== undefined) return known;
    const work = renewed(row).finally(() => running.delete(name));
    running.set(name, work);
    return work;
  };
}
