import type { Refusal } from "../../../../contracts/index.ts";
import { inspectToken, sameBytes, sha256 } from "../../../../primitives/index.ts";
import { clientSecretPrefix, type KnownClient } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";

/**
 * Whether this is a secret of the client: 256 random bits, so their SHA-256 is as good as any slow hash, and at most two are
 * in force. Undefined: it is.
 */
export function verifySecret(secret: string, client: KnownClient, at: number): Refusal | undefined {
  if (inspectToken(secret, clientSecretPrefix) !== "sound")
    return oauthRefusals["invalid-client"]({ detail: `${client.id}: not the form of a secret` });
  const digest = Buffer.from(sha256(secret), "base64url");
  let found = false;
  for (const { digest: known, endsAt } of client.secrets) {
    const same = sameBytes(digest, known);
    if (same && (endsAt === undefined || at < endsAt)) found = true;
  }
  return found ? undefined : oauthRefusals["invalid-client"]({ detail: `${client.id}: a wrong or replaced secret` });
}
