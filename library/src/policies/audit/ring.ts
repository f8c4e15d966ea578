import type { Attempt, DecisionEvent, Principal, Verified } from "../../contracts/index.ts";

interface Slot {
  at: number;
  httpMethod: string;
  target: string;
  address: string;
  fromCache: boolean;
  checks: readonly string[];
  principal: Principal | undefined;
}

/** Longer request ids are not found again; those that we make are shorter. */
const idLength = 40;

/**
 * The last allowed decisions, in memory: made once, overwritten in turn, so that a warm request allocates nothing here.
 * Nor does it keep a text of the request alive: ids are copied as codes, and a text is stored only where it differs from
 * the one that was there. The garbage collector would carry thousands of them along otherwise.
 */
export interface Ring {
  put(attempt: Attempt, verified: Verified, fromCache: boolean, checks: readonly string[]): void;
  find(requestId: string): DecisionEvent | undefined;
}

export function createRing(size: number): Ring {
  const slots = Array.from({ length: size }, (): Slot => ({
    at: 0,
    httpMethod: "",
    target: "",
    address: "",
    fromCache: false,
    checks: [],
    principal: undefined,
  }));
  const ids = new Uint16Array(size * idLength);
  let next = 0;
  return {
    put(attempt, verified, fromCache, checks) {
      const { view, address } = attempt;
      const { target } = view;
      const slot = slots[next]!;
      writeId(ids, next * idLength, view.requestId);
      next = next + 1 === size ? 0 : next + 1;
      slot.at = attempt.at;
      slot.httpMethod = view.method;
      if (slot.target !== target) slot.target = target;
      if (slot.address !== address) slot.address = address;
      slot.fromCache = fromCache;
      slot.checks = checks;
      slot.principal = verified.principal;
    },
    find(requestId) {
      if (requestId === "" || requestId.length > idLength) return undefined;
      const sought = new Uint16Array(idLength);
      writeId(sought, 0, requestId);
      const slot = slots.find((_, index) => sought.every((code, place) => code === ids[index * idLength + place]));
      return slot === undefined ? undefined : allowedEvent(requestId, slot);
    },
  };
}

function writeId(ids: Uint16Array, from: number, id: string): void {
  const length = id.length > idLength ? 0 : id.length;
  for (let place = 0; place < idLength; place += 1) ids[from + place] = place < length ? id.charCodeAt(place) : 0;
}

function allowedEvent(requestId: string, slot: Slot): DecisionEvent {
  return {
    requestId,
    at: slot.at,
    outcome: "allowed",
    detail: undefined,
    httpMethod: slot.httpMethod,
    path: slot.target.split("?", 1)[0]!,
    address: slot.address,
    userAgent: undefined,
    seen: [`${slot.principal?.method ?? ""} ${slot.principal?.credentialId ?? ""}`],
    checks: slot.checks,
    fromCache: slot.fromCache,
    principal: slot.principal,
  };
}
