import type { Client } from "./clients/index.ts";

export interface Lifetimes {
  /** Of an access token. */
  readonly accessMs: number;
  /** A refresh token that is not used for so long is over. */
  readonly idleMs: number;
  /** However often it is used. */
  readonly absoluteMs: number;
}

/** How long what a person agrees to lasts, in words. `offline`: it does not end with the session at the browser. */
export type LifetimeWords = (client: Pick<Client, "grants">, offline: boolean) => string;

export function createLifetimeWords({ accessMs, idleMs, absoluteMs }: Lifetimes): LifetimeWords {
  const access = spanInWords(accessMs);
  const longest = spanInWords(absoluteMs);
  const unused = idleMs < absoluteMs ? `, or when it was not used for ${spanInWords(idleMs)}` : "";
  return ({ grants }, offline) => {
    if (!grants.includes("refresh_token")) return `This access is over after ${access}.`;
    return offline
      ? `This access goes on when you sign out. It is over after ${longest}${unused}.`
      : `This access is over when you sign out here or your sign-in runs out, at the latest after ${longest}.`;
  };
}

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** In the largest unit that measures it in whole numbers. */
function spanInWords(ms: number): string {
  const [name, length] = units.find(([, one]) => ms >= one && ms % one === 0) ?? units[3];
  const count = Math.max(1, Math.floor(ms / length));
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
