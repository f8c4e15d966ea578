import type { Attempt, Verified } from "../../contracts/index.ts";

/** How often one credential was used within one minute. */
export interface Use {
  readonly credentialId: string;
  readonly minute: number;
  readonly uses: number;
  readonly lastAt: number;
  readonly lastAddress: string;
}

const minuteMs = 60_000;
/** Credentials and minutes that are held between two flushes; beyond, a use is counted as lost. */
const most = 50_000;

/** Counts uses in memory, so that no request waits for a write. */
export interface UseCounter {
  count(verified: Verified, attempt: Attempt): void;
  /** Takes out what was counted. */
  drain(): Use[];
  /** Puts back what could not be written. */
  putBack(uses: readonly Use[]): void;
  /** Uses that could not be counted because too many credentials were. */
  readonly lost: number;
}

type Mutable = { -readonly [Key in keyof Use]: Use[Key] };

export function createUseCounter(): UseCounter {
  let current = new Map<string, Mutable>();
  let waiting: Use[] = [];
  let lost = 0;

  function keepOver(use: Use): void {
    if (waiting.length < most) waiting.push(use);
    else lost += use.uses;
  }

  return {
    get lost() {
      return lost;
    },
    count(verified, { at, address }) {
      const { credentialId } = verified.principal;
      const use = current.get(credentialId);
      if (use !== undefined && at - use.minute < minuteMs) {
        use.uses += 1;
        use.lastAt = at;
        use.lastAddress = address;
        return;
      }
      if (use !== undefined) keepOver(use);
      if (current.size < most || use !== undefined)
        current.set(credentialId, { credentialId, minute: at - (at % minuteMs), uses: 1, lastAt: at, lastAddress: address });
      else lost += 1;
    },
    drain() {
      const uses = [...waiting, ...current.values()];
      waiting = [];
      current = new Map();
      return uses;
    },
    putBack(uses) {
      for (const use of uses) keepOver(use);
    },
  };
}
