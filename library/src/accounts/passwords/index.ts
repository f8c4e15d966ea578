/** Passwords: how they are hashed, checked and chosen. Nothing else in the house sees a hash. */
export { type HashCost, leastCost } from "./argon2.ts";
export { hostWords } from "./context.ts";
export { decodeBase64, formatPhc, hashProblem } from "./formats/index.ts";
export { createHasher, type Hasher } from "./hasher.ts";
export { type Checked, createPasswords, type Passwords } from "./passwords.ts";
export { createHashQueue, type HashQueue, type HashQueueState, type QueueOptions } from "./queue.ts";
export { passwordRefusals } from "./refusals.ts";
export { createStrength } from "./strength.ts";
export { readPassword } from "./text.ts";
