import { readFileSync, statSync } from "node:fs";
import { OptionFault } from "../../contracts/index.ts";

/** What holds at an instant. `onFault` is told why it could not be renewed. */
export type Renewed<T> = (at: number, onFault: (error: unknown) => void) => T;

const lookEveryMs = 1_000;

/**
 * What a file says, read again once it has changed; looked at at most once a second. A file that has become unreadable or
 * malformed leaves what was known as it was, and is told once for each change: what was revoked stays so, and nobody is
 * shut out by a slip. Throws what `read` throws, or an OptionFault when the file cannot be read at the start.
 */
export function renewedFrom<T>(option: string, file: string, read: (content: Buffer) => T): Renewed<T> {
  let stamp = stampOf(file);
  let known = read(contentOf(option, file));
  let lookAt = 0;
  return (at, onFault) => {
    if (at < lookAt) return known;
    lookAt = at + lookEveryMs;
    const now = stampOf(file);
    if (now === stamp) return known;
    stamp = now;
    try {
      known = read(contentOf(option, file));
    } catch (error) {
      onFault(error);
    }
    return known;
  };
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

function contentOf(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new OptionFault(option, { got: file, allowed: "the path of a file that can be read", example: '"/etc/latchkey/clients.pem"' });
  }
}
