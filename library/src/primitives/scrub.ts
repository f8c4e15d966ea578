// The second net under logs and records: whatever a line is made of, what looks like a credential does not leave in it.

const nets: readonly (readonly [RegExp, string])[] = [
  // Tokens of our format, and keys issued elsewhere that look alike: the prefix says which kind leaked. Ids are none.
  [
    /\b(?!(?:usr|key|cli|ses|grt|evt|req)_[0-9a-z]{20,32}\b)([A-Za-z][A-Za-z0-9]{0,15}_(?:[a-z0-9]{1,16}_)?)[0-9A-Za-z]{24,}/g,
    "$1[redacted]",
  ],
  [/\b(Bearer|Basic|DPoP|Digest)(\s+|%20)[^\s"\\,]+/gi, "$1 [redacted]"],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, "[redacted]"],
  // User and password of a URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/?#\s"\\]*@/gi, "$1[redacted]@"],
];

/** Replaces what looks like a credential by `[redacted]`: for a line of a log, and for what a client says of itself. */
export function scrub(line: string): string {
  return nets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}
