interface Words {
  /** What happened. */
  readonly what: string;
  /** What to do about it. */
  readonly advice?: string;
}

const words: Readonly<Record<string, Words>> = {
  allowed: { what: "The credential was right, and may do what the route asks." },
  done: { what: "It was done." },
  "request.no-credential": {
    what: "The request held no credential.",
    advice: "Browsers and curl -L drop the header Authorization on a redirect to another host.",
  },
  "request.unknown-credential": {
    what: "There was an Authorization header of a kind that nothing here reads.",
    advice: "Check its scheme and the prefix of the key.",
  },
  "request.several-credentials": {
    what: "The request held several credentials, so none was tried.",
    advice: "A proxy or an HTTP client may add one of its own.",
  },
  "request.credential-in-query": {
    what: "A credential stood in the URL, where logs keep it.",
    advice: "Replace that credential: it must be taken for leaked.",
  },
  "request.method-not-accepted": { what: "The credential is of a kind that this route does not take." },
  "api-key.damaged": { what: "The key is no key of ours: its checksum is wrong.", advice: "Usually a part was lost when it was copied." },
  "api-key.unknown": { what: "The key has the right form, but was never issued here.", advice: "It may belong to another environment." },
  "api-key.revoked": {
    what: "Somebody used an API key that was revoked.",
    advice: "Find the program that still sends it. If nobody should have it, it has leaked.",
  },
  "api-key.replaced": { what: "Somebody used the old secret of a key that was rotated, after the overlap was over." },
  "api-key.expired": { what: "The key has expired." },
  "api-key.owner-disabled": { what: "The owner of the key is disabled." },
  "api-key.owner-gone": { what: "The owner of the key does not exist any more." },
  "password.wrong": { what: "The password was wrong.", advice: "Many of these for one account or from one address are somebody guessing." },
  "password.unknown-user": { what: "Nobody has the e-mail address that was tried." },
  "password.user-disabled": { what: "The password was right, but the user is disabled." },
  "password.none": { what: "The user has no password." },
  "session.revoked": { what: "The session was ended, and its cookie came again." },
  "session.idle": { what: "The session was not used for too long." },
  "session.expired": { what: "The session was over." },
  "session.password-changed": { what: "The session began before the password was changed." },
  "session.owner-disabled": { what: "The user of the session is disabled." },
  "session.owner-gone": { what: "The user of the session does not exist any more." },
  "session.unknown": { what: "The cookie names no session that is known." },
  "csrf.foreign-page": {
    what: "A page of another site tried to use somebody's session.",
    advice: "The person at the browser was probably lured there.",
  },
  "csrf.unproven": { what: "Nothing showed that the change came from a page of this site." },
  "address.not-allowed": {
    what: "The key may not be used from that address.",
    advice: "Either the program moved, or somebody else has the key.",
  },
  "authorization.scope-missing": { what: "The caller is known, but its credential lacks a scope that the route needs." },
  "authorization.role-missing": { what: "The caller is known, but has none of the roles that the route needs." },
  "authorization.permission-missing": { what: "The caller is known, but none of its roles gives the permission that the route needs." },
  "authorization.may-not": { what: "The caller is known, but may not do that." },
  "authorization.sign-in-too-old": { what: "The route needs a more recent sign-in." },
  "authorization.assurance-missing": { what: "The route needs a stronger sign-in." },
  "rate-limit.exceeded": { what: "The caller asked more often than its limit allows." },
  "rate-limit.attempts": { what: "Too many failed attempts came from there." },
  "rate-limit.sign-in": { what: "Too many attempts to sign in." },
  "account.invitation-invalid": { what: "Somebody came with a link for the first administrator that is used, too old or made up." },
  "jwt.expired": { what: "The token has expired." },
  "jwt.revoked": { what: "The token was revoked." },
  "jwt.bad-signature": { what: "The token's signature is wrong: it was changed or made by somebody else." },
};

/** What a code means. */
export function explained(code: string): Words {
  const known = words[code];
  if (known !== undefined) return known;
  const [area = "", rest = ""] = code.split(".");
  return { what: `Refused: ${area.replaceAll("-", " ")}, ${rest.replaceAll("-", " ")}.` };
}

/** Of the checks that ran, the one that failed: the last, unless it was let in. */
export function failedCheck(outcome: string, checks: readonly string[]): string | undefined {
  return outcome === "allowed" ? undefined : checks.at(-1);
}
