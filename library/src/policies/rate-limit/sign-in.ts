import type { Clock, Limit, Refusal, SignInAttempt, SignInLimits } from "../../contracts/index.ts";
import type { KnownPlaces } from "./known-places.ts";
import { addressBucket, type DerivedKey, sha256 } from "../../primitives/index.ts";
import type { Counters } from "./counters.ts";
import { newDevice, readDevice } from "./device.ts";
import { rateLimitRefusals } from "./refusals.ts";
import { guessLimit, stateOf } from "./state.ts";

/** Failed attempts to sign in. Undefined: not limited. */
export interface SignInBudgets {
  /** For one account, from anywhere. */
  readonly account: Limit | undefined;
  /** From one address (IPv6: one network), for any account. */
  readonly address: Limit | undefined;
  /** For one account from one address. */
  readonly both: Limit | undefined;
  /** For all accounts from everywhere. */
  readonly global: Limit | undefined;
  /** On a device, or from an address, that has signed in to the account before; it is counted by this alone. */
  readonly device: Limit | undefined;
  readonly ipv6Bits: number;
}

interface SignInParts {
  readonly counters: Counters;
  readonly places: KnownPlaces;
  readonly budgets: SignInBudgets;
  readonly clock: Clock;
  /** Keys of the device tokens, newest first. */
  readonly keys: readonly [DerivedKey, ...DerivedKey[]];
}

interface Budget {
  readonly name: string;
  readonly key: string;
  readonly limit: Limit;
}

/**
 * Limits of signing in, taken before the password is looked at, so that parallel guesses cannot pass together. Only what
 * was looked at and found wrong stays taken: a refused attempt gives everything back, so somebody who is refused for his
 * address takes nothing from the account that he names, and a single place can keep its owner out no longer than `both` allows.
 */
export function createSignInLimits({ counters, places, budgets, clock, keys }: SignInParts): SignInLimits {
  /** What each attempt has taken: it is that which is given back, whatever became known meanwhile. */
  const held = new WeakMap<SignInAttempt, readonly Budget[]>();

  async function budgetsOf({ account, address, device }: SignInAttempt): Promise<readonly Budget[]> {
    const known = device === undefined ? undefined : readDevice(device, account, clock.now(), keys);
    // Addresses of people do not belong into a shared store in the clear.
    const who = sha256(account);
    const where = address === "" ? undefined : addressBucket(address, budgets.ipv6Bits);
    const list: [string, string | undefined, Limit | undefined][] =
      known !== undefined
        ? [["device", `${who}:${known}`, budgets.device]]
        : where !== undefined && (await places.has(who, where))
          ? [["place", `${who}:${where}`, budgets.device]]
          : [
              ["address", where, budgets.address],
              ["both", where === undefined ? undefined : `${who}:${where}`, budgets.both],
              ["account", who, budgets.account],
              ["global", "", budgets.global],
            ];
    return list.flatMap(([name, key, limit]) =>
      key === undefined || limit === undefined ? [] : [{ name, key: `signin:${name}:${key}`, limit }],
    );
  }

  async function take({ name, key, limit }: Budget): Promise<Refusal | undefined> {
    const counted = await counters.add(key, 1, limit.windowMs);
    const most = guessLimit(counted, limit);
    if (counted.count <= most.count) return undefined;
    const rateLimit = stateOf(counted, "sign-in", most, clock.now());
    const detail = `${name}: ${counted.count} of ${most.count}`;
    return rateLimitRefusals["sign-in"]({ detail, rateLimit, retryAfterSeconds: rateLimit.resetSeconds });
  }

  const giveBack = async ({ key, limit }: Budget): Promise<void> => void (await counters.add(key, -1, limit.windowMs));

  return {
    async admit(attempt) {
      const list = await budgetsOf(attempt);
      held.set(attempt, list);
      for (const [index, budget] of list.entries()) {
        const refusal = await take(budget);
        if (refusal === undefined) continue;
        for (const taken of list.slice(0, index + 1)) await giveBack(taken);
        return refusal;
      }
      return undefined;
    },
    async passed(attempt) {
      for (const budget of held.get(attempt) ?? []) await giveBack(budget);
      held.delete(attempt);
    },
    remember({ account, address }) {
      return address === "" ? undefined : places.remember(sha256(account), addressBucket(address, budgets.ipv6Bits));
    },
    deviceToken: ({ account }) => newDevice(account, clock.now(), keys[0]),
  };
}
