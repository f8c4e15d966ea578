import { type ChangeWatch, type Clock, isPromise, type Store, type Verified } from "../../contracts/index.ts";
import type { ChangeTables } from "./table.ts";

/** The watch that the guard reads, and the hand that tells it of changes made here. */
export interface Changes extends ChangeWatch {
  /** Something this node changed, durable by now: what was verified of it before is stale from this call on. */
  apply(changedId: string): void;
  /** Calls the listener for each change, of this node and of others. It must not throw. */
  onChange(listener: (changedId: string) => void): void;
  /**
   * Calls the listener with each changed id, of this node and of others, before anything is judged again; with undefined
   * when some may have been missed, because they were removed before they were read. Called once while wiring.
   */
  listen(listener: (changedId: string | undefined) => void): void;
  /** Begins to listen. Rejects with a Fault when the store does not answer. */
  start(): Promise<void>;
  stop(): void;
}

interface ChangeOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Nothing cached is served once the feed has not been heard of for this long. */
  readonly silenceMs: number;
  readonly onFault: (error: unknown) => void;
}

const pullEveryMs = 1_000;
/** The changed id that stands for all of them. */
const everything = "*";
/** Beyond this many remembered changes, everything verified so far is declared stale instead: bounded memory. */
const mostRemembered = 100_000;

/**
 * Keeps the version at which each id last changed. Changes of other nodes arrive by the store's signal and by a pull
 * every second; on SQLite by a look at the file's version, at most once a millisecond.
 */
export function createChanges({ store, clock, silenceMs, onFault }: ChangeOptions): Changes {
  const changedIn = new Map<string, number>();
  let version = 1;
  let staleBefore = 0;
  const listeners: ((changedId: string | undefined) => void)[] = [];
  let lastSeq = 0;
  let heardAt = clock.now();
  let lookedAt = 0;
  let pulling: Promise<void> | undefined;
  let stopSignal: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  const database = store.database<ChangeTables>();
  const newer = store.prepare(database.selectFrom("latchkey_change").select(["seq", "changed_id"]).where("seq", ">", 0).orderBy("seq"));

  function apply(changedId: string): void {
    version += 1;
    if (changedIn.size >= mostRemembered || changedId === everything) {
      changedIn.clear();
      staleBefore = version;
    }
    changedIn.set(changedId, version);
    for (const listener of listeners) listener(changedId);
  }

  function takeIn(rows: readonly { readonly seq: number; readonly changed_id: string }[], at: number): void {
    // Numbers have no gap but where old rows were removed.
    if (rows[0] !== undefined && rows[0].seq > lastSeq + 1) {
      apply(everything);
      for (const listener of listeners) listener(undefined);
    }
    for (const row of rows) {
      apply(row.changed_id);
      lastSeq = row.seq;
    }
    heardAt = at;
  }

  /** Reads what is new; at once where the store answers at once. */
  function pull(at: number): void {
    if (pulling !== undefined) return;
    try {
      const rows = newer(lastSeq);
      if (!isPromise(rows)) return takeIn(rows, at);
      pulling = rows
        .then((list) => takeIn(list, clock.now()))
        .catch(onFault)
        .finally(() => (pulling = undefined));
    } catch (error) {
      onFault(error);
    }
  }

  return {
    get version() {
      return version;
    },
    apply,
    onChange: (listener) => void listeners.push((changedId) => (changedId === undefined ? undefined : listener(changedId))),
    listen: (listener) => void listeners.push(listener),
    look(at) {
      if (at === lookedAt) return;
      lookedAt = at;
      const committed = store.committedElsewhere();
      if (committed === true) pull(at);
      else if (committed === false) heardAt = at;
    },
    unchanged(verified: Verified, sinceVersion: number) {
      if (sinceVersion === version) return true;
      if (sinceVersion < staleBefore) return false;
      const { principal, sessionId, grantId, sources } = verified;
      const changedAfter = (id: string | undefined) => id !== undefined && (changedIn.get(id) ?? 0) > sinceVersion;
      return (
        !changedAfter(principal.credentialId) &&
        !changedAfter(principal.subject) &&
        !changedAfter(sessionId) &&
        !changedAfter(grantId) &&
        sources?.some(changedAfter) !== true
      );
    },
    live: (at) => at - heardAt <= silenceMs,
    async start() {
      const [latest] = await database.selectFrom("latchkey_change").select("seq").orderBy("seq", "desc").limit(1).execute();
      lastSeq = latest?.seq ?? 0;
      heardAt = clock.now();
      stopSignal = store.onCommit(() => pull(clock.now()));
      timer = setInterval(() => pull(clock.now()), pullEveryMs).unref();
    },
    stop() {
      stopSignal?.();
      clearInterval(timer);
    },
  };
}
