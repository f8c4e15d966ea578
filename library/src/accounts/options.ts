import { OptionFault, wholeOption } from "../contracts/index.ts";
import { type HashCost, leastCost, type QueueOptions } from "./passwords/index.ts";

/** What one may say of passwords. */
export interface PasswordOptions {
  /** Memory of one argon2id hash in KiB. Default, and least: 19456 (OWASP). */
  readonly memoryKiB?: number;
  /** Passes over it. Default, and least: 2. */
  readonly passes?: number;
  /** Lanes. Default 1. */
  readonly parallelism?: number;
  /** Hashes computed at a time. Default: the cores. */
  readonly atOnce?: number;
  /** Hashes that may wait for each that is computed; beyond it 503 at once. Default 32. */
  readonly waitingEach?: number;
  /** Words that no password may be made of, beside the e-mail address and the host of the issuer: the product, the firm. */
  readonly words?: readonly string[];
  /** True lets the cost be lower than OWASP's. For tests only: such hashes are guessed fast. */
  readonly weakForTests?: boolean;
}

export interface PasswordSettings {
  readonly cost: HashCost;
  readonly queue: QueueOptions;
  readonly words: readonly string[];
}

/** Checks the options. Throws an OptionFault that names the first one that cannot be used. */
export function readPasswordOptions(options: PasswordOptions = {}): PasswordSettings {
  const weak = options.weakForTests === true;
  const cost = {
    memoryKiB: wholeOption("passwords.memoryKiB", options.memoryKiB ?? leastCost.memoryKiB, {
      least: weak ? 8 : leastCost.memoryKiB,
      most: 1_048_576,
      example: "19456",
    }),
    passes: wholeOption("passwords.passes", options.passes ?? leastCost.passes, {
      least: weak ? 1 : leastCost.passes,
      most: 64,
      example: "2",
    }),
    parallelism: wholeOption("passwords.parallelism", options.parallelism ?? leastCost.parallelism, { most: 16, example: "1" }),
  };
  const { atOnce, waitingEach } = options;
  return {
    cost,
    queue: {
      ...(atOnce === undefined ? {} : { width: wholeOption("passwords.atOnce", atOnce, { most: 1_024, example: "2" }) }),
      ...(waitingEach === undefined
        ? {}
        : { waitingEach: wholeOption("passwords.waitingEach", waitingEach, { least: 0, most: 10_000, example: "100" }) }),
    },
    words: checkWords(options.words ?? []),
  };
}

function checkWords(words: readonly string[]): readonly string[] {
  const good = Array.isArray(words) && words.length <= 1_000 && words.every((word) => typeof word === "string" && word.length <= 100);
  if (good) return words;
  throw new OptionFault("passwords.words", { got: words, allowed: "at most 1000 texts of at most 100 characters", example: '["Example"]' });
}
