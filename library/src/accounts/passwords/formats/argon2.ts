import { argon2InThread } from "../hash-threads.ts";
import { nativeArgon2 } from "../native.ts";
import type { HashFormat } from "./format.ts";

/** argon2id, argon2i and argon2d (RFC 9106), versions 16 and 19. */
export const argon2: HashFormat = {
  recognizes: (encoded) => /^\$argon2(?:id|i|d)\$/.test(encoded),
  problem(encoded) {
    try {
      const { memoryCost, timeCost, parallelism, outputLen } = nativeArgon2().parseOptions(encoded);
      const bearable = memoryCost <= 1_048_576 && timeCost <= 64 && parallelism <= 16;
      if (!bearable) return "argon2 of a cost beyond m=1048576, t=64, p=16";
      return outputLen < 16 ? "an argon2 hash of less than 16 bytes" : undefined;
    } catch {
      return "a damaged argon2 hash";
    }
  },
  verify: (encoded, password) => argon2InThread("verify", encoded, password),
};
