import { X509Certificate } from "node:crypto";
import {
  type Attempt,
  type CertificateNames,
  type Credential,
  isRefusal,
  type PeerCertificate,
  principal,
  type Refusal,
  type Verified,
} from "../../contracts/index.ts";
import { judgeChain, oneLine } from "./chain.ts";
import { type KnownClient, namesOf } from "./clients.ts";
import type { CertificateCredential } from "./read.ts";
import { mtlsRefusals } from "./refusals.ts";
import type { Revoked } from "./revoked.ts";

/** What holds now. */
export interface VerifyParts {
  readonly authorities: readonly X509Certificate[];
  readonly clients: readonly KnownClient[];
  readonly revoked: readonly Revoked[];
}

/** A revoked certificate is refused at the latest so long after its line is in the file. */
const cacheMs = 1_000;

/** A certificate that one of our authorities issued, that holds now and that nobody revoked. */
export interface GoodCertificate {
  readonly leaf: X509Certificate;
  readonly names: CertificateNames;
}

/** Judges a certificate: the chain, then what was revoked. Whose it is, is another question. */
export function judgeCertificate(
  presented: PeerCertificate,
  at: number,
  { authorities, revoked }: Pick<VerifyParts, "authorities" | "revoked">,
): GoodCertificate | Refusal {
  const [leaf, ...sent] = [presented.certificate, ...presented.chain].map(read);
  if (leaf === undefined) return mtlsRefusals.malformed({ detail: "it cannot be read as a certificate" });
  const known = sent.filter((one) => one !== undefined);
  const bad = judgeChain(leaf, known, authorities, at);
  if (bad !== undefined) return bad;
  for (const list of revoked)
    for (const one of [leaf, ...known]) {
      const found = list.judge(one, at);
      if (found !== undefined) return found;
    }
  return { leaf, names: namesOf(leaf) };
}

/** Judges a certificate, and last whose it is. */
export function verifyCertificate(credential: Credential, { at }: Attempt, parts: VerifyParts): Verified | Refusal {
  const good = judgeCertificate((credential as CertificateCredential).presented, at, parts);
  if (isRefusal(good)) return good;
  const { leaf, names } = good;
  const client = parts.clients.find(({ matches }) => matches(names));
  if (client === undefined)
    return mtlsRefusals["unknown-client"]({ detail: `${oneLine(names.subject)}; ${leaf.subjectAltName ?? "no other names"}` });
  const expiresAt = Date.parse(leaf.validTo);
  return {
    principal: principal({
      subject: client.as,
      kind: client.kind,
      method: "mtls",
      credentialId: names.thumbprint,
      scopes: client.scopes,
      authenticatedAt: at,
      expiresAt,
      confirmation: { "x5t#S256": names.thumbprint },
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: Math.min(at + cacheMs, expiresAt),
    provenEachTime: true,
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
}

function read(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
