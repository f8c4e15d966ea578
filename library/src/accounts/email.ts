import { domainToASCII } from "node:url";

/** No address is longer (RFC 5321 s.4.5.3.1), and what is far longer is not even normalised. */
const longest = 254;

/**
 * The form of an e-mail address that must be unique: NFKC, lower case, the domain in ASCII (so that one domain has one
 * spelling). Undefined for what is no plain address: one @, no spaces, quotes, controls or comments, a domain name (no
 * number), 254 characters at most (RFC 5321 s.4.5.3.1). Its own result it leaves as it is.
 */
export function normalizeEmail(text: string): string | undefined {
  if (text.length > longest * 4) return undefined;
  // Lower case can take a text out of NFKC, so it is normalised again; then nothing changes any more.
  const plain = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  const parts = plain.split("@");
  if (parts.length !== 2) return undefined;
  const [local, domain] = parts as [string, string];
  if (local.length > 64 || !/^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local))
    return undefined;
  const ascii = asciiDomain(domain);
  const email = ascii === undefined ? undefined : `${local}@${ascii}`;
  return email === undefined || email.length > longest ? undefined : email;
}

function asciiDomain(domain: string): string | undefined {
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return undefined;
  const labels = domainToASCII(domain).split(".");
  const named = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  // The last label of a name is no number; that of an IPv4 address, in whatever notation, is (WHATWG URL s.3.5).
  return named && !/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!) ? labels.join(".") : undefined;
}
