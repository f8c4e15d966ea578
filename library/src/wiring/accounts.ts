import {
  accountEndpoints,
  type Change,
  type ChangePassword,
  createChangePassword,
  createFirstAdmin,
  createHasher,
  createHashQueue,
  createMailedCodes,
  createMailSignIn,
  createInSource,
  createPasswords,
  createRegister,
  createResetPassword,
  createRoleBook,
  createRoles,
  createSignIn,
  createSourceUsers,
  createStrength,
  createUsers,
  createVerifyEmail,
  type Directory,
  type FirstAdmin,
  type HashQueueState,
  hostWords,
  mailEndpoints,
  mailSignInEndpoints,
  ownDirectory,
  type MailedCodes,
  type Passwords,
  rememberStates,
  type Register,
  type RoleBook,
  type Roles,
  type SignIns,
  sourceDirectory,
  sourceStates,
  sourceNobody,
  sourceVerifier,
  type Users,
  userStates,
} from "../accounts/index.ts";
import type { ActedBy, AuditTrail, Endpoint, Mail, OwnerStates, SignInLimits } from "../contracts/index.ts";
import type { Settings } from "../options.ts";
import type { Changes } from "../policies/revocation/index.ts";
import { cookieForm, deriveKeys } from "../primitives/index.ts";
import type { WiredSessions } from "./sessions.ts";

export interface AccountParts {
  readonly settings: Settings;
  readonly change: Change;
  readonly trail: AuditTrail;
  readonly limits: SignInLimits;
  readonly mail: Mail;
  readonly changes: Changes;
}

/** What the other rooms get of the accounts, each as an argument. */
export interface Accounts extends SignIns {
  readonly users: Users;
  readonly roles: Roles;
  readonly firstAdmin: FirstAdmin;
  readonly passwords: Passwords;
  readonly register: Register;
  readonly changePassword: ChangePassword;
  /** What a role may do, without waiting. */
  readonly permissionsOf: RoleBook["permissionsOf"];
  /** Whether a user may act, with its roles, and since when its password is what it is. */
  readonly stateOf: OwnerStates;
  /** The same, remembered until something is heard of it. */
  readonly rememberedStateOf: OwnerStates;
  readonly codes: MailedCodes;
  /** What the endpoints of mailed codes need of the room. */
  readonly room: Pick<AccountParts, "change" | "trail" | "limits" | "mail"> & { readonly directory: Directory };
  /** For metrics. */
  hashQueue(): HashQueueState;
}

/** Puts the accounts together, over our own users or over those of the app. Rejects with a Fault when the store does not answer. */
export async function wireAccounts({ settings, change, trail, limits, mail, changes }: AccountParts): Promise<Accounts> {
  const { store, clock, users: source, onFault } = settings;
  const directory = source === undefined ? ownDirectory(store) : sourceDirectory(source);
  const stateOf = source === undefined ? userStates(store) : sourceStates(store, directory);
  const queue = createHashQueue(settings.passwords.queue);
  const passwords = createPasswords({
    store,
    directory,
    hasher: createHasher(queue, settings.passwords.cost),
    verifyElsewhere: source === undefined ? undefined : sourceVerifier(source),
    verifyNobodyElsewhere: source === undefined ? undefined : sourceNobody(source),
    strength: createStrength(),
    serviceWords: [...hostWords(settings.issuer), ...settings.passwords.words],
    onFault,
  });
  const book = createRoleBook(store, onFault);
  changes.onChange(book.heard);
  await book.read();
  const createElsewhere = source === undefined ? undefined : createInSource(source);
  const codes = createMailedCodes({ store, clock, trail, mail, keys: deriveKeys(settings.secrets, "mailed-code") });
  const parts = { store, clock, directory, passwords, change, trail, codes, mail };
  return {
    users: source === undefined ? createUsers(parts) : createSourceUsers(parts, createElsewhere),
    roles: createRoles({ store, clock, change, stateOf, trail, book }),
    firstAdmin: createFirstAdmin({ ...parts, own: source === undefined }),
    permissionsOf: book.permissionsOf,
    passwords,
    // Where the app keeps the users and lets nobody register, neither do we.
    register: createRegister({
      ...parts,
      limits,
      signUp: settings.signUp && (source === undefined || createElsewhere !== undefined),
      createElsewhere,
    }),
    changePassword: createChangePassword({ ...parts, limits, elsewhere: source?.verifyPassword !== undefined }),
    stateOf,
    // An app that has its users elsewhere need not tell us of every change.
    rememberedStateOf: source === undefined ? rememberStates(stateOf, changes, clock) : stateOf,
    codes,
    room: { directory, change, trail, limits, mail },
    hashQueue: () => queue.state,
    ...createSignIn({ store, passwords, limits, trail }),
  };
}

/** What of other rooms the endpoints of people need. */
interface AccountNeighbours {
  readonly session: Pick<WiredSessions, "csrf" | "formBinding" | "renew" | "sessions" | "enter">;
  /** See `ResetParts.cleanse`: what is not of the accounts. */
  readonly cleanse: (userId: string, by: ActedBy) => Promise<unknown>;
}

/** The endpoints of people's own accounts: by a session, or by Basic where it is on; and those of who forgot the password. */
export function wireAccountEndpoints(
  { basic, clock, users, store, issuer, mail, sessions: { fresh } }: Settings,
  accounts: Accounts,
  { session, cleanse }: AccountNeighbours,
): readonly Endpoint[] {
  const { csrf, formBinding, renew, sessions, enter } = session;
  const checkSource: Parameters<typeof accountEndpoints>[0]["checkSource"] = (view) => csrf.check(view, formBinding(view));
  const personMethods = basic === undefined ? ["session"] : ["session", "basic"];
  const parts = { ...accounts.room, clock, codes: accounts.codes, passwords: accounts.passwords };
  const reset = createResetPassword({
    ...parts,
    elsewhere: users?.verifyPassword !== undefined,
    endSessions: (userId, by) => sessions.revokeAll(userId, by),
    cleanse,
    signedInSince: async (userId, at) => {
      const standing = await sessions.list(userId);
      return standing.some(({ authenticatedAt, amr }) => authenticatedAt > at && amr.includes("pwd"));
    },
  });
  return [
    ...accountEndpoints({ ...accounts, checkSource, renew, personMethods }),
    ...mailEndpoints({ reset, verify: createVerifyEmail({ ...parts, store }), checkSource, personMethods, fresh }),
    ...mailSignInEndpoints({
      mailSignIn: createMailSignIn({ ...parts, store, on: mail?.signIn === true }),
      checkSource,
      cookie: cookieForm(issuer, "latchkey-mail"),
      enter,
    }),
  ];
}
