/** As much of DER (X.690) as it takes to read certificates and lists of revoked ones. Total: any bytes in, an answer out. */

export interface Element {
  readonly tag: number;
  /** Where its tag stands; where its content begins, and where it ends. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

export function elementAt(bytes: Uint8Array, at: number, limit: number): Element | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 3) return undefined;
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[start + index] ?? 0);
    start += count;
  }
  return start + length > limit ? undefined : { tag, at, start, end: start + length };
}

/** What stands in an element, one after the other; nothing where that cannot be read to its end. */
export function childrenOf(bytes: Uint8Array, { start, end }: Element): Element[] {
  const all: Element[] = [];
  for (let at = start; at < end;) {
    const next = elementAt(bytes, at, end);
    if (next === undefined) return [];
    all.push(next);
    at = next.end;
  }
  return all;
}

export const contentOf = (bytes: Uint8Array, { start, end }: Element): Uint8Array => bytes.subarray(start, end);
export const wholeOf = (bytes: Uint8Array, { at, end }: Element): Uint8Array => bytes.subarray(at, end);

/** The names of issuer and subject of a certificate (RFC 5280 s.4.1), as DER in hexadecimal; undefined for what is no certificate. */
export function namesIn(der: Uint8Array): { readonly issuer: string; readonly subject: string } | undefined {
  const certificate = elementAt(der, 0, der.length);
  const signed = certificate && elementAt(der, certificate.start, certificate.end);
  const fields = signed === undefined ? [] : childrenOf(der, signed);
  // The version stands first unless it is the oldest.
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [, , issuer, , subject] = fields;
  const hex = (element: Element) => Buffer.from(wholeOf(der, element)).toString("hex");
  return issuer === undefined || subject === undefined ? undefined : { issuer: hex(issuer), subject: hex(subject) };
}

/**
 * The object identifier of the algorithm that a certificate (RFC 5280 s.4.1.1.2) is signed with, as hexadecimal bytes;
 * undefined for what is no certificate.
 */
export function signatureAlgorithm(der: Uint8Array): string | undefined {
  const certificate = elementAt(der, 0, der.length);
  const signed = certificate && elementAt(der, certificate.start, certificate.end);
  const algorithm = certificate && signed && elementAt(der, signed.end, certificate.end);
  const name = algorithm && elementAt(der, algorithm.start, algorithm.end);
  return name?.tag === 6 ? Buffer.from(der.subarray(name.start, name.end)).toString("hex") : undefined;
}

/** RSA, DSA and ECDSA with SHA-1, and RSA with MD5: collisions can be made. */
export const brokenSignatures: ReadonlySet<string> = new Set([
  "2a864886f70d010105",
  "2a864886f70d010104",
  "2a8648ce380403",
  "2a8648ce3d0401",
]);
