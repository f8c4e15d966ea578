import {
  after,
  type Allowed,
  type Attempt,
  type ChangeWatch,
  Fault,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Method,
  type Policy,
  type Refusal,
  settled,
} from "../contracts/index.ts";
import type { DecisionCache, Known } from "./cache.ts";
import { createSingleFlight } from "./single-flight.ts";

/** A credential that was not even verified, or was judged bad; and the checks that ran until then. */
export interface Failed {
  readonly refusal: Refusal;
  readonly checks: readonly string[];
}

interface AdmitParts {
  readonly policies: readonly Policy[];
  readonly changes: ChangeWatch;
  readonly cache: DecisionCache;
}

/**
 * Finds out who presents a credential that is not remembered. Parallel requests with one credential share the verification,
 * and those of one client the admission too: each taking a place of the limit of failed attempts, twenty good ones at once
 * would shut out the twenty-first. At once where store and counters answer at once; rejects or throws a Fault.
 */
export function createAdmission({ policies, changes, cache }: AdmitParts) {
  const admitTogether = createSingleFlight<Known | Failed>();
  const verifyTogether = createSingleFlight<Known | Refusal>();
  const admitting = policies.filter((policy) => policy.admit !== undefined);
  const names = admitting.map(({ name }) => name);

  function admit(method: Method, attempt: Attempt): MaybePromise<Known | Failed> {
    const task = () => after(askPolicies(attempt), (failed) => failed ?? verifyAdmitted(method, attempt));
    return method.reusable ? admitTogether(`${method.name} ${attempt.digest} ${attempt.address}`, task) : task();
  }

  function askPolicies(attempt: Attempt, from = 0): MaybePromise<Failed | undefined> {
    for (let index = from; index < admitting.length; index += 1) {
      const failed = (refusal: Refusal): Failed => ({ refusal, checks: names.slice(0, index + 1) });
      const refusal = admitting[index]!.admit!(attempt);
      if (isPromise(refusal)) return refusal.then((made) => (made === undefined ? askPolicies(attempt, index + 1) : failed(made)));
      if (refusal !== undefined) return failed(refusal);
    }
    return undefined;
  }

  function verifyAdmitted(method: Method, attempt: Attempt): MaybePromise<Known | Failed> {
    const task = () => verify(method, attempt);
    return settled(
      () => (method.reusable ? verifyTogether(`${method.name} ${attempt.digest}`, task) : task()),
      (known): MaybePromise<Known | Failed> =>
        isRefusal(known)
          ? after(tell("failed", attempt), () => ({ refusal: known, checks: [...names, "verify"] }))
          : after(tell("passed", attempt), () => known),
      // Nobody guessed wrong: kept, the places would add up and shut out good callers when the store is back.
      (fault) =>
        after(tell("passed", attempt), () => {
          throw fault;
        }),
    );
  }

  function tell(what: "passed" | "failed", attempt: Attempt): MaybePromise<unknown> {
    let told: MaybePromise<unknown>;
    for (const policy of policies) if (policy[what] !== undefined) told = after(told, () => policy[what]!(attempt));
    return told;
  }

  /** What changes while it is being verified makes the answer stale: look again, but not for ever. */
  function verify(method: Method, attempt: Attempt, tries = 3): MaybePromise<Known | Refusal> {
    const sinceVersion = changes.version;
    return after(method.verify(attempt.credential, attempt), (verified): MaybePromise<Known | Refusal> => {
      if (isRefusal(verified)) return verified;
      // A method written in plain JavaScript may answer anything.
      if (verified?.principal === undefined) throw new TypeError(`${method.name} answered neither who it is nor a refusal.`);
      if (!changes.unchanged(verified, sinceVersion)) {
        if (tries > 1) return verify(method, attempt, tries - 1);
        throw new Fault("LATCHKEY_STORE_BUSY", "The credential kept changing while it was being verified.");
      }
      const { principal, answered } = verified;
      const allowed: Allowed = Object.freeze({ allowed: true, principal, remembered: true, rateLimit: undefined, answered });
      const known: Known = { verified, method: method.name, sinceVersion, allowed };
      if (method.reusable) cache.keep(attempt.digest, known);
      return known;
    });
  }

  return admit;
}
