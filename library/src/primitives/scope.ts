/** scope-token of RFC 6749 s.3.3: printable ASCII without space, quote and backslash. */
export function isScopeToken(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(text);
}

/** What `isScopeToken` allows, for messages. */
export const scopeForm = 'printable ASCII without space, " and \\';

/** A role or permission name: like a scope, but never with the characters that separate lists. */
export function isRoleName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._:*-]{0,99}$/.test(text);
}

export const roleForm = "letters, digits and . _ : * -, beginning with a letter or digit";
