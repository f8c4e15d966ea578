import { type DerivedKey, keyedSha256, sameSecret } from "../../../../primitives/index.ts";

/** Name of the parameter that says since when somebody has to have signed in anew. Ours alone. */
export const againParameter = "latchkey_again";
const longestMs = 3_600_000;

/** Marks a request whose sender asked that the person sign in anew, so that after signing in it is known that this was done. */
export interface AgainMarks {
  /** For one request at one moment. Only we can make it, or whoever is at the browser would skip signing in. */
  make(request: string, at: number): string;
  /** When the mark was made; undefined: it is not ours, of another request, or old. */
  read(mark: string, request: string, at: number): number | undefined;
}

export function createAgainMarks(keys: readonly [DerivedKey, ...DerivedKey[]]): AgainMarks {
  const sign = (key: DerivedKey, request: string, madeAt: number) => keyedSha256(key.key, `${madeAt} ${request}`);
  return {
    make: (request, at) => `${at}.${sign(keys[0], request, at)}`,
    read(mark, request, at) {
      const match = /^(\d{1,15})\.([\w-]{43})$/.exec(mark);
      if (match === null) return undefined;
      const madeAt = Number(match[1]);
      if (madeAt > at || at - madeAt > longestMs) return undefined;
      return keys.some((key) => sameSecret(sign(key, request, madeAt), match[2]!)) ? madeAt : undefined;
    },
  };
}
