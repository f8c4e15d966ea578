/** Words that make a password guessable for this person and this service: what an attacker tries before the lists. */
export function contextWords(email: string | undefined, serviceWords: readonly string[]): readonly string[] {
  const words = new Set<string>(serviceWords.map((word) => word.toLowerCase()));
  if (email !== undefined) {
    const [local = "", domain = ""] = email.toLowerCase().split("@");
    for (const word of [email.toLowerCase(), local, ...local.split(/[^\p{L}\p{N}]+/u), domain, ...domain.split(".").slice(0, -1)])
      words.add(word);
  }
  // The longest first, so that what holds another is taken out whole. Shorter words stand in anything by chance.
  return [...words].filter((word) => word.length >= 3).toSorted((one, other) => other.length - one.length);
}

/** The host of the issuer and its parts: `api.example.com` gives `example`, but not `com`. */
export function hostWords(issuer: string): readonly string[] {
  const { hostname } = new URL(issuer);
  return [hostname, ...hostname.split(".").slice(0, -1)];
}

const fewestLettersLeft = 4;

/**
 * Whether a password is little more than such words with digits and signs around them (`ada.lovelace1815!`). A sentence
 * that happens to hold one is fine.
 */
export function isMadeOf(password: string, words: readonly string[]): boolean {
  const lower = password.toLowerCase();
  let rest = lower;
  for (const word of words) rest = rest.split(word).join(" ");
  if (rest === lower) return false;
  return [...rest.matchAll(/\p{L}/gu)].length < fewestLettersLeft;
}
