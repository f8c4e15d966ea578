import { type Limit, OptionFault } from "../../contracts/index.ts";
import { isRoleName, parseRate, rateForm, roleForm } from "../../primitives/index.ts";
import type { AttemptLimits } from "./buckets.ts";
import type { OpeningLimits } from "./openings.ts";
import type { SignInBudgets } from "./sign-in.ts";

/** `limits` of `createLatchkey`: each a count and a window (`"100/1m"`), or `"off"`. Of sign-ins and credentials only failures add up. */
export interface LimitOptions {
  /** Failed sign-ins to one account. Default `"5/15m"`. */
  readonly signInAccount?: string;
  /** Failed sign-ins from one address. Default `"100/15m"`. */
  readonly signInAddress?: string;
  /** Failed sign-ins to one account from one address. Default `"10/1h"`. */
  readonly signInBoth?: string;
  /** Failed sign-ins to all accounts from everywhere. Default `"3000/15m"`. */
  readonly signInGlobal?: string;
  /** Failed sign-ins on a device that has signed in to the account before; no other limit holds for it. Default `"5/15m"`. */
  readonly signInDevice?: string;
  /** Bad credentials from one address. Default `"100/1m"`. */
  readonly credentialAddress?: string;
  /** Uses of one bad credential. Default `"20/1m"`. */
  readonly credential?: string;
  /**
   * What somebody who has proved nothing begins from one address, and we keep for a while: requests that public clients push, codes
   * for devices, sign-ins at a provider. Default `"1000/1m"`.
   */
  readonly beginAddress?: string;
  /** Requests of one caller that has the role, whatever they are: `{ trial: "60/1m" }`. The most generous of its roles holds. */
  readonly roles?: Readonly<Record<string, string>>;
  /** IPv6 addresses of one network of so many bits count as one: 64 by default; 48, 32. */
  readonly ipv6Bits?: number;
}

export interface LimitSettings {
  readonly signIn: SignInBudgets;
  readonly attempts: AttemptLimits;
  readonly openings: OpeningLimits;
  readonly roles: ReadonlyMap<string, Limit>;
}

const defaults = {
  signInAccount: "5/15m",
  signInAddress: "100/15m",
  signInBoth: "10/1h",
  signInGlobal: "3000/15m",
  signInDevice: "5/15m",
  credentialAddress: "100/1m",
  credential: "20/1m",
  beginAddress: "1000/1m",
} as const;

/** Checks the limits. Throws an OptionFault that names the first one that cannot be used. */
export function readLimitOptions(options: LimitOptions = {}): LimitSettings {
  refuseUnknown(options);
  const limit = (name: keyof typeof defaults) => checkLimit(`limits.${name}`, options[name] ?? defaults[name]);
  const ipv6Bits = options.ipv6Bits ?? 64;
  if (![32, 48, 64].includes(ipv6Bits)) throw new OptionFault("limits.ipv6Bits", { got: ipv6Bits, allowed: "64, 48 or 32", example: "64" });
  return {
    signIn: {
      account: limit("signInAccount"),
      address: limit("signInAddress"),
      both: limit("signInBoth"),
      global: limit("signInGlobal"),
      device: limit("signInDevice"),
      ipv6Bits,
    },
    attempts: { address: limit("credentialAddress"), credential: limit("credential"), ipv6Bits },
    openings: { address: limit("beginAddress"), ipv6Bits },
    roles: readRoles(options.roles ?? {}),
  };
}

/** A limit that is misspelt would be no limit. */
function refuseUnknown(options: LimitOptions): void {
  const known = [...Object.keys(defaults), "roles", "ipv6Bits"];
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new OptionFault("limits", { got: name, allowed: known.join(", "), example: '{ signInAccount: "5/15m" }' });
  }
}

function readRoles(roles: Readonly<Record<string, string>>): ReadonlyMap<string, Limit> {
  const limits = new Map<string, Limit>();
  for (const [role, text] of Object.entries(roles)) {
    if (!isRoleName(role)) throw new OptionFault("limits.roles", { got: role, allowed: roleForm, example: '{ trial: "60/1m" }' });
    const limit = checkLimit(`limits.roles.${role}`, text);
    if (limit !== undefined) limits.set(role, limit);
  }
  return limits;
}

function checkLimit(option: string, text: string): Limit | undefined {
  if (text === "off") return undefined;
  const limit = typeof text === "string" ? parseRate(text) : undefined;
  if (limit === undefined) throw new OptionFault(option, { got: text, allowed: `${rateForm}; or off`, example: '"100/1m"' });
  return limit;
}
