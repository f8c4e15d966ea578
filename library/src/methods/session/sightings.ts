import type { SessionShelf } from "./shelf.ts";
import type { Sighting, StoredSession } from "./record.ts";

/** Notes when sessions were last seen, and writes it in batches: no request waits for it. */
export interface Sightings {
  note(sighting: Sighting): void;
  /** When this session ends, by what is kept and what is not yet written. */
  endsAt(session: StoredSession): number;
  /** Makes what was noted durable. */
  flush(): Promise<void>;
}

/** Beyond this many between two flushes, the next ones are not noted: those sessions are seen again soon. */
const most = 50_000;
/** Few enough that nothing else waits long for the writer. */
const writtenAtOnce = 100;

export function createSightings(shelf: SessionShelf): Sightings {
  let noted = new Map<string, Sighting>();
  let writing = new Map<string, Sighting>();
  let flushing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    writing = noted;
    noted = new Map();
    const all = [...writing.values()];
    try {
      for (let start = 0; start < all.length; start += writtenAtOnce) await shelf.sight(all.slice(start, start + writtenAtOnce));
      writing = new Map();
    } catch (error) {
      // What could not be written is kept for the next time, under what was noted since.
      noted = new Map([...writing, ...noted]);
      throw error;
    }
  }

  return {
    note(sighting) {
      if (noted.size < most || noted.has(sighting.id)) noted.set(sighting.id, sighting);
    },
    endsAt({ id, endsAt }) {
      return Math.max(endsAt, noted.get(id)?.endsAt ?? 0, writing.get(id)?.endsAt ?? 0);
    },
    flush() {
      flushing = flushing.catch(() => undefined).then(write);
      return flushing;
    },
  };
}
