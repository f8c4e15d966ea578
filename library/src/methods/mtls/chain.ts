import type { X509Certificate } from "node:crypto";
import type { Refusal } from "../../contracts/index.ts";
import { brokenSignatures, signatureAlgorithm } from "./der.ts";
import { mtlsRefusals } from "./refusals.ts";

const clientAuth = "1.3.6.1.5.5.7.3.2";
/** Longest way from a client's certificate to an authority. */
const longestChain = 5;
const leastRsaBits = 2_048;

/**
 * Whether a client's certificate is good now: issued, by intermediates that it came with or without any, by one of these
 * authorities; each of the chain valid, strong enough and allowed to issue; itself for clients, and no authority. Undefined:
 * it is. (RFC 5280 s.6, as far as it concerns a client; names constraints are not looked at.)
 */
export function judgeChain(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  at: number,
): Refusal | undefined {
  if (leaf.ca) return mtlsRefusals["not-for-clients"]({ detail: "the certificate of an authority was presented as a client's" });
  // Node calls the extended key usages so; without the extension the key may be used for anything (s.4.2.1.12).
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(clientAuth))
    return mtlsRefusals["not-for-clients"]({ detail: `its extended key usage is ${leaf.keyUsage.join(", ")}, without clientAuth` });
  let current = leaf;
  for (let length = 0; length < longestChain; length += 1) {
    const problem = judgeOne(current, at);
    if (problem !== undefined) return problem;
    const authority = authorities.find((one) => issued(one, current));
    if (authority !== undefined) return judgeOne(authority, at, false);
    const next = sent.find((one) => one !== current && one.ca && issued(one, current));
    if (next === undefined) return mtlsRefusals["not-trusted"]({ detail: `nobody whom we trust issued ${oneLine(current.subject)}` });
    current = next;
  }
  return mtlsRefusals["not-trusted"]({ detail: `the chain is longer than ${longestChain}` });
}

/** An authority's own signature is nobody's proof, so how it is signed does not matter. */
function judgeOne(certificate: X509Certificate, at: number, signed = true): Refusal | undefined {
  const name = oneLine(certificate.subject);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (!(at >= from)) return mtlsRefusals["not-valid-now"]({ detail: `${name} is not valid before ${certificate.validFrom}` });
  if (!(at <= to)) return mtlsRefusals["not-valid-now"]({ detail: `${name} expired on ${certificate.validTo}` });
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type !== "rsa" && type !== "rsa-pss" && type !== "ec" && type !== "ed25519" && type !== "ed448")
    return mtlsRefusals.weak({ detail: `${name} has a key of type ${type}` });
  if (type.startsWith("rsa") && (details?.modulusLength ?? 0) < leastRsaBits)
    return mtlsRefusals.weak({ detail: `${name} has an RSA key of ${details?.modulusLength} bits` });
  const algorithm = signatureAlgorithm(certificate.raw);
  if (signed && (algorithm === undefined || brokenSignatures.has(algorithm)))
    return mtlsRefusals.weak({ detail: `${name} is signed with an algorithm that is broken` });
  return undefined;
}

function issued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

export const oneLine = (name: string | undefined): string => (name ?? "no subject").replaceAll("\n", ", ");
