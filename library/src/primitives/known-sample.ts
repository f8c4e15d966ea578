// Texts that are long enough for a secret and known to everybody.

const words =
  /change.?me|placeholder|replace.?(?:me|this)|example|password|passw0rd|latchkey|insecure|default|your.?secret|secret.?key|qwertyuiop|0123456789|abcdefghij/i;

/** Why a text is no secret; undefined: nothing is known against it. Random text is hit about once in ten million. */
export function knownSample(secret: string): string | undefined {
  const word = words.exec(secret)?.[0];
  if (word !== undefined) return `it contains ${JSON.stringify(word)}, as samples do`;
  if (new Set(secret).size < 8) return "it has fewer than 8 different characters";
  if ((secret + secret).indexOf(secret, 1) < secret.length) return "it repeats itself";
  return undefined;
}
