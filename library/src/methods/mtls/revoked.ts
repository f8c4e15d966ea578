import type { X509Certificate } from "node:crypto";
import { OptionFault, type Refusal } from "../../contracts/index.ts";
import { oneLine } from "./chain.ts";
import { type Crl, readCrl } from "./crl.ts";
import { namesIn } from "./der.ts";
import { mtlsRefusals } from "./refusals.ts";

/** Certificates that are refused although they are valid. */
export interface Revoked {
  /** Undefined: nothing is known against it. */
  judge(certificate: X509Certificate, at: number): Refusal | undefined;
}

/** What a file says, believed for certificates of these authorities. Throws an OptionFault for a list that none of them signed. */
export type RevokedBy = (authorities: readonly X509Certificate[]) => Revoked;

const example = '"/etc/latchkey/revoked.pem"';
/** Clocks of authorities may be ahead. */
const aheadMs = 300_000;

/**
 * Reads a file of revoked certificates: lists of authorities (RFC 5280 s.5), as DER or PEM, or a thumbprint or serial number in
 * hexadecimal on each line. Throws an OptionFault.
 */
export function readRevoked(content: Buffer): RevokedBy {
  if (content[0] === 0x30 && content[1]! >= 0x80) return signedLists([content]);
  const text = content.toString("latin1");
  const blocks = [...text.matchAll(/-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g)];
  if (blocks.length > 0) return signedLists(blocks.map(([, body]) => Buffer.from(body!, "base64")));
  const list = plainList(text);
  return () => list;
}

function signedLists(ders: readonly Uint8Array[]): RevokedBy {
  const lists = ders.map(readCrl);
  const wrong = lists.find((one) => typeof one === "string");
  const allowed = "complete lists of one authority each, as openssl ca -gencrl makes them";
  if (wrong !== undefined) throw new OptionFault("revokedFile", { got: wrong, allowed, example });
  const read = lists as readonly Crl[];
  return (authorities) => {
    const foreign = read.find((list) => !authorities.some((authority) => list.isSignedBy(authority)));
    if (foreign !== undefined)
      throw new OptionFault("revokedFile", { got: "a list of no authority of ours", allowed: "lists that one of ca has signed", example });
    return { judge: (certificate, at) => judgeByLists(certificate, at, read) };
  };
}

/** The newest list of its authority counts; one that has run out says nothing any more, and nothing is not good enough. */
function judgeByLists(certificate: X509Certificate, at: number, lists: readonly Crl[]): Refusal | undefined {
  const issuer = namesIn(certificate.raw)?.issuer;
  const own = lists.filter((list) => list.issuer === issuer);
  if (own.length === 0) return undefined;
  const newest = own.reduce((one, other) => (other.thisUpdate > one.thisUpdate ? other : one));
  if (own.some(({ serials }) => serials.has(serial(certificate.serialNumber)))) return revoked(certificate);
  if (at <= newest.nextUpdate && at >= newest.thisUpdate - aheadMs) return undefined;
  const [from, to] = [newest.thisUpdate, newest.nextUpdate].map((instant) => new Date(instant).toISOString());
  return mtlsRefusals["revocation-unknown"]({ detail: `the list of ${oneLine(certificate.issuer)} holds from ${from} to ${to}` });
}

function plainList(text: string): Revoked {
  const lines = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().replaceAll(":", ""))
    .filter((line) => line !== "");
  const bad = lines.findIndex((line) => !/^[0-9A-Fa-f]{1,64}$/.test(line));
  if (bad !== -1) {
    const allowed = "lists of authorities (CRL), or thumbprints or serial numbers in hexadecimal, one a line";
    throw new OptionFault("revokedFile", { got: `line ${bad + 1} of the entries`, allowed, example });
  }
  const known = new Set(lines.map((line) => (line.length === 64 ? line.toLowerCase() : serial(line))));
  return {
    judge(certificate) {
      const { fingerprint256, serialNumber } = certificate;
      const found = known.has(fingerprint256.replaceAll(":", "").toLowerCase()) || known.has(serial(serialNumber));
      return found ? revoked(certificate) : undefined;
    },
  };
}

const revoked = ({ subject, serialNumber }: X509Certificate): Refusal =>
  mtlsRefusals.revoked({ detail: `${oneLine(subject)}, serial ${serialNumber}` });

const serial = (text: string): string => text.toLowerCase().replace(/^0+(?=.)/, "");
