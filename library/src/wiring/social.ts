import type { Kysely } from "kysely";
import {
  accountRefusals,
  type AccountTables,
  createIdentities,
  createJoin,
  type Identities,
  type IdentityTables,
  type JoiningUser,
  normalizeEmail,
  type User,
} from "../accounts/index.ts";
import { type ActedBy, type Endpoint, Fault, type ProviderTokens, type Refusal } from "../contracts/index.ts";
import { createFlows, type Provider, ProviderProblem, socialEndpoints } from "../methods/oauth/client/index.ts";
import { returnPath } from "../pages/index.ts";
import { cookieForm, createSealer, deriveKeys, instantText } from "../primitives/index.ts";
import type { Accounts } from "./accounts.ts";
import type { House } from "./house.ts";
import type { WiredSessions } from "./sessions.ts";

interface SocialWiring extends Pick<House, "settings" | "ephemeral" | "trail" | "limits"> {
  readonly accounts: Pick<Accounts, "users" | "room">;
  readonly session: Pick<WiredSessions, "enter" | "sessions">;
  /** Ends every API key of an owner. */
  readonly revokeKeys: (owner: string, by: ActedBy) => Promise<void>;
}

export interface SocialRooms {
  readonly identities: Identities;
  /** Takes from an account what was made in it before anybody had proved its address: identities and keys. */
  readonly cleanse: (userId: string, by: ActedBy) => Promise<void>;
  readonly endpoints: readonly Endpoint[];
  /** Ends what the providers keep open between two requests. */
  close(): void;
}

/** Puts signing in by somebody else's word together. Its endpoints are there where a provider is configured. */
export function wireSocial({ settings, ephemeral, trail, limits, accounts, session, revokeKeys }: SocialWiring): SocialRooms {
  const { store, clock, providers, issuer, secrets } = settings;
  const { users, room } = accounts;
  const sealer = createSealer(deriveKeys(secrets, "identity-tokens"));
  const { unlinkAll, ...identities } = createIdentities({
    store,
    clock,
    trail,
    sealer,
    hasPassword: async (transaction, userId) => settings.users?.verifyPassword !== undefined || ownPassword(transaction, userId),
    isConfigured: (id) => providers.has(id),
    renew: (id, tokens) => renew(providers.get(id), id, tokens, clock.now()),
  });
  const cleanse: SocialRooms["cleanse"] = async (userId, by) => {
    await unlinkAll(userId, by);
    await revokeKeys(userId, by);
  };
  const close = (): void => {
    for (const provider of providers.values()) provider.close?.();
  };
  if (providers.size === 0) return { identities, cleanse, endpoints: [], close };
  const join = createJoin({
    store,
    clock,
    trail,
    sealer,
    mail: room.mail,
    findUser: async (id) => joining(await users.find(id)),
    findByEmail: async (email) => joining(await users.findByEmail(email)),
    createUser: (email, by) => createUser(email, by, { settings, accounts }),
    nameOf: (id) => providers.get(id)?.name ?? id,
  });
  const endpoints = socialEndpoints({
    providers,
    issuer,
    openings: limits.openings,
    flows: createFlows({
      ephemeral,
      sealer: createSealer(deriveKeys(secrets, "social-flow")),
      cookie: cookieForm(issuer, "latchkey-flow"),
      // A browser takes a cookie that comes along with foreign posts only if it is Secure; on loopback it does so too.
      postCookie: { ...cookieForm(issuer, "latchkey-flow-post"), secure: true },
    }),
    trail,
    join,
    stands: async (sessionId, userId) => (await session.sessions.find(sessionId))?.userId === userId,
    enter: session.enter,
    returnPath,
    list: async (userId) =>
      (await identities.list(userId)).map(({ linkedAt, lastUsedAt, email = null, name = null, ...one }) => ({
        ...one,
        email,
        name,
        linkedAt: instantText(linkedAt),
        lastUsedAt: instantText(lastUsedAt),
      })),
    unlink: identities.unlink,
    home: settings.pages === undefined ? "/" : "../../account",
    fresh: settings.sessions.fresh,
  });
  return { identities, cleanse, endpoints, close };
}

function joining(user: User | undefined): JoiningUser | undefined {
  if (user === undefined) return undefined;
  const { id, email, emailVerified, disabledAt } = user;
  return { id, email, emailVerified, disabled: disabledAt !== undefined };
}

/** A user with an address that the provider has proved, where people may register. */
async function createUser(
  email: string,
  by: ActedBy,
  { settings, accounts }: Pick<SocialWiring, "settings" | "accounts">,
): Promise<JoiningUser | Refusal> {
  const own = settings.users === undefined;
  if (!settings.signUp || (!own && settings.users?.create === undefined)) return accountRefusals["sign-up-off"]();
  const address = normalizeEmail(email);
  if (address === undefined) return accountRefusals["email-invalid"]();
  const user = await accounts.users.create({ email: own ? email : address, emailVerified: true }, by);
  if (!own) await accounts.room.directory.tellVerified?.(user.id, address);
  return { id: user.id, email: user.email, emailVerified: true, disabled: user.disabledAt !== undefined };
}

async function ownPassword(transaction: Kysely<IdentityTables>, userId: string): Promise<boolean> {
  const accounts = transaction as unknown as Kysely<AccountTables>;
  return (await accounts.selectFrom("latchkey_password").select("user_id").where("user_id", "=", userId).executeTakeFirst()) !== undefined;
}

/** Undefined: the provider will not, or is not configured any more. A provider that is away is a Fault. */
async function renew(provider: Provider | undefined, id: string, tokens: ProviderTokens, at: number): Promise<ProviderTokens | undefined> {
  try {
    return await provider?.refresh(tokens, at);
  } catch (error) {
    if (!(error instanceof ProviderProblem)) throw error;
    if (error.kind === "refused" || error.kind === "cancelled") return undefined;
    throw new Fault("LATCHKEY_PROVIDER_UNAVAILABLE", `${id}: ${error.message}.`, { cause: error, retryAfterSeconds: 10 });
  }
}
