import type { Attempt, DecisionEvent, Principal, Verified } from "../../contracts/index.ts";

interface Slot {
  requestId: string;
  at: number;
  httpMethod: string;
  target: string;
  address: string;
  fromCache: boolean;
  checks: readonly string[];
  principal: Principal | undefined;
}

/** The last allowed decisions, in memory: made once, overwritten in turn, so that a warm request allocates nothing here. */
export interface Ring {
  put(attempt: Attempt, verified: Verified, fromCache: boolean, checks: readonly string[]): void;
  find(requestId: string): DecisionEvent | undefined;
}

export function createRing(size: number): Ring {
  const slots = Array.from({ length: size }, (): Slot => ({
    requestId: "",
    at: 0,
    httpMethod: "",
    target: "",
    address: "",
    fromCache: false,
    checks: [],
    principal: undefined,
  }));
  let next = 0;
  return {
    put(attempt, verified, fromCache, checks) {
      const slot = slots[next]!;
      next = next + 1 === size ? 0 : next + 1;
      slot.requestId = attempt.view.requestId;
      slot.at = attempt.at;
      slot.httpMethod = attempt.view.method;
      slot.target = attempt.view.target;
      slot.address = attempt.address;
      slot.fromCache = fromCache;
      slot.checks = checks;
      slot.principal = verified.principal;
    },
    find(requestId) {
      const slot = slots.find((candidate) => candidate.requestId === requestId);
      return slot === undefined ? undefined : allowedEvent(slot);
    },
  };
}

function allowedEvent(slot: Slot): DecisionEvent {
  return {
    requestId: slot.requestId,
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
