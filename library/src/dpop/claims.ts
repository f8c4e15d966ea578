import type { Refusal } from "../contracts/index.ts";
import type { JsonObject } from "../primitives/index.ts";
import { dpopRefusals } from "./refusals.ts";

/** The claims of RFC 9449 s.4.2, of the right types. */
export interface ProofClaims {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  /** Milliseconds since the epoch. */
  readonly iat: number;
  readonly ath: string | undefined;
  readonly nonce: string | undefined;
}

/** The end of the year 9999: beyond it somebody wrote milliseconds. */
const latest = 253_402_300_799;

export function readProofClaims(all: JsonObject): ProofClaims | Refusal {
  const own = (name: string): unknown => (Object.hasOwn(all, name) ? all[name] : undefined);
  const [jti, htm, htu, iat, ath, nonce] = ["jti", "htm", "htu", "iat", "ath", "nonce"].map(own);
  if (!isText(jti, 512)) return bad("jti");
  if (!isText(htm, 32)) return bad("htm");
  if (!isText(htu, 4_096)) return bad("htu");
  if (typeof iat !== "number" || !(iat >= 0 && iat <= latest)) return bad("iat");
  if (ath !== undefined && !isText(ath, 128)) return bad("ath");
  if (nonce !== undefined && !isText(nonce, 512)) return bad("nonce");
  return { jti, htm, htu, iat: iat * 1_000, ath, nonce };
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= most && value.isWellFormed();
}

function bad(name: string): Refusal {
  const problem = `${name} is missing or of another type than it should be`;
  return dpopRefusals["bad-claims"]({ detail: problem, hint: `${problem}.` });
}
