import { createHmac, createSecretKey } from "node:crypto";
import { randomOctets } from "../primitives/index.ts";

const prefix = "whsec_";

/** A secret of Standard Webhooks 1.0: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return prefix + randomOctets(32).toString("base64");
}

/** The headers of a message (Standard Webhooks 1.0): one HMAC-SHA256 over `id.timestamp.body` for each secret in force. */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  atMs: number,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const seconds = Math.floor(atMs / 1_000);
  const signatures = secrets.map((secret) => {
    const key = createSecretKey(secret.slice(prefix.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": signatures.join(" ") };
}
