/** Users, their passwords and roles; or an app's own users, and what is kept of them here. */
export { type ChangePassword, createChangePassword } from "./change-password.ts";
export type { Change } from "./change.ts";
export { type Directory, ownDirectory, type User } from "./directory.ts";
export { createMailedCodes, type MailedCodes, type MailedCodeTables } from "./codes/index.ts";
export { accountEndpoints } from "./endpoints.ts";
export { createFirstAdmin, type FirstAdmin, type FirstAdminClaim } from "./first-admin.ts";
export type { ImportOutcome } from "./import-user.ts";
export { type FirebaseHashing, type ImportedUser, readExportedUser } from "./imports/index.ts";
export {
  createIdentities,
  createJoin,
  type Identities,
  type IdentityRecord,
  identityTables,
  type IdentityTables,
  type JoiningUser,
  type UnlinkOptions,
  type WhichIdentity,
} from "./identities/index.ts";
export { createMailSignIn } from "./mail-sign-in.ts";
export { mailSignInEndpoints } from "./mail-sign-in-endpoints.ts";
export { mailEndpoints } from "./mail-endpoints.ts";
export { createResetPassword, type ResetPassword } from "./reset-password.ts";
export { createVerifyEmail, type VerifyEmail } from "./verify-email.ts";
export { normalizeEmail } from "./email.ts";
export { type PasswordOptions, type PasswordSettings, readPasswordOptions } from "./options.ts";
export { sourceStates, userStates } from "./owner-state.ts";
export {
  createHasher,
  createHashQueue,
  createPasswords,
  createStrength,
  type HashQueueState,
  hostWords,
  passwordRefusals,
  type Passwords,
} from "./passwords/index.ts";
export { rememberStates } from "./remembered-states.ts";
export { accountRefusals } from "./refusals.ts";
export { createRegister, type Register } from "./register.ts";
export type { Role } from "./role.ts";
export { createRoleBook, type RoleBook } from "./role-book.ts";
export { createRoles, type Roles } from "./roles.ts";
export { createSignIn, type SignIns } from "./sign-in.ts";
export { checkSource, createInSource, sourceDirectory, sourceNobody, type SourceUser, sourceVerifier, type UserSource } from "./source.ts";
export { type AccountTables, accountTables } from "./table.ts";
export type { UserChanges, UserOptions } from "./user-row.ts";
export type { UserList } from "./list-users.ts";
export { createSourceUsers, createUsers, type Users } from "./users.ts";
