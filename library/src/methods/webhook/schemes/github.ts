import type { WebhookScheme } from "../scheme.ts";
import { textKey } from "../secret.ts";
import { readHex } from "../text.ts";

/** GitHub: `X-Hub-Signature-256: sha256=<hex>` of the body alone. The older SHA-1 header is not read. */
export const github: WebhookScheme = {
  name: "github",
  header: "x-hub-signature-256",
  read(signature) {
    const bytes = signature.startsWith("sha256=") ? readHex(signature.slice(7)) : undefined;
    if (bytes === undefined) return "X-Hub-Signature-256 is not sha256= and hexadecimal digits";
    return { messageId: undefined, sentAt: undefined, before: "", after: "", signatures: [{ kind: "hmac", bytes }] };
  },
  key: (secret) => textKey(secret),
};
