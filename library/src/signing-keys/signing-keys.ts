import type { Kysely } from "kysely";
import { type ActedBy, type AuditTrail, type Clock, Fault, isPromise, type MaybePromise, type Store } from "../contracts/index.ts";
import { type JsonObject, type JwsAlgorithm, type Sealer, type SigningKey, type VerificationKey } from "../primitives/index.ts";
import { makeKey, openSigningKey, openVerificationKey, sealContext } from "./make.ts";
import { isPublished, type SigningKeyRecord, stagesAt } from "./stages.ts";
import { allKeys, deleteKeys, insertKey, keyDatabase, type SigningKeyRow, type SigningKeyTables, updateKey, withdrawKey } from "./table.ts";

export interface SigningKeyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly trail: AuditTrail;
  /** The algorithm where none is asked for. */
  readonly algorithm: JwsAlgorithm;
  /** How long a key signs. */
  readonly rotateMs: number;
  /** How long a key is published before it signs, so that verifiers that keep a key set know it by then. */
  readonly leadMs: number;
  /** Longest life of a token. */
  readonly longestMs: number;
  /** Runs the job in a transaction that tells every node of these changes when it answers true. */
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<SigningKeyTables>) => Promise<boolean>) => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
}

/** `auth.signingKeys`, and what issuers and verifiers of tokens are given. */
export interface SigningKeys {
  readonly algorithm: JwsAlgorithm;
  /**
   * The key that signs now, made at the first use. Synchronous while the key set was confirmed lately; rejects with a Fault
   * when this node cannot know any more which key that is.
   */
  signer(algorithm?: JwsAlgorithm): MaybePromise<SigningKey>;
  /** The published key of this id, whatever it is used for. */
  find(keyId: string): MaybePromise<VerificationKey | undefined>;
  /** The public keys as a JWK set (RFC 7517 s.5): those that sign, will sign, or have signed what is still valid. */
  published(): MaybePromise<JsonObject>;
  list(): Promise<readonly SigningKeyRecord[]>;
  /** Makes the successor of the current key; it signs once verifiers had time to fetch it. */
  rotate(algorithm?: JwsAlgorithm, by?: ActedBy): Promise<SigningKeyRecord>;
  /** Withdraws a key: what it signed is refused from now on, and another one signs at once. False: nothing to withdraw. */
  retire(id: string, by?: ActedBy): Promise<boolean>;
}

/** The changed id by which nodes tell each other that the key set is another one. */
export const keysChanged = "signing-keys";

const confirmEveryMs = 30_000;
/** Least time between two looks for an unknown id: anybody can send one. */
const lookAgainMs = 1_000;

const byProgram: ActedBy = { actor: undefined, method: undefined, origin: undefined };

function toldOf(action: "signing-key.created" | "signing-key.withdrawn", row: SigningKeyRow, by: ActedBy) {
  return { action, outcome: "done", ...by, subject: undefined, credentialId: row.id, detail: `${row.algorithm} ${row.generation}` };
}

interface Known {
  readonly row: SigningKeyRow;
  readonly verify: VerificationKey;
  signing: SigningKey | undefined;
}

/** The keys of the house. `start` reads them and keeps them in step; `changed` is called for each change of the feed. */
export function createSigningKeys(
  parts: SigningKeyParts,
): SigningKeys & { start(): Promise<void>; stop(): void; changed(changedId: string): void } {
  const { store, clock, sealer, leadMs, longestMs } = parts;
  let known = new Map<string, Known>();
  let byAlgorithm = new Map<JwsAlgorithm, SigningKeyRow[]>();
  let confirmedAt = -Infinity;
  let reading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function take(rows: readonly SigningKeyRow[], at: number): void {
    const next = new Map<string, Known>();
    for (const row of rows) {
      const before = known.get(row.id);
      next.set(row.id, { row, verify: before?.verify ?? openVerificationKey(row, sealer), signing: before?.signing });
    }
    known = next;
    byAlgorithm = groupRows(rows);
    confirmedAt = at;
  }

  /** Reads the set once for all who ask meanwhile. */
  function read(): Promise<void> {
    const at = clock.now();
    reading ??= allKeys(keyDatabase(store))
      .then((rows) => take(rows, at))
      .finally(() => (reading = undefined));
    return reading;
  }

  /** Reads it as it is after a write: what is being read already may have begun before. */
  const readAnew = async (): Promise<void> => {
    await reading?.catch(() => undefined);
    await read();
  };

  const stages = (algorithm: JwsAlgorithm, at: number) => stagesAt(byAlgorithm.get(algorithm) ?? [], at);

  function currentKey(algorithm: JwsAlgorithm, at: number): SigningKey | undefined {
    const record = stages(algorithm, at).find(({ state }) => state === "current");
    const key = record === undefined ? undefined : known.get(record.id);
    return key === undefined ? undefined : (key.signing ??= openSigningKey(key.row, sealer));
  }

  async function confirmedSigner(algorithm: JwsAlgorithm): Promise<SigningKey> {
    // Past the lead, another node may have rotated: only the store knows who signs.
    await read();
    const at = clock.now();
    if (stages(algorithm, at).length === 0) await addGeneration(algorithm, at);
    await maintain(at).catch(parts.onFault);
    const key = currentKey(algorithm, at);
    if (key === undefined) throw new Fault("LATCHKEY_STORE_BUSY", `No ${algorithm} key signs yet.`);
    return key;
  }

  /** Inserts the generation after the newest; where another node was faster, its key is taken. */
  async function addGeneration(algorithm: JwsAlgorithm, signsFrom: number, by = byProgram): Promise<SigningKeyRow> {
    const generation = (byAlgorithm.get(algorithm)?.at(-1)?.generation ?? 0) + 1;
    const row = await makeKey({ algorithm, generation, created_at: clock.now(), signs_from: signsFrom, longest_ms: longestMs }, sealer);
    await parts.change([keysChanged], async (transaction) => {
      if (!(await insertKey(transaction, row))) return false;
      await parts.trail.record(transaction, toldOf("signing-key.created", row, by));
      return true;
    });
    await readAnew();
    return byAlgorithm.get(algorithm)!.find((one) => one.generation === generation)!;
  }

  /** Makes successors in time, lets go of keys that no token needs, seals again under a new master secret. */
  async function maintain(at: number): Promise<void> {
    for (const [algorithm, rows] of byAlgorithm) {
      const newest = rows.findLast((row) => row.withdrawn_at === null);
      const due = newest === undefined ? at : newest.signs_from + parts.rotateMs;
      if (at >= due - leadMs && newest !== undefined) await addGeneration(algorithm, Math.max(due, at + leadMs));
    }
    const rows = [...known.values()].map(({ row }) => row);
    const old = rows.filter((row) => !sealer.isCurrent(row.sealed) && sealer.open(row.sealed, sealContext(row.id)) !== undefined);
    const short = rows.filter((row) => row.longest_ms < longestMs && row.withdrawn_at === null);
    const gone = [...byAlgorithm.values()].flatMap((list) => stagesAt(list, at)).filter((key) => isGone(key, at, longestMs));
    if (old.length + short.length + gone.length === 0) return;
    await parts.change([keysChanged], async (transaction) => {
      for (const row of old) {
        await updateKey(transaction, row.id, { sealed: sealer.seal(sealer.open(row.sealed, sealContext(row.id))!, sealContext(row.id)) });
      }
      for (const row of short) await updateKey(transaction, row.id, { longest_ms: longestMs });
      if (gone.length > 0)
        await deleteKeys(
          transaction,
          gone.map(({ id }) => id),
        );
      return true;
    });
    await readAnew();
  }

  const isFresh = (at: number) => at - confirmedAt <= leadMs && reading === undefined;

  return {
    algorithm: parts.algorithm,
    signer(algorithm = parts.algorithm) {
      const at = clock.now();
      return (isFresh(at) ? currentKey(algorithm, at) : undefined) ?? confirmedSigner(algorithm);
    },
    find(keyId) {
      const at = clock.now();
      const find = (): VerificationKey | undefined => {
        const key = known.get(keyId);
        const record = key === undefined ? undefined : stages(key.row.algorithm, at).find(({ id }) => id === keyId);
        return record !== undefined && isPublished(record, at) ? key!.verify : undefined;
      };
      // While a change is being read, what is known may be a withdrawn key. A store that is away lets the known set stand.
      if (reading !== undefined) return reading.catch(() => undefined).then(find);
      const found = find();
      if (found !== undefined || at - confirmedAt < lookAgainMs) return found;
      return read().then(find);
    },
    published() {
      const at = clock.now();
      const set = (): JsonObject => {
        const keys = [...byAlgorithm.values()].flatMap((rows) => stagesAt(rows, at)).filter((key) => isPublished(key, at));
        return { keys: keys.flatMap(({ id }) => publicJwk(known.get(id)!.row)) };
      };
      const signer = byAlgorithm.size === 0 ? confirmedSigner(parts.algorithm) : undefined;
      return signer === undefined ? set() : signer.then(set);
    },
    async list() {
      await read();
      return [...byAlgorithm.values()].flatMap((rows) => stagesAt(rows, clock.now()));
    },
    async rotate(algorithm = parts.algorithm, by = byProgram) {
      await confirmedSigner(algorithm);
      const at = clock.now();
      const waiting = stages(algorithm, at).find(({ state }) => state === "next");
      const id = waiting?.id ?? (await addGeneration(algorithm, at + leadMs, by)).id;
      return stages(algorithm, at).find((key) => key.id === id)!;
    },
    async retire(id, by = byProgram) {
      await read();
      const algorithm = known.get(id)?.row.algorithm;
      if (algorithm === undefined) return false;
      const at = clock.now();
      const key = stages(algorithm, at).find((one) => one.id === id)!;
      const waiting = stages(algorithm, at).find((one) => one.state === "next" && one.id !== id);
      if (key.state === "current" && waiting === undefined) await addGeneration(algorithm, at, by);
      // Everything verified so far is judged again: which tokens this key signed is not written anywhere.
      const done = await parts.change([keysChanged, "*"], async (transaction) => {
        if (!(await withdrawKey(transaction, id, at))) return false;
        if (key.state === "current" && waiting !== undefined) await updateKey(transaction, waiting.id, { signs_from: at });
        await parts.trail.record(transaction, toldOf("signing-key.withdrawn", known.get(id)!.row, by));
        return true;
      });
      await readAnew();
      return done;
    },
    async start() {
      await read();
      await maintain(clock.now()).catch(parts.onFault);
      timer = setInterval(() => {
        read()
          .then(() => maintain(clock.now()))
          .catch(parts.onFault);
      }, confirmEveryMs).unref();
    },
    stop: () => clearInterval(timer),
    changed(changedId) {
      if (changedId !== keysChanged) return;
      const now = read();
      if (isPromise(now)) now.catch(parts.onFault);
    },
  };
}

function isGone(key: SigningKeyRecord, at: number, longestMs: number): boolean {
  if (key.publishedUntil === undefined || key.state === "next" || key.state === "current") return false;
  // A withdrawn one stays in the list for a while, so that the operator sees it.
  return at >= key.publishedUntil + (key.state === "withdrawn" ? longestMs + 86_400_000 : 0);
}

function publicJwk(row: SigningKeyRow): JsonObject[] {
  return row.public_jwk === null ? [] : [{ ...(JSON.parse(row.public_jwk) as JsonObject), kid: row.id, alg: row.algorithm, use: "sig" }];
}

function groupRows(rows: readonly SigningKeyRow[]): Map<JwsAlgorithm, SigningKeyRow[]> {
  const groups = new Map<JwsAlgorithm, SigningKeyRow[]>();
  for (const row of rows) groups.set(row.algorithm, [...(groups.get(row.algorithm) ?? []), row]);
  return groups;
}
