// @ts-check
// Signs messages of Standard Webhooks as their sender does, each under an id of its own: a second one would be a replay.
import { createHmac, createSecretKey } from "node:crypto";

/** @param {string} secret `whsec_…` @returns {(body: string) => Record<string, string>} the headers */
export function webhookSigner(secret) {
  const key = createSecretKey(secret.slice("whsec_".length), "base64");
  let count = 0;
  return (body) => {
    const id = `msg_${process.pid}_${(count += 1)}`;
    const seconds = Math.floor(Date.now() / 1_000);
    const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
    return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${signature}` };
  };
}
