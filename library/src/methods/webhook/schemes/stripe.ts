import type { PresentedSignature, Signature, WebhookScheme } from "../scheme.ts";
import { textKey } from "../secret.ts";
import { mostSignatures, readHex, readSeconds } from "../text.ts";

/** Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=…]` of `timestamp.body`; other entries are passed over. */
export const stripe: WebhookScheme = {
  name: "stripe",
  header: "stripe-signature",
  read(signature): PresentedSignature | string {
    const entries = signature.split(",", mostSignatures + 1);
    if (entries.length > mostSignatures) return `Stripe-Signature has more than ${mostSignatures} entries`;
    const timestamps = entries.filter((entry) => entry.startsWith("t=")).map((entry) => entry.slice(2));
    const sentAt = timestamps.length === 1 ? readSeconds(timestamps[0]) : undefined;
    if (sentAt === undefined) return "Stripe-Signature has not one t= with a number of seconds";
    const signatures = entries.flatMap((entry): readonly Signature[] => {
      const bytes = entry.startsWith("v1=") ? readHex(entry.slice(3)) : undefined;
      return bytes === undefined ? [] : [{ kind: "hmac", bytes }];
    });
    return { messageId: undefined, sentAt, before: `${timestamps[0]}.`, after: "", signatures };
  },
  key: (secret) => textKey(secret),
};
