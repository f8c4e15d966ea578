import { isUtf8 } from "node:buffer";
import type { Credential, Refusal, RequestView } from "../../contracts/index.ts";
import { authorizationOf, Secret } from "../../primitives/index.ts";
import { basicRefusals } from "./refusals.ts";

/** In base64: the longest address, the longest password (1024 bytes), and room to spare. */
const longest = 4_096;

/**
 * Finds `Authorization: Basic`, still encoded: whoever sent it a moment ago is known by it as it is, and to decode it costs
 * more than all else on that way. Syntax only.
 */
export function readBasic(view: RequestView, isSafe: (view: RequestView) => boolean): Credential | Refusal | undefined {
  const header = view.header("authorization");
  const encoded = typeof header === "string" ? authorizationOf(header, "basic") : undefined;
  // A comma can only come from two credentials in one line, and those are for the gate to refuse.
  if (encoded === undefined || encoded.includes(",")) return undefined;
  if (!isSafe(view)) return basicRefusals.insecure({ detail: "neither https nor loopback" });
  if (encoded === "" || encoded.length > longest) return basicRefusals.malformed({ detail: "no base64 of UTF-8" });
  // Nothing of it is shown: people put the password where the name belongs.
  return { method: "basic", secret: new Secret(encoded), scheme: "Basic", hint: "(user and password)" };
}

/**
 * User and password (RFC 7617 s.2): strict base64 (RFC 4648 s.4) of valid UTF-8 without control characters, split at the
 * first colon, neither side empty. What is invalid is refused, never repaired: repaired texts of two people could be the same.
 */
export function userAndPassword(encoded: string): { readonly user: string; readonly password: string } | Refusal {
  const text = decode(encoded);
  const problem = text === undefined ? "no base64 of UTF-8" : problemOf(text);
  if (text === undefined || problem !== undefined) return basicRefusals.malformed({ detail: problem });
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decode(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, "base64");
  // Node skips what is no base64; written out again it would be another text then.
  return bytes.length > 0 && isUtf8(bytes) && bytes.toString("base64") === encoded ? bytes.toString("utf8") : undefined;
}

function problemOf(text: string): string | undefined {
  const colon = text.indexOf(":");
  if (colon === -1) return "no colon";
  if (colon === 0) return "no user";
  if (colon === text.length - 1) return "no password";
  // oxlint-disable-next-line no-control-regex -- CTL of RFC 5234 is what RFC 7617 s.2 forbids.
  return /[\x00-\x1f\x7f]/.test(text) ? "a control character" : undefined;
}
