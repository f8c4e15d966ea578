import type { Kysely } from "kysely";
import type { Clock, MaybePromise, Store } from "../contracts/index.ts";
import { signJws, type SigningKey } from "../primitives/index.ts";
import { blocksInList, createBits, listSize } from "./bits.ts";
import { createDraw } from "./draw.ts";
import { packStatusList, statusListType } from "./list-token.ts";
import { insertRevoked, reserveBlock, revokedAfter, type StatusListTables } from "./table.ts";

export interface StatusListParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Where lists are published: `<base>/<number>`. */
  readonly base: string;
  readonly signer: () => MaybePromise<SigningKey>;
  /** Longest life of a token that is given an index. */
  readonly longestMs: number;
  /** How long a verifier may keep a list: the age of a revocation when it is heard of outside. */
  readonly ttlSeconds: number;
}

/** Which tokens are revoked, one bit each, and the lists that tell verifiers outside. */
export interface StatusLists {
  /** An index for a new token, which no other token has. */
  draw(): MaybePromise<number>;
  /** What stands in the token (Token Status List s.6.2). */
  reference(position: number): { readonly status_list: { readonly idx: number; readonly uri: string } };
  isRevoked(position: number): boolean;
  /** In the transaction of the revocation; false when it was revoked already. */
  revoke<Tables>(transaction: Kysely<Tables>, position: number, expiresAt: number): Promise<boolean>;
  /** Takes in a revocation that is durable. */
  apply(position: number): void;
  /** Reads what is revoked: at the start, and when changes may have been missed. */
  load(): Promise<void>;
  /** The signed list, made again when it has changed or half its time is over. Undefined: there is none of this number. */
  publish(list: number): MaybePromise<string | undefined>;
  readonly ttlSeconds: number;
  /** Bytes held for revoked tokens. */
  readonly byteLength: number;
}

const pageSize = 50_000;
/** A node forgets the bits of blocks whose tokens have all expired. */
const forgetEveryMs = 3_600_000;
/** A node changes to a fresh block after a day, so that old ones can be let go of. */
const useMs = 86_400_000;

interface Published {
  readonly token: string;
  readonly version: number;
  readonly freshUntil: number;
}

export function createStatusLists(parts: StatusListParts): StatusLists {
  const { store, clock, ttlSeconds } = parts;
  const bits = createBits();
  /** How often each list has changed. */
  const versions = new Map<number, number>();
  const published = new Map<number, Published>();
  const making = new Map<number, Promise<string>>();
  let highest = -1;
  let forgotAt = clock.now();

  /** Below the oldest block that is still of use, nothing is asked for any more. */
  async function forgetOld(at: number): Promise<void> {
    if (at - forgotAt < forgetEveryMs) return;
    forgotAt = at;
    const row = await store
      .database<StatusListTables>()
      .selectFrom("latchkey_status_block")
      .select("block")
      .where("ends_at", ">=", at)
      .orderBy("block")
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) bits.forgetBelow(row.block);
  }

  const listOf = (position: number) => Math.floor(position / listSize);
  const uriOf = (list: number) => `${parts.base}/${list}`;
  const draw = createDraw({
    reserve: () => reserveBlock(store, clock.now(), clock.now() + useMs + parts.longestMs),
    now: () => clock.now(),
    useMs,
  });

  function apply(position: number): void {
    if (bits.has(position)) return;
    bits.add(position);
    const list = listOf(position);
    versions.set(list, (versions.get(list) ?? 0) + 1);
  }

  async function make(list: number): Promise<string> {
    const version = versions.get(list) ?? 0;
    const at = clock.now();
    const issuedAt = Math.floor(at / 1_000);
    const status_list = await packStatusList(bits.listBytes(list));
    const key = await parts.signer();
    const claims = { sub: uriOf(list), iat: issuedAt, exp: issuedAt + 2 * ttlSeconds, ttl: ttlSeconds, status_list };
    const token = signJws(claims, statusListType, key);
    published.set(list, { token, version, freshUntil: at + ttlSeconds * 500 });
    return token;
  }

  async function exists(list: number): Promise<boolean> {
    if (list <= highest) return true;
    const row = await store
      .database<StatusListTables>()
      .selectFrom("latchkey_status_block")
      .select("block")
      .orderBy("block", "desc")
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) highest = Math.floor(row.block / blocksInList);
    return list <= highest;
  }

  return {
    draw,
    ttlSeconds,
    reference: (position) => ({ status_list: { idx: position % listSize, uri: uriOf(listOf(position)) } }),
    isRevoked: (position) => bits.has(position),
    async revoke<Tables>(transaction: Kysely<Tables>, position: number, expiresAt: number) {
      const at = clock.now();
      await forgetOld(at);
      return insertRevoked(transaction as unknown as Kysely<StatusListTables>, position, expiresAt, at);
    },
    apply,
    async load() {
      const at = clock.now();
      for (let after = -1; ;) {
        const rows = await revokedAfter(store, after, at, pageSize);
        for (const { position } of rows) apply(position);
        if (rows.length < pageSize) return;
        after = rows.at(-1)!.position;
      }
    },
    publish(list) {
      const known = published.get(list);
      if (known !== undefined && known.version === (versions.get(list) ?? 0) && clock.now() < known.freshUntil) return known.token;
      return exists(list).then((there) => {
        if (!there) return undefined;
        const under = making.get(list) ?? make(list).finally(() => making.delete(list));
        making.set(list, under);
        return under;
      });
    },
    get byteLength() {
      return bits.byteLength;
    },
  };
}
