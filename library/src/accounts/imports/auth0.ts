import { type ExportForm, partOf, textOf, userWith } from "./imported-user.ts";

/** Auth0: a line of its export of password hashes, or of its schema for bulk imports. */
export const auth0: ExportForm = {
  recognizes: (line) => line.email_verified !== undefined || line.custom_password_hash !== undefined,
  read(line) {
    const hash = partOf(partOf(line.custom_password_hash).hash);
    const name = textOf(line.name);
    return userWith({
      email: textOf(line.email),
      emailVerified: line.email_verified === true,
      disabled: line.blocked === true ? true : undefined,
      passwordHash: textOf(line.passwordHash) ?? textOf(line.password_hash) ?? textOf(hash.value),
      metadata: { ...partOf(line.user_metadata), ...(name === undefined ? {} : { name }) },
    });
  },
};
