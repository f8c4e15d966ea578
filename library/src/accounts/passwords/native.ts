import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

// Loaded with the first password: opening these binaries would be a third of what a start costs.
export const nativeArgon2 = (): typeof import("@node-rs/argon2") => require("@node-rs/argon2") as typeof import("@node-rs/argon2");
export const nativeBcrypt = (): typeof import("@node-rs/bcrypt") => require("@node-rs/bcrypt") as typeof import("@node-rs/bcrypt");
