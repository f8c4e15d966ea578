import type { WebhookScheme } from "../scheme.ts";
import { textKey } from "../secret.ts";
import { readBase64 } from "../text.ts";

/** Shopify: `X-Shopify-Hmac-SHA256: <base64>` of the body alone. */
export const shopify: WebhookScheme = {
  name: "shopify",
  header: "x-shopify-hmac-sha256",
  read(signature) {
    const bytes = readBase64(signature);
    if (bytes === undefined) return "X-Shopify-Hmac-SHA256 is not base64";
    return { messageId: undefined, sentAt: undefined, before: "", after: "", signatures: [{ kind: "hmac", bytes }] };
  },
  key: (secret) => textKey(secret),
};
