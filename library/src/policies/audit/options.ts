import { hostname } from "node:os";
import { OptionFault, spanOption, type Store } from "../../contracts/index.ts";

/** `audit` of the options. */
export interface AuditOptions {
  /** How long events are kept: `"365d"` by default; `"off"`: for ever. */
  readonly keep?: string;
  /** Name of this node, which writes a chain of its own. Default: `local` on SQLite, else the host name. */
  readonly node?: string;
}

export interface AuditSettings {
  /** Undefined: for ever. */
  readonly keepMs: number | undefined;
  readonly node: string;
}

/** Checks the options. Throws an OptionFault. */
export function readAuditOptions({ keep = "365d", node }: AuditOptions = {}, dialect: Store["dialect"]): AuditSettings {
  return {
    keepMs: keep === "off" ? undefined : spanOption("audit.keep", keep, { example: '"365d", or "off"' }),
    node: checkNode(node ?? (dialect === "sqlite" ? "local" : hostname())),
  };
}

function checkNode(name: string): string {
  if (typeof name === "string" && /^[\x21-\x7e]{1,200}$/.test(name)) return name;
  throw new OptionFault("audit.node", { got: name, allowed: "1 to 200 printable characters without spaces", example: '"api-1"' });
}
