import { X509Certificate } from "node:crypto";
import { type Attempt, type Credential, principal, type Refusal, type Verified } from "../../contracts/index.ts";
import { judgeChain, oneLine } from "./chain.ts";
import { type KnownClient, namesOf } from "./clients.ts";
import type { CertificateCredential } from "./read.ts";
import { mtlsRefusals } from "./refusals.ts";
import type { Revoked } from "./revoked.ts";

/** What holds now. */
export interface VerifyParts {
  readonly authorities: readonly X509Certificate[];
  readonly clients: readonly KnownClient[];
  readonly revoked: Revoked | undefined;
}

/** A revoked certificate is refused at the latest so long after its line is in the file. */
const cacheMs = 1_000;

/** Judges a certificate: the chain, the list of revoked ones, and last whose it is. */
export function verifyCertificate(credential: Credential, { at }: Attempt, parts: VerifyParts): Verified | Refusal {
  const { presented } = credential as CertificateCredential;
  const [leaf, ...sent] = [presented.certificate, ...presented.chain].map(read);
  if (leaf === undefined) return mtlsRefusals.malformed({ detail: "it cannot be read as a certificate" });
  const known = sent.filter((one) => one !== undefined);
  const bad = judgeChain(leaf, known, parts.authorities, at);
  if (bad !== undefined) return bad;
  const revoked = [leaf, ...known].find((one) => parts.revoked?.has(one) === true);
  if (revoked !== undefined) return mtlsRefusals.revoked({ detail: `${oneLine(revoked.subject)}, serial ${revoked.serialNumber}` });
  const names = namesOf(leaf);
  const client = parts.clients.find(({ matches }) => matches(names));
  if (client === undefined)
    return mtlsRefusals["unknown-client"]({ detail: `${names.subject}; ${leaf.subjectAltName ?? "no other names"}` });
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
