import { type Attempt, BodyTooLarge, type Ephemeral, principal, type Refusal, type Verified } from "../../contracts/index.ts";
import { sha256 } from "../../primitives/index.ts";
import { isMessageAlgorithm, jwsAlgorithmOf } from "./algorithms.ts";
import { joined, signatureBase } from "./base.ts";
import { digestProblem } from "./digest.ts";
import type { FindHolder, KeyHolder } from "./keys.ts";
import { originOf } from "./place.ts";
import { malformed, type SignatureCredential, type SignatureFacts } from "./read.ts";
import { messageSignatureRefusals as refusals } from "./refusals.ts";
import { missingComponent } from "./required.ts";

export interface VerifyParts {
  readonly name: string;
  readonly origins: readonly string[];
  readonly components: readonly string[];
  readonly toleranceMs: number;
  readonly maxAgeMs: number;
  readonly requireNonce: boolean;
  readonly bodyLimitBytes: number;
  readonly findHolder: FindHolder;
  readonly ephemeral: Ephemeral;
}

/**
 * Judges a signed request (RFC 9421 s.3.2), what is cheap first: its time, what it covers, whose key, the signature, then the body
 * against its digest, and last that the nonce is new: only who holds the key may use one up.
 */
export async function verifySignature(credential: SignatureCredential, attempt: Attempt, parts: VerifyParts): Promise<Verified | Refusal> {
  const { input, signature, facts } = credential;
  const wrong = judgeTime(facts, attempt.at, parts) ?? judgeCovered(credential, parts);
  if (wrong !== undefined) return wrong;
  const { view } = attempt;
  const origin = originOf(view, parts.origins);
  if (origin === undefined) return refusals.elsewhere({ detail: "Host is none of the origins" });
  if (!view.target.startsWith("/")) return malformed("the request target is no path");
  const header = (name: string) => view.header(name);
  const base = signatureBase({ method: view.method, target: view.target, origin, header }, input);
  if (typeof base !== "string") return malformed(base.problem);
  const holder = await parts.findHolder(facts.keyid, facts.alg);
  if (holder === undefined) return refusals["unknown-key"]({ detail: `nobody has a key of ${credential.hint}` });
  const { key, subject } = holder;
  if (facts.alg !== undefined && !(isMessageAlgorithm(facts.alg) && jwsAlgorithmOf(facts.alg) === key.algorithm))
    return refusals["wrong-algorithm"]({ detail: `${facts.alg.slice(0, 100)} is not what the key of ${subject} is for` });
  if (!key.verify(Buffer.from(base, "latin1"), signature))
    return refusals["wrong-signature"]({ detail: `not signed by the key of ${subject}` });
  return (
    (await judgeBody(credential, attempt, parts)) ??
    (await judgeNonce(credential, attempt, parts)) ??
    verified(holder, attempt, parts, facts)
  );
}

function judgeTime({ created, expires }: SignatureFacts, at: number, { toleranceMs, maxAgeMs }: VerifyParts): Refusal | undefined {
  if (created === undefined) return refusals.uncovered({ detail: "no created", hint: "created is missing." });
  if (created > at + toleranceMs) return refusals["out-of-time"]({ detail: `created ${(created - at) / 1_000} s ahead` });
  if (created < at - maxAgeMs) return refusals["out-of-time"]({ detail: `created ${(at - created) / 1_000} s ago` });
  if (expires !== undefined && expires <= at) return refusals["out-of-time"]({ detail: `expired ${(at - expires) / 1_000} s ago` });
  return undefined;
}

function judgeCovered({ input, facts }: SignatureCredential, { components, requireNonce }: VerifyParts): Refusal | undefined {
  const missing = requireNonce && facts.nonce === undefined ? "nonce" : missingComponent(input, components);
  return missing === undefined ? undefined : refusals.uncovered({ detail: `${missing} is missing`, hint: `${missing} is missing.` });
}

/** The very bytes against their digest; a body that no digest under the signature speaks of could be anybody's. */
async function judgeBody({ input }: SignatureCredential, { view }: Attempt, { bodyLimitBytes }: VerifyParts): Promise<Refusal | undefined> {
  let body: Uint8Array;
  try {
    body = await view.body(bodyLimitBytes, "exact");
  } catch (error) {
    if (error instanceof BodyTooLarge) return refusals["too-large"]({ hint: `At most ${bodyLimitBytes} bytes.` });
    throw error;
  }
  if (missingComponent(input, ["content-digest"]) !== undefined)
    return body.length === 0 ? undefined : refusals.uncovered({ detail: "a body without its digest", hint: "content-digest is missing." });
  const problem = digestProblem(joined(view.header("content-digest") ?? ""), body);
  return problem === undefined ? undefined : refusals["wrong-digest"]({ detail: problem });
}

/** Each nonce of a key once, for as long as the signature could be good. The same request may ask twice: the guard looks again after a change. */
async function judgeNonce({ facts }: SignatureCredential, { view }: Attempt, parts: VerifyParts): Promise<Refusal | undefined> {
  if (facts.nonce === undefined) return undefined;
  const key = `message-signature:${parts.name}:${sha256(`${facts.keyid.length} ${facts.keyid} ${facts.nonce}`)}`;
  const first = await parts.ephemeral.putIfAbsent(key, view.requestId, parts.maxAgeMs + parts.toleranceMs + 1_000);
  if (first || (await parts.ephemeral.get(key)) === view.requestId) return undefined;
  return refusals.replayed({ detail: `a nonce of keyid ${facts.keyid.slice(0, 100)}` });
}

function verified(
  { subject, kind, scopes, roles }: KeyHolder,
  { at }: Attempt,
  { name }: VerifyParts,
  { keyid, created }: SignatureFacts,
): Verified {
  return {
    principal: principal({
      subject,
      kind,
      method: name,
      credentialId: kind === "client" ? subject : keyid,
      scopes,
      roles,
      authenticatedAt: Math.min(at, created!),
      claims: { keyid },
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: 0,
    provenEachTime: true,
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
}
