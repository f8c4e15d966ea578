/** Short names of attributes that people write by number or otherwise (RFC 4514 s.3). */
const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
  "0.9.2342.19200300.100.1.1": "UID",
  "1.2.840.113549.1.9.1": "EMAILADDRESS",
  S: "ST",
};

/**
 * The parts of a distinguished name as RFC 4514 writes it (`CN=billing,O=Acme`, the last part of the certificate first), each as
 * `TYPE=value` without escapes, in the order of the certificate. Undefined: it is none, or one with several values in a part.
 */
export function parseDistinguishedName(text: string): readonly string[] | undefined {
  if (text.length > 1_000) return undefined;
  // At commas that no backslash escapes.
  return partsOf(text.split(/(?<=(?:^|[^\\])(?:\\\\)*),/).map((part) => part.trimStart()))?.toReversed();
}

/** The same of the subject as Node shows it: a part a line, in the order of the certificate. */
export function subjectParts(subject: string): readonly string[] | undefined {
  return partsOf(subject.split("\n"));
}

function partsOf(texts: readonly string[]): readonly string[] | undefined {
  const parts = texts.map(partOf);
  return parts.includes(undefined) ? undefined : (parts as string[]);
}

/** `TYPE=value`: the backslash escapes a character, or two digits a byte. */
function partOf(text: string): string | undefined {
  const found = /^([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)=((?:[^\\+",;<>\0]|\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\]))+)$/.exec(text);
  if (found === null) return undefined;
  const [, type = "", value = ""] = found;
  const bytes = [...value.matchAll(/\\([0-9A-Fa-f]{2})|\\(.)|([^\\]+)/g)].map(([, hex, escaped, plain]) =>
    hex === undefined ? Buffer.from(escaped ?? plain!, "utf8") : Buffer.from(hex, "hex"),
  );
  const upper = type.toUpperCase();
  return `${shortNames[upper] ?? upper}=${Buffer.concat(bytes).toString("utf8")}`;
}
