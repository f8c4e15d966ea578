import type { Credential, Refusal, RequestView } from "../../contracts/index.ts";
import { type InnerList, type Parameters, readDictionary, Secret } from "../../primitives/index.ts";
import { joined } from "./base.ts";
import { messageSignatureRefusals } from "./refusals.ts";

/** A signature as it was presented, not yet believed. */
export interface SignatureCredential extends Credential {
  readonly input: InnerList;
  readonly signature: Buffer;
  readonly facts: SignatureFacts;
}

export interface SignatureFacts {
  /** In milliseconds since the epoch. */
  readonly created: number | undefined;
  readonly expires: number | undefined;
  readonly nonce: string | undefined;
  readonly alg: string | undefined;
  readonly keyid: string;
  readonly tag: string | undefined;
}

/**
 * Finds the signature that is meant for this gate (RFC 9421 s.4): of several, the one with the tag that is asked for, or without
 * a tag where none is. Two of them are refused: which one is believed is not for the sender to choose. Syntax only.
 */
export function readSignature(view: RequestView, method: string, tag: string | undefined): SignatureCredential | Refusal | undefined {
  const [inputField, signatureField] = [view.header("signature-input"), view.header("signature")];
  if (inputField === undefined) return undefined;
  const inputs = readDictionary(joined(inputField));
  if (inputs === undefined) return malformed("Signature-Input is no dictionary, is too long, or has a label twice");
  const signatures = signatureField === undefined ? undefined : readDictionary(joined(signatureField));
  if (signatures === undefined) return malformed("Signature is missing, is no dictionary, or has a label twice");
  let found: SignatureCredential | undefined;
  for (const [label, input] of inputs) {
    if (input.kind !== "list") return malformed(`${label} of Signature-Input is no list of components`);
    const facts = readFacts(input.parameters);
    if (typeof facts === "string") return malformed(`${label}: ${facts}`);
    if (facts.tag !== tag) continue;
    if (found !== undefined) return malformed("two signatures are meant for here");
    const signature = signatures.get(label);
    if (signature?.kind !== "item" || signature.item.kind !== "bytes") return malformed(`${label} has no signature`);
    const bytes = signature.item.value;
    // Named by all that makes it what it is: the same bytes under other parameters are another credential.
    const secret = new Secret(`${joined(inputField)} ${bytes.toString("base64")}`);
    found = { method, secret, scheme: undefined, hint: `keyid ${facts.keyid.slice(0, 100)}`, input, signature: bytes, facts };
  }
  return found;
}

const known = { created: "integer", expires: "integer", nonce: "string", alg: "string", keyid: "string", tag: "string" } as const;

function readFacts(parameters: Parameters): SignatureFacts | string {
  const facts: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(known)) {
    const value = parameters.get(name);
    if (value === undefined) continue;
    if (value.kind !== kind) return `${name} is no ${kind}`;
    if (typeof value.value === "string" && value.value.length > 1_024) return `${name} is longer than 1024 characters`;
    facts[name] = typeof value.value === "number" ? value.value * 1_000 : value.value;
  }
  return typeof facts["keyid"] === "string" ? (facts as unknown as SignatureFacts) : "there is no keyid";
}

export const malformed = (problem: string): Refusal => messageSignatureRefusals.malformed({ detail: problem, hint: `${problem}.` });
