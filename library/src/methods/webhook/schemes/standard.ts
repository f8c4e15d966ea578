import { createPublicKey } from "node:crypto";
import type { PresentedSignature, Signature, WebhookScheme } from "../scheme.ts";
import { badSecret, hmacKey } from "../secret.ts";
import { mostSignatures, only, readBase64, readSeconds } from "../text.ts";

/** The SPKI prefix of an Ed25519 public key (RFC 8410 s.4): what follows is the key itself. */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

const secretForm = "whsec_ and 24 to 64 bytes in base64, or whpk_ and the 32 bytes of an Ed25519 public key";

/**
 * Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, and in `webhook-signature` a list by spaces of `v1,` HMAC-SHA256
 * and `v1a,` Ed25519 signatures, of which one must fit. What signs is `id.timestamp.body`.
 */
export const standard: WebhookScheme = {
  name: "standard",
  header: "webhook-signature",
  read(signature, view): PresentedSignature | string {
    const id = only(view.header("webhook-id"));
    const timestamp = only(view.header("webhook-timestamp"));
    const sentAt = readSeconds(timestamp);
    if (id === undefined || !/^[!-~]{1,256}$/.test(id)) return "webhook-id is not one text of 1 to 256 visible characters";
    if (sentAt === undefined) return "webhook-timestamp is not one number of seconds";
    const entries = signature.split(" ", mostSignatures + 1);
    if (entries.length > mostSignatures) return `webhook-signature has more than ${mostSignatures} entries`;
    const signatures = entries.map(readEntry).filter((entry) => entry !== undefined);
    return { messageId: id, sentAt, before: `${id}.${timestamp}.`, after: "", signatures };
  },
  key(secret) {
    const example = '"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"';
    if (typeof secret === "string" && secret.startsWith("whpk_")) {
      const bytes = readBase64(secret.slice(5));
      if (bytes?.length !== 32) throw badSecret(secret, secretForm, example);
      return { kind: "ed25519", key: createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: "der", type: "spki" }) };
    }
    const bytes = typeof secret === "string" ? readBase64(secret.replace(/^whsec_/, "")) : undefined;
    if (bytes === undefined || bytes.length < 24 || bytes.length > 64) throw badSecret(secret, secretForm, example);
    return hmacKey(bytes, "sha256");
  },
};

/** Versions that nobody here knows are passed over, as the specification asks: a later one must not break this receiver. */
function readEntry(entry: string): Signature | undefined {
  const kind = entry.startsWith("v1,") ? "hmac" : entry.startsWith("v1a,") ? "ed25519" : undefined;
  const bytes = kind === undefined ? undefined : readBase64(entry.slice(entry.indexOf(",") + 1));
  return kind === undefined || bytes === undefined ? undefined : { kind, bytes };
}
