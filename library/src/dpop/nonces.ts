import { type DerivedKey, keyedSha256, sameSecret } from "../primitives/index.ts";

/** Nonces of the server (RFC 9449 s.8): whoever has one of now cannot have made its proof long before. */
export interface Nonces {
  /** The nonce of this moment, the same for everybody and on every node. */
  current(at: number): string;
  /** Whether it is of this window or the one before: for two and a half minutes at least, and five at most. */
  isFresh(nonce: string, at: number): boolean;
}

const windowMs = 150_000;

/** Nothing is kept: a nonce is the HMAC of its window of time. One made under an older master secret counts as long as that is listed. */
export function createNonces(keys: readonly [DerivedKey, ...DerivedKey[]]): Nonces {
  const nonce = ({ key }: DerivedKey, window: number): string => keyedSha256(key, `${window}`);
  const windowOf = (at: number): number => Math.floor(at / windowMs);
  return {
    current: (at) => nonce(keys[0], windowOf(at)),
    isFresh(given, at) {
      const now = windowOf(at);
      return keys.some((key) => [now, now - 1].some((window) => sameSecret(nonce(key, window), given)));
    },
  };
}
