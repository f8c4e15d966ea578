import { close, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import { Fault } from "../../contracts/index.ts";

const sync = promisify(fdatasync);

/** Makes what was committed durable, without blocking the event loop. */
export interface WalSync {
  /** Resolves when every commit made before the call is on the disk. Rejects for ever once it could not be done. */
  sync(): Promise<void>;
  close(): void;
}

/**
 * Syncs the write-ahead log in the thread pool. The writer runs with synchronous=NORMAL: a commit appends its frames to
 * the log and does not wait; SQLite itself syncs the log before a checkpoint copies from it, the database before the log is
 * begun again, and the header of a log that begins again (sqlite.org/pragma.html#pragma_synchronous), so that the order
 * on the disk is right at any power cut. What is missing is only that an acknowledged commit is there: frames are
 * appended in the order of commits and recovery takes them up to the last whole one, so one sync after the commit makes
 * it and all before it durable. If a checkpoint came in between, they are in the database already, and synced there.
 */
export function createWalSync(file: string): WalSync {
  let descriptor: number | undefined;
  let failed: Fault | undefined;
  return {
    async sync() {
      if (failed !== undefined) throw failed;
      try {
        // The log is there since the first commit, and stays while the writer is open.
        await sync((descriptor ??= openSync(`${file}-wal`, "r+")));
      } catch (cause) {
        // What the kernel could not write it may have thrown away: a later sync that succeeds proves nothing.
        failed = new Fault("LATCHKEY_STORE_UNAVAILABLE", "The write-ahead log could not be synced; open the store again.", { cause });
        throw failed;
      }
    },
    close() {
      if (descriptor !== undefined) close(descriptor);
    },
  };
}
