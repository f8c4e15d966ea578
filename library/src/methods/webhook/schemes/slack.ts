import type { WebhookScheme } from "../scheme.ts";
import { textKey } from "../secret.ts";
import { only, readHex, readSeconds } from "../text.ts";

/** Slack: `X-Slack-Signature: v0=<hex>` of `v0:timestamp:body`. */
export const slack: WebhookScheme = {
  name: "slack",
  header: "x-slack-signature",
  read(signature, view) {
    const timestamp = only(view.header("x-slack-request-timestamp"));
    const sentAt = readSeconds(timestamp);
    const bytes = signature.startsWith("v0=") ? readHex(signature.slice(3)) : undefined;
    if (sentAt === undefined) return "X-Slack-Request-Timestamp is not one number of seconds";
    if (bytes === undefined) return "X-Slack-Signature is not v0= and hexadecimal digits";
    return { messageId: undefined, sentAt, before: `v0:${timestamp}:`, after: "", signatures: [{ kind: "hmac", bytes }] };
  },
  key: (secret) => textKey(secret),
};
