import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/** Says whether a password is among those that are tried first. */
export interface Strength {
  isCommon(password: string): Promise<boolean>;
}

/** A strong beginning is enough, and a long text must not keep the event loop. */
const looksAt = 32;

/** Below a million guesses, by the library's estimate: the 49,000 common passwords, and what is as easy as those. */
const leastScore = 2;

/** The word lists (23 MB in memory) are read at the first new password: most processes never see one. */
export function createStrength(): Strength {
  let estimator: Promise<ZxcvbnFactory> | undefined;
  return {
    async isCommon(password) {
      estimator ??= loadEstimator();
      return (await estimator).check(password.slice(0, looksAt)).score < leastScore;
    },
  };
}

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [core, language] = await Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]);
  return new core.ZxcvbnFactory({ dictionary: language.dictionary, graphs: language.adjacencyGraphs, maxLength: looksAt });
}
