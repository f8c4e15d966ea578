import { Fault, OptionFault } from "../../contracts/index.ts";
import type { SessionShelf } from "./shelf.ts";

/** What an app keeps for one session: a JSON object. */
export type SessionValues = Readonly<Record<string, unknown>>;

/** The values as they were read, and which version of them that is. */
export interface SessionData {
  readonly version: number;
  readonly values: SessionValues;
}

/** Reads and writes what an app keeps for a session. No write is lost, and none brings a session back that has ended. */
export interface SessionDataStore {
  /** Undefined: the session has ended. */
  read(id: string): Promise<SessionData | undefined>;
  /** Writes over this version only; false: somebody else wrote meanwhile, or the session has ended. */
  write(id: string, version: number, values: SessionValues): Promise<boolean>;
  /**
   * Reads, changes and writes, again from the start as long as somebody else was first: `change` must do nothing but make the
   * new values of the old. Undefined: the session has ended.
   */
  update(id: string, change: (values: SessionValues) => SessionValues): Promise<SessionData | undefined>;
}

const longest = 64 * 1024;
const mostTries = 50;

export function createSessionData(shelf: SessionShelf): SessionDataStore {
  async function read(id: string): Promise<SessionData | undefined> {
    const kept = await shelf.readData(id);
    return kept === undefined ? undefined : { version: kept.version, values: JSON.parse(kept.text) as SessionValues };
  }
  const write = async (id: string, version: number, values: SessionValues) => shelf.writeData(id, { version, text: written(values) });
  return {
    read,
    write,
    async update(id, change) {
      for (let tries = 0; tries < mostTries; tries += 1) {
        const data = await read(id);
        if (data === undefined) return undefined;
        const values = change(data.values);
        if (await write(id, data.version, values)) return { version: data.version + 1, values };
      }
      throw new Fault("LATCHKEY_STORE_BUSY", "The data of the session kept changing while it was being written.");
    },
  };
}

function written(values: SessionValues): string {
  const object = typeof values === "object" && values !== null && !Array.isArray(values);
  const text = object ? JSON.stringify(values) : "";
  if (object && Buffer.byteLength(text) <= longest) return text;
  throw new OptionFault("values", { got: {}, allowed: `an object of at most ${longest} bytes as JSON`, example: '{ cart: ["book"] }' });
}
