/**
 * Every kind of act and attempt that the audit log tells of: a closed list, a noun and a past participle each.
 * `docs/reference/audit-events.md` has a row for each; a check keeps both, and the code that records it, in step.
 */
export const auditActions = {
  "admin.invited": "A link was made by which the first operator can make an account.",
  "api-key.created": "An API key was made.",
  "api-key.imported": "An API key of which only the hash is known was taken over.",
  "api-key.rotated": "An API key was given a new secret; the old one ends with the overlap.",
  "api-key.revoked": "An API key was revoked.",
  "client.created": "An OAuth client was registered.",
  "client.deleted": "An OAuth client was deleted: every token of it is refused.",
  "client.refused": "A client could not prove who it is, at an endpoint for clients.",
  "client.rotated": "An OAuth client was given a new secret; the old one ends with the overlap.",
  "email.changed": "An account got another e-mail address, which its owner had confirmed.",
  "email.verified": "Somebody proved to read the mail of the address of an account.",
  "mail-code.created": "A code was mailed, or asked for: to confirm an address, choose a new password or sign in.",
  "password.changed": "A person chose a new password, or an operator set one.",
  "refresh-token.created": "Somebody signed in to an app and got a refresh token.",
  "refresh-token.revoked": "A family of refresh tokens ended: by its holder, or because an old token was used again.",
  "request.refused": "A request with a credential, or without the one it needs, was not let in.",
  "role.granted": "A role was given to a user or client.",
  "role.removed": "A role was deleted, and taken from all who had it.",
  "role.set": "A role was made, or its permissions were changed.",
  "role.withdrawn": "A role was taken from a user or client.",
  "session.created": "Somebody signed in and got a session.",
  "session.ended": "A session was ended: by its owner, an operator, or a change of the password.",
  "session.renewed": "A session got a new secret, because what its holder may do has changed; the old one is dead.",
  "sign-in.refused": "An attempt to sign in by password failed or was not looked at.",
  "sign-in.succeeded": "A password was proved right, without a session coming of it (HTTP Basic).",
  "signing-key.created": "A key to sign tokens with was made: the first of its kind, or a successor.",
  "signing-key.withdrawn": "A signing key was withdrawn: nothing that it signed is accepted any more.",
  "token.revoked": "A token was revoked, or everything issued so far for a subject, client, session or grant.",
  "user.created": "A user was made or registered.",
  "user.deleted": "A user was deleted, with all credentials.",
  "user.disabled": "A user was disabled: every credential of it is refused.",
  "user.enabled": "A disabled user may act again.",
  "user.imported": "A user was taken over from another system.",
  "user.updated": "What is known of a user was changed.",
} as const satisfies Readonly<Record<string, string>>;

export type AuditAction = keyof typeof auditActions;
