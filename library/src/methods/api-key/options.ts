import { OptionFault, wordOption } from "../../contracts/index.ts";
import type { KeyForms } from "./read.ts";

/** `apiKeys` of the options: how keys begin. */
export interface KeyFormOptions {
  /** First part of every key. Default `lk`. */
  readonly prefix?: string;
  /** Prefixes of keys issued elsewhere whose hashes are imported, e.g. `["sk_live_"]`. */
  readonly importedPrefixes?: readonly string[];
}

/** Checks the options. Throws an OptionFault. */
export function readKeyForms({ prefix = "lk", importedPrefixes = [] }: KeyFormOptions = {}): KeyForms {
  return { prefix: wordOption("apiKeys.prefix", prefix, '"lk"'), importedPrefixes: checkPrefixes(importedPrefixes) };
}

function checkPrefixes(prefixes: readonly string[]): readonly string[] {
  const problem = { allowed: "a list of 2 to 40 letters, digits and . _ ~ - each", example: '["sk_live_"]' };
  if (!Array.isArray(prefixes)) throw new OptionFault("apiKeys.importedPrefixes", { got: prefixes, ...problem });
  for (const prefix of prefixes)
    if (typeof prefix !== "string" || !/^[A-Za-z0-9._~-]{2,40}$/.test(prefix))
      throw new OptionFault("apiKeys.importedPrefixes", { got: prefix, ...problem });
  return [...prefixes];
}
