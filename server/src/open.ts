import { join } from "node:path";
import { createLatchkey, type Latchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import type { Configuration } from "./configuration.ts";

/** The gate over the data folder. */
export function openLatchkey(configuration: Configuration, onFault: (error: unknown) => void): Promise<Latchkey> {
  return createLatchkey({
    issuer: configuration.issuer,
    store: sqlite(join(configuration.data, "latchkey.db")),
    secret: configuration.secret,
    trustProxy: configuration.trustProxy,
    limits: configuration.limits,
    onFault,
  });
}
