import { createPublicKey, hash, type KeyObject, sign } from "node:crypto";
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from "./der.ts";

/** Names by which a certificate is known: its subject alternative names. */
export interface Names {
  readonly dns: readonly string[];
  readonly uris: readonly string[];
  /** As bytes: four or sixteen. */
  readonly addresses: readonly Uint8Array[];
}

export interface CertificateParts {
  readonly name: string;
  /** A P-256 key, of which the public half goes into the certificate. */
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly from: number;
  readonly to: number;
  readonly purpose: "authority" | "server" | "client";
  readonly names?: Names;
}

const organization = "Latchkey development";
const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));

/** Makes a certificate (RFC 5280 s.4.1), signed with ECDSA on P-256, as PEM. */
export function makeCertificate({ name, publicKey, issuer, from, to, purpose, names }: CertificateParts): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  // Each certificate has a key of its own, so its hash is as good a serial number as any random one.
  const serial = Buffer.from(hash("sha256", spki, "buffer").subarray(0, 16));
  // Above zero, and its first byte not zero.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const signed = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    distinguished(issuer.name),
    sequence(time(from), time(to)),
    distinguished(name),
    spki,
    explicit(3, sequence(...extensionsOf(purpose, publicKey, issuer.key, names))),
  );
  const whole = sequence(signed, ecdsaWithSha256, bits(sign("sha256", signed, issuer.key)));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

function distinguished(name: string): Buffer {
  const part = (type: string, text: string) => set(sequence(oid(type), utf8(text)));
  return sequence(part("2.5.4.10", organization), part("2.5.4.3", name));
}

const extension = (type: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(type), ...(critical ? [boolean(true)] : []), octets(value));

/** RFC 5280 s.4.2: what the key is for, and whose it is. */
function extensionsOf(
  purpose: CertificateParts["purpose"],
  publicKey: KeyObject,
  issuerKey: KeyObject,
  names: Names | undefined,
): Buffer[] {
  const identifiers = [
    extension("2.5.29.14", false, octets(keyIdentifier(publicKey))),
    extension("2.5.29.35", false, sequence(implicit(0, keyIdentifier(createPublicKey(issuerKey))))),
  ];
  if (purpose === "authority")
    return [
      // It issues certificates of servers and clients, none of further authorities.
      extension("2.5.29.19", true, sequence(boolean(true), integer(Buffer.from([0])))),
      extension("2.5.29.15", true, bits(Buffer.from([0x06]), 1)),
      ...identifiers,
    ];
  return [
    extension("2.5.29.19", true, sequence()),
    extension("2.5.29.15", true, bits(Buffer.from([0x80]), 7)),
    extension("2.5.29.37", false, sequence(oid(purpose === "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2"))),
    extension("2.5.29.17", false, sequence(...alternatives(names))),
    ...identifiers,
  ];
}

function alternatives(names: Names | undefined): Buffer[] {
  const { dns = [], uris = [], addresses = [] } = names ?? {};
  const text = (tag: number) => (value: string) => implicit(tag, Buffer.from(value, "latin1"));
  return [...dns.map(text(2)), ...uris.map(text(6)), ...addresses.map((bytes) => implicit(7, bytes))];
}

/** The first 160 bits of the SHA-256 of the key (RFC 7093 s.2): a name to find the issuer by. */
function keyIdentifier(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
  return hash("sha256", point, "buffer").subarray(0, 20);
}
