import type { SqliteHandle } from "./driver.ts";

/** One read transaction for the reads of a turn of the event loop. */
export interface ReadTurn {
  /** Call before a read. */
  join(): void;
  /** What is read from now on sees every commit that was made before this call. */
  end(): void;
}

/**
 * A read on its own takes a lock of the file and frees it: two system calls, which take as long as the look-up. So those of
 * one turn, of all requests that came in together, share a transaction. It ends with the turn, before a write of this process
 * and when one of another is noticed; a request that comes in after a commit is of a later turn.
 *
 * The connection is the one that writes: a commit makes every other one read all its pages anew, its own not.
 */
export function createReadTurn(connection: SqliteHandle): ReadTurn {
  let open = false;
  function end(): void {
    if (!open) return;
    open = false;
    try {
      connection.exec("commit");
    } catch {
      // A read that failed may have ended it.
    }
  }
  return {
    join() {
      if (open) return;
      connection.exec("begin");
      open = true;
      setImmediate(end);
    },
    end,
  };
}
