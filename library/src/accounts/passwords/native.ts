import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

// Loaded with the first password: opening these binaries would be a third of what a start costs.
export const nativeArgon2 = once(() => require("@node-rs/argon2") as typeof import("@node-rs/argon2"));
export const nativeBcrypt = once(() => require("@node-rs/bcrypt") as typeof import("@node-rs/bcrypt"));

/** Node looks a module up by the file system each time it is asked for one, though it has it: as long as a read of the store. */
function once<Loaded>(load: () => Loaded): () => Loaded {
  let loaded: Loaded | undefined;
  return () => (loaded ??= load());
}
