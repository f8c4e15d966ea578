/**
 * The bytes of a base64url text without padding (RFC 4648 s.5), or undefined when it is anything but the one spelling of
 * its bytes: a foreign character, padding, white space, or spare bits that are not zero. Two spellings of one token would
 * be two tokens to whoever keeps a list of them.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  // Node skips what it does not know, so the way back tells.
  return bytes.toString("base64url") === text ? bytes : undefined;
}
