import {
  accountEndpoints,
  type Change,
  type ChangePassword,
  createChangePassword,
  createHasher,
  createHashQueue,
  createInSource,
  createPasswords,
  createRegister,
  createRoleBook,
  createRoles,
  createSignIn,
  createSourceUsers,
  createStrength,
  createUsers,
  type HashQueueState,
  hostWords,
  ownDirectory,
  type Passwords,
  type Register,
  type RoleBook,
  type Roles,
  type SignIns,
  sourceDirectory,
  sourceStates,
  sourceVerifier,
  type Users,
  type UserStates,
  userStates,
} from "../accounts/index.ts";
import type { AuditTrail, Endpoint, SignInLimits } from "../contracts/index.ts";
import type { Settings } from "../options.ts";
import type { WiredSessions } from "./sessions.ts";

export interface AccountParts {
  readonly settings: Settings;
  readonly change: Change;
  readonly trail: AuditTrail;
  readonly limits: SignInLimits;
  /** Tells of every change, of this node and of others. */
  readonly onChange: (listener: (changedId: string) => void) => void;
}

/** What the other rooms get of the accounts, each as an argument. */
export interface Accounts extends SignIns {
  readonly users: Users;
  readonly roles: Roles;
  readonly passwords: Passwords;
  readonly register: Register;
  readonly changePassword: ChangePassword;
  /** What a role may do, without waiting. */
  readonly permissionsOf: RoleBook["permissionsOf"];
  /** Whether a user may act, with its roles, and since when its password is what it is. */
  readonly stateOf: UserStates;
  /** For metrics. */
  hashQueue(): HashQueueState;
}

/** Puts the accounts together, over our own users or over those of the app. Rejects with a Fault when the store does not answer. */
export async function wireAccounts({ settings, change, trail, limits, onChange }: AccountParts): Promise<Accounts> {
  const { store, clock, users: source, onFault } = settings;
  const directory = source === undefined ? ownDirectory(store) : sourceDirectory(source);
  const stateOf = source === undefined ? userStates(store) : sourceStates(store, directory);
  const queue = createHashQueue(settings.passwords.queue);
  const passwords = createPasswords({
    store,
    directory,
    hasher: createHasher(queue, settings.passwords.cost),
    verifyElsewhere: source === undefined ? undefined : sourceVerifier(source),
    strength: createStrength(),
    serviceWords: [...hostWords(settings.issuer), ...settings.passwords.words],
    onFault,
  });
  const book = createRoleBook(store, onFault);
  onChange(book.heard);
  await book.read();
  const createElsewhere = source === undefined ? undefined : createInSource(source);
  const parts = { store, clock, directory, passwords, change, trail };
  return {
    users: source === undefined ? createUsers(parts) : createSourceUsers(parts, createElsewhere),
    roles: createRoles({ store, clock, change, stateOf, trail, book }),
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
    hashQueue: () => queue.state,
    ...createSignIn({ store, passwords, limits, trail }),
  };
}

/** `POST /register` and `POST /password/change`, for people: by a session, or by Basic where it is on. */
export function wireAccountEndpoints(
  { basic }: Settings,
  accounts: Accounts,
  { csrf, formBinding, renew }: Pick<WiredSessions, "csrf" | "formBinding" | "renew">,
): readonly Endpoint[] {
  return accountEndpoints({
    ...accounts,
    checkSource: (view) => csrf.check(view, formBinding(view)),
    renew,
    personMethods: basic === undefined ? ["session"] : ["session", "basic"],
  });
}
