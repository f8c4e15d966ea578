import type { Attempt, DecisionEvent, Principal, Verified } from "../../contracts/index.ts";

/** Longer request ids are not found again; those that we make are shorter. */
const idLength = 40;
/** Its length and its codes. */
const idSize = 1 + idLength;

/**
 * The last allowed decisions, in memory: made once, overwritten in turn, so that a warm request allocates nothing here.
 * Nor does it keep a text of the request alive: ids are copied as codes, and a text is stored only where it differs from
 * the one that was there. The garbage collector would carry thousands of them along otherwise. Lists side by side and not
 * a list of objects, so that what one request touches lies beside what the last one has.
 */
export interface Ring {
  put(attempt: Attempt, verified: Verified, fromCache: boolean, checks: readonly string[]): void;
  find(requestId: string): DecisionEvent | undefined;
}

export function createRing(size: number): Ring {
  const ids = new Uint16Array(size * idSize);
  const times = new Float64Array(size);
  const remembered = new Uint8Array(size);
  const listOf = <T>(value: T): T[] => Array.from({ length: size }, () => value);
  const methods = listOf("");
  const targets = listOf("");
  const addresses = listOf("");
  const checkLists = listOf<readonly string[]>([]);
  const principals = listOf<Principal | undefined>(undefined);
  let next = 0;

  function allowedEvent(requestId: string, slot: number): DecisionEvent {
    const principal = principals[slot];
    return {
      requestId,
      at: times[slot]!,
      outcome: "allowed",
      detail: undefined,
      httpMethod: methods[slot]!,
      path: targets[slot]!.split("?", 1)[0]!,
      address: addresses[slot]!,
      userAgent: undefined,
      seen: [`${principal?.method ?? ""} ${principal?.credentialId ?? ""}`],
      checks: checkLists[slot]!,
      fromCache: remembered[slot] === 1,
      principal,
    };
  }

  return {
    put({ view, address, at }, { principal }, fromCache, checks) {
      const slot = next;
      next = slot + 1 === size ? 0 : slot + 1;
      writeId(ids, slot * idSize, view.requestId);
      times[slot] = at;
      remembered[slot] = fromCache ? 1 : 0;
      methods[slot] = view.method;
      if (targets[slot] !== view.target) targets[slot] = view.target;
      if (addresses[slot] !== address) addresses[slot] = address;
      checkLists[slot] = checks;
      principals[slot] = principal;
    },
    find(requestId) {
      if (requestId === "" || requestId.length > idLength) return undefined;
      const sought = new Uint16Array(1 + requestId.length);
      writeId(sought, 0, requestId);
      for (let slot = 0; slot < size; slot += 1)
        if (sought.every((code, place) => code === ids[slot * idSize + place])) return allowedEvent(requestId, slot);
      return undefined;
    },
  };
}

function writeId(ids: Uint16Array, from: number, id: string): void {
  const length = id.length > idLength ? 0 : id.length;
  ids[from] = length;
  for (let place = 0; place < length; place += 1) ids[from + 1 + place] = id.charCodeAt(place);
}
