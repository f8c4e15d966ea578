import { createSecretKey } from "node:crypto";
import { OptionFault } from "../../contracts/index.ts";
import type { WebhookKey } from "./scheme.ts";

type Hash = Extract<WebhookKey, { kind: "hmac" }>["hash"];

/** A secret that is used as the text it is (GitHub, Stripe, Slack, Shopify). Throws an OptionFault for one that can be guessed. */
export function textKey(secret: unknown, hash: Hash = "sha256"): WebhookKey {
  if (typeof secret !== "string" || secret.length < 16)
    throw badSecret(secret, "at least 16 characters of random text", '"It\'s a Secret to Everybody"');
  return hmacKey(Buffer.from(secret), hash);
}

export function hmacKey(bytes: Buffer, hash: Hash): WebhookKey {
  return { kind: "hmac", hash, key: createSecretKey(bytes) };
}

/** Tells the length of a secret and nothing else of it. */
export function badSecret(secret: unknown, allowed: string, example: string): OptionFault {
  return new OptionFault("secrets", { got: typeof secret === "string" ? `${secret.length} characters` : secret, allowed, example });
}
