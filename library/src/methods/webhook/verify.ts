import { createHmac, verify } from "node:crypto";
import {
  after,
  type Answered,
  type Attempt,
  BodyTooLarge,
  type Ephemeral,
  type MaybePromise,
  principal,
  type Refusal,
  type Verified,
} from "../../contracts/index.ts";
import { sameBytes, sha256 } from "../../primitives/index.ts";
import type { WebhookCredential } from "./read.ts";
import { webhookRefusals } from "./refusals.ts";
import type { PresentedSignature, WebhookKey } from "./scheme.ts";

export interface VerifyParts {
  readonly name: string;
  readonly keys: readonly WebhookKey[];
  readonly scopes: readonly string[];
  readonly toleranceMs: number;
  /** Where the scheme has no time. */
  readonly rememberMs: number;
  readonly bodyLimitBytes: number;
  readonly ephemeral: Ephemeral;
  readonly onFault: (error: unknown) => void;
}

/**
 * Judges a signed message: its time, its signature over the very bytes of the body, and that it was not received before.
 * Whoever redelivers a message that the route did not answer with success is let in again.
 */
export function verifyWebhook(credential: WebhookCredential, attempt: Attempt, parts: VerifyParts): MaybePromise<Verified | Refusal> {
  const { presented } = credential;
  const late = judgeTime(presented, attempt.at, parts.toleranceMs);
  if (late !== undefined) return late;
  return attempt.view.body(parts.bodyLimitBytes, "exact").then(
    (body) => judgeBody(presented, body, attempt.at, parts),
    (error) => {
      if (error instanceof BodyTooLarge) return webhookRefusals["too-large"]({ hint: `At most ${parts.bodyLimitBytes} bytes.` });
      throw error;
    },
  );
}

function judgeBody(presented: PresentedSignature, body: Uint8Array, at: number, parts: VerifyParts): MaybePromise<Verified | Refusal> {
  const signature = presented.signatures.find((one) => parts.keys.some((key) => fits(one, key, presented, body)));
  if (signature === undefined) return webhookRefusals["wrong-signature"]({ detail: `${parts.name}: no signature fits any of the secrets` });

  // Without an id under the signature, the signature itself names the message: it is another one for any other message.
  const messageKey = `webhook:${parts.name}:${sha256(presented.messageId ?? signature.bytes.toString("base64"))}`;
  // Past twice the tolerance the time itself refuses it; a second more, so that no instant lies between the two.
  const rememberMs = presented.sentAt === undefined ? parts.rememberMs : 2 * parts.toleranceMs + 1_000;
  return after(parts.ephemeral.putIfAbsent(messageKey, "", rememberMs), (first) => {
    if (!first) return webhookRefusals.replayed({ detail: `${presented.messageId ?? "the same signature"} was received before` });
    return received(presented, at, parts, (status) => {
      if (status < 200 || status >= 300) void forget(messageKey, parts);
    });
  });
}

/** The route did not take the message: its sender will deliver it again, and is let in then. */
async function forget(messageKey: string, { ephemeral, onFault }: VerifyParts): Promise<void> {
  try {
    await ephemeral.remove(messageKey);
  } catch (error) {
    onFault(error);
  }
}

function judgeTime({ sentAt }: PresentedSignature, at: number, toleranceMs: number): Refusal | undefined {
  if (sentAt === undefined || Math.abs(at - sentAt) <= toleranceMs) return undefined;
  const seconds = Math.round((at - sentAt) / 1000);
  return webhookRefusals["out-of-time"]({
    detail: `sent ${Math.abs(seconds)} s ${seconds > 0 ? "ago" : "ahead"}; ${toleranceMs / 1000} s are allowed`,
  });
}

export function fits(
  signature: PresentedSignature["signatures"][number],
  key: WebhookKey,
  presented: PresentedSignature,
  body: Uint8Array,
): boolean {
  if (signature.kind !== key.kind) return false;
  if (key.kind === "hmac") {
    const mac = createHmac(key.hash, key.key).update(presented.before).update(body);
    if (presented.after !== "") mac.update(presented.after);
    // By way of a text: a digest in memory of its own costs its making, and the collector as much again.
    return sameBytes(Buffer.from(mac.digest("binary"), "latin1"), signature.bytes);
  }
  const signed = Buffer.concat([Buffer.from(presented.before), body, Buffer.from(presented.after)]);
  return signature.bytes.length === 64 && verify(null, signed, key.key, signature.bytes);
}

function received(presented: PresentedSignature, at: number, { name, scopes }: VerifyParts, answered: Answered): Verified {
  return {
    principal: principal({
      subject: name,
      kind: "service",
      method: name,
      credentialId: name,
      scopes,
      authenticatedAt: at,
      claims: presented.messageId === undefined ? undefined : Object.freeze({ messageId: presented.messageId }),
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: 0,
    allowedAddresses: undefined,
    rateLimit: undefined,
    answered,
  };
}
