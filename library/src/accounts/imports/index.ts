/** Users of other systems, in the form that `auth.users.import` takes. */
import { OptionFault } from "../../contracts/index.ts";
import { auth0 } from "./auth0.ts";
import { django } from "./django.ts";
import { firebase } from "./firebase.ts";
import type { ExportForm, ExportLine, FirebaseHashing, ImportedUser } from "./imported-user.ts";
import { keycloak } from "./keycloak.ts";

export type { FirebaseHashing, ImportedUser } from "./imported-user.ts";

const forms: readonly ExportForm[] = [firebase, keycloak, django, auth0];

/**
 * Reads one user of an export of Auth0, Firebase, Keycloak or Django, each told by its own fields, or of the form that
 * `auth.users.import` takes. Throws an OptionFault for what cannot be taken over; it never shows a hash.
 */
export function readExportedUser(line: unknown, firebaseHashing?: FirebaseHashing): ImportedUser {
  if (typeof line !== "object" || line === null || Array.isArray(line))
    throw new OptionFault("line", {
      got: line,
      allowed: "a JSON object",
      example: '{"email":"ada@example.com","passwordHash":"$argon2id$…"}',
    });
  const form = forms.find((candidate) => candidate.recognizes(line as ExportLine));
  return form === undefined ? (line as ImportedUser) : form.read(line as ExportLine, firebaseHashing);
}
