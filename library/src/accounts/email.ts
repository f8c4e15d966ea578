/**
 * The form of an e-mail address that must be unique: NFKC, lower case, the domain in ASCII (so that one domain has one
 * spelling). Undefined for what is no plain address: one @, no spaces, quotes, controls or comments, 254 characters at
 * most (RFC 5321 s.4.5.3.1).
 */
export function normalizeEmail(text: string): string | undefined {
  const plain = text.normalize("NFKC");
  const parts = plain.split("@");
  if (plain.length > 254 || parts.length !== 2) return undefined;
  const [local, domain] = parts as [string, string];
  if (local.length === 0 || local.length > 64 || !/^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u.test(local)) return undefined;
  const ascii = asciiDomain(domain);
  return ascii === undefined ? undefined : `${local.toLowerCase()}@${ascii}`;
}

function asciiDomain(domain: string): string | undefined {
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return undefined;
  try {
    const { hostname } = new URL(`http://${domain}`);
    return /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(hostname) ? hostname : undefined;
  } catch {
    return undefined;
  }
}
