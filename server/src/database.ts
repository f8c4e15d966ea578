import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Configuration } from "./configuration/index.ts";

/** Where durable state lives. */
export type Database = { readonly kind: "sqlite"; readonly path: string } | { readonly kind: "postgres"; readonly url: string };

export function databaseOf({ values: { databaseUrl }, data }: Configuration): Database {
  if (databaseUrl === undefined) return { kind: "sqlite", path: join(data, "latchkey.db") };
  if (/^postgres(?:ql)?:/.test(databaseUrl)) return { kind: "postgres", url: databaseUrl };
  if (databaseUrl.startsWith("sqlite:///")) return { kind: "sqlite", path: fileURLToPath(databaseUrl.replace("sqlite:", "file:")) };
  return { kind: "sqlite", path: resolve(databaseUrl.replace(/^sqlite:(?:\/\/)?/, "")) };
}
