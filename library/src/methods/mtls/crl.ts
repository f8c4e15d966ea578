import { verify, type X509Certificate } from "node:crypto";
import { sameBytes } from "../../primitives/index.ts";
import { childrenOf, contentOf, type Element, elementAt, namesIn, wholeOf } from "./der.ts";

/** A list of revoked certificates as an authority signs it (RFC 5280 s.5). */
export interface Crl {
  /** The name of the authority, as DER in hexadecimal. */
  readonly issuer: string;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Serial numbers, hexadecimal in small letters without leading zeros. */
  readonly serials: ReadonlySet<string>;
  isSignedBy(authority: X509Certificate): boolean;
}

/** Digests by the object identifier of the signature, as hexadecimal bytes; null: the algorithm has its own. */
const digests: Readonly<Record<string, string | null>> = {
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2b6570": null,
  "2b6571": null,
};

/**
 * Reads a list from DER; a text says why it cannot be used. Lists of a part, of changes or of several authorities are told by
 * critical extensions, and are refused: whoever did not understand those would let revoked ones in (s.5.2).
 */
export function readCrl(der: Uint8Array): Crl | string {
  const whole = elementAt(der, 0, der.length);
  const [signed, algorithm, signature, ...rest] = whole?.tag === sequence && whole.end === der.length ? childrenOf(der, whole) : [];
  if (signed?.tag !== sequence || algorithm?.tag !== sequence || signature?.tag !== bitString || rest.length > 0)
    return "what is no list of revoked certificates";
  const digest = digests[hex(der, childrenOf(der, algorithm)[0])];
  if (digest === undefined) return "a list that is signed with an algorithm that is broken or not known here";
  const fields = childrenOf(der, signed);
  const proof = contentOf(der, signature);
  if (proof[0] !== 0) return "a list whose signature is not whole bytes";
  // A version, when it is there, is the second one, which has extensions.
  if (fields[0]?.tag === integer) fields.shift();
  const [algorithmInside, issuer, from, to, ...more] = fields;
  // What stands outside is not signed: it must say what stands inside (s.5.1.1.2).
  if (algorithmInside === undefined || !sameBytes(wholeOf(der, algorithmInside), wholeOf(der, algorithm)))
    return "a list that names two algorithms of its signature";
  const [thisUpdate, nextUpdate] = [instant(der, from), instant(der, to)];
  if (issuer?.tag !== sequence || thisUpdate === undefined || nextUpdate === undefined)
    return "a list without its authority, or the times from when and until when it holds";
  const list = more[0]?.tag === sequence ? more.shift() : undefined;
  const entries = list === undefined ? [] : childrenOf(der, list);
  if (list !== undefined && list.end > list.start && entries.length === 0) return "a list that cannot be read to its end";
  const extensions = more[0]?.tag === explicitZero ? childrenOf(der, more[0]).flatMap((one) => childrenOf(der, one)) : [];
  const perEntry = entries.flatMap((entry) => childrenOf(der, entry).slice(2)).flatMap((one) => childrenOf(der, one));
  if ([...extensions, ...perEntry].some((one) => isCritical(der, one)))
    return "a list with a critical extension: of a part, of changes only, or of several authorities";
  const serials = entries.map((entry) => childrenOf(der, entry)[0]);
  if (serials.some((one) => one?.tag !== integer)) return "a list with an entry that is no serial number";
  const authorityName = Buffer.from(wholeOf(der, issuer)).toString("hex");
  const bytes = wholeOf(der, signed);
  return {
    issuer: authorityName,
    thisUpdate,
    nextUpdate,
    serials: new Set(serials.map((one) => hex(der, one).replace(/^0+(?=.)/, ""))),
    isSignedBy(authority) {
      if (namesIn(authority.raw)?.subject !== authorityName) return false;
      try {
        return verify(digest, bytes, authority.publicKey, proof.subarray(1));
      } catch {
        // A key of another kind than the signature.
        return false;
      }
    },
  };
}

const [integer, bitString, sequence, explicitZero] = [0x02, 0x03, 0x30, 0xa0];

/** Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue }. */
function isCritical(der: Uint8Array, extension: Element): boolean {
  const flag = childrenOf(der, extension)[1];
  return flag?.tag === 0x01 && contentOf(der, flag).some((byte) => byte !== 0);
}

/** UTCTime or GeneralizedTime, to the second, in Zulu (s.5.1.2.4). */
function instant(der: Uint8Array, element: Element | undefined): number | undefined {
  if (element?.tag !== 0x17 && element?.tag !== 0x18) return undefined;
  const text = Buffer.from(contentOf(der, element)).toString("latin1");
  const whole = element.tag === 0x18 ? text : `${text < "50" ? "20" : "19"}${text}`;
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(whole);
  if (digits === null) return undefined;
  const [, year, month, day, hour, minute, second] = digits;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at;
}

const hex = (der: Uint8Array, element: Element | undefined): string =>
  element === undefined ? "" : Buffer.from(contentOf(der, element)).toString("hex");
