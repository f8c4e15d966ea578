import type { Credential, Refusal, RequestView } from "../../contracts/index.ts";
import { Secret } from "../../primitives/index.ts";
import { webhookRefusals } from "./refusals.ts";
import type { PresentedSignature, WebhookScheme } from "./scheme.ts";

/** A signature as it was presented, with its parts. */
export interface WebhookCredential extends Credential {
  readonly presented: PresentedSignature;
}

const longest = 8_192;

/** Finds the signature of one scheme. Syntax only: the body is not touched. */
export function readWebhook(view: RequestView, method: string, scheme: WebhookScheme): WebhookCredential | Refusal | undefined {
  const signature = view.header(scheme.header);
  if (signature === undefined) return undefined;
  if (typeof signature !== "string") return malformed(`${signature.length} lines of ${scheme.header}`);
  if (signature.length > longest) return malformed(`${scheme.header} is longer than ${longest} characters`);
  const presented = scheme.read(signature, view);
  if (typeof presented === "string") return malformed(presented);
  return { method, secret: new Secret(signature), scheme: undefined, hint: presented.messageId ?? scheme.header, presented };
}

const malformed = (problem: string): Refusal => webhookRefusals.malformed({ detail: problem, hint: `${problem}.` });
