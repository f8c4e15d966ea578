import { createHmac } from "node:crypto";
import { isRefusal, OptionFault, type Refusal, type RequestView } from "../../contracts/index.ts";
import { readWebhook } from "./read.ts";
import { webhookRefusals } from "./refusals.ts";
import { namedSchemes } from "./schemes/index.ts";
import { fits } from "./verify.ts";

/** The headers of a message in Standard Webhooks form: one `v1` signature for each `whsec_…` secret. Throws an OptionFault. */
export function signWebhook(
  { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: Uint8Array | string },
  secrets: readonly string[],
): { readonly "webhook-id": string; readonly "webhook-timestamp": string; readonly "webhook-signature": string } {
  const seconds = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = namedSchemes.standard.key(secret);
    if (key.kind !== "hmac")
      throw new OptionFault("secrets", { got: "a public key", allowed: "whsec_… secrets, which sign", example: '"whsec_…"' });
    return `v1,${createHmac(key.hash, key.key).update(`${id}.${seconds}.`).update(body).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures.join(" ") };
}

/** Whether a message that lies here is signed with one of these secrets: its age and repetition are not looked at. Undefined: it is. */
export function verifyWebhookMessage(message: {
  readonly scheme: keyof typeof namedSchemes;
  readonly secrets: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}): Refusal | undefined {
  const { headers, body } = message;
  if (!Object.hasOwn(namedSchemes, message.scheme))
    throw new OptionFault("scheme", { got: message.scheme, allowed: Object.keys(namedSchemes).join(", "), example: '"standard"' });
  const scheme = namedSchemes[message.scheme];
  const keys = message.secrets.map((secret) => scheme.key(secret));
  const view = { header: (name: string) => (Object.hasOwn(headers, name) ? headers[name] : undefined) } as RequestView;
  const found = readWebhook(view, "webhook", scheme);
  if (found === undefined) return webhookRefusals.malformed({ detail: `there is no ${scheme.header}` });
  if (isRefusal(found)) return found;
  const { presented } = found;
  const good = presented.signatures.some((signature) => keys.some((key) => fits(signature, key, presented, body)));
  return good ? undefined : webhookRefusals["wrong-signature"]({ detail: "no signature fits the secret" });
}
