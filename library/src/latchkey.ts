import { accountTables, identityTables } from "./accounts/index.ts";
import { type Endpoint, RequestAborted, type Rule } from "./contracts/index.ts";
import { createRouter, whoamiEndpoint } from "./endpoints/index.ts";
import type { Latchkey } from "./face.ts";
import { answerFetch } from "./frameworks/fetch/index.ts";
import { apiKeyTables } from "./methods/api-key/index.ts";
import { jwtTables } from "./methods/jwt/index.ts";
import {
  accessTokenTables,
  authorizationTables,
  clientTables,
  deviceTables,
  logoutTables,
  registrationTables,
  subjectTables,
} from "./methods/oauth/server/index.ts";
import { sessionTables } from "./methods/session/index.ts";
import { mailTables } from "./mail/index.ts";
import { checkForms } from "./option-forms.ts";
import { type LatchkeyOptions, readOptions } from "./options.ts";
import { auditTables } from "./policies/audit/index.ts";
import { createMetrics } from "./policies/metrics/index.ts";
import { changeTables } from "./policies/revocation/index.ts";
import { createRules } from "./rules.ts";
import { refreshTables } from "./refresh-tokens/index.ts";
import { signingKeyTables } from "./signing-keys/index.ts";
import { statusListTables } from "./status-list/index.ts";
import { webhookTables } from "./webhooks/index.ts";
import {
  buildHouse,
  createLifecycle,
  tokenSource,
  wireAccountEndpoints,
  wireAccounts,
  wireApiKeys,
  wireBasic,
  wireForwardAuth,
  wireGate,
  wireLeaks,
  wireOAuth,
  wireMail,
  wirePages,
  wireSessions,
  wireSocial,
  wireTokens,
  wireWebhooks,
} from "./wiring/index.ts";

/** The tables of every room, in the order in which they are made. */
const tables = [
  changeTables,
  accountTables,
  identityTables,
  apiKeyTables,
  sessionTables,
  auditTables,
  signingKeyTables,
  statusListTables,
  jwtTables,
  refreshTables,
  webhookTables,
  mailTables,
  clientTables,
  accessTokenTables,
  registrationTables,
  deviceTables,
  authorizationTables,
  logoutTables,
  subjectTables,
];

/**
 * Wires the rooms together: brings the tables up to date, starts to listen for changes of other nodes, and returns the
 * gate. Throws an OptionFault for an option that cannot be used, and rejects with a Fault when the store does not answer.
 */
export async function createLatchkey(given: LatchkeyOptions): Promise<Latchkey> {
  checkForms(given);
  const house = await buildHouse(readOptions(given), tables);
  const { settings, ephemeral, changes, change, trail, audit, limits, clientAddress } = house;
  const { store, clock, onFault } = settings;

  const mail = wireMail(house);
  const accounts = await wireAccounts({ settings, change, trail, limits: limits.signIn, mail, changes });
  const session = wireSessions({ ...house, personState: accounts.rememberedStateOf, signIn: accounts.signIn });
  const keys = wireApiKeys({ ...house, ownerState: accounts.stateOf, person: accounts.users.find, mail, lastUses: audit.lastUses });
  const tokenRooms = wireTokens({
    ...house,
    ownerState: accounts.stateOf,
    rememberedState: accounts.rememberedStateOf,
    source: tokenSource(keys.standing, session.stands),
    signIn: accounts.signIn,
    checkSource: (view) => session.csrf.check(view, undefined),
    authenticate: (view) => checkAny(view, anyRule),
    grantStands: (id) => oauth.grantStands(id),
  });
  const oauth = wireOAuth({
    ...house,
    tokens: tokenRooms,
    ownerState: accounts.stateOf,
    person: accounts.users.find,
    keyMethod: keys.method,
    sessionMethod: session.method,
    guardBy: (wanted) => {
      let compiled: Rule | undefined;
      return (view) => check(view, (compiled ??= rule(wanted)));
    },
    sessionStands: session.stands,
    endSession: (id, by) => session.sessions.revoke(id, by),
    keyStands: async (id) => (await keys.standing(id)) !== undefined,
  });
  await tokenRooms.start();
  oauth.logouts.start();
  const webhooks = await wireWebhooks(house);
  const methods = [
    keys.method,
    ...wireBasic(settings, accounts, oauth),
    session.method,
    tokenRooms.method,
    oauth.method,
    ...settings.methods.map((method) => method({ clock, ephemeral, onFault, clientKeys: oauth.clientKeys })),
  ];

  const metrics = createMetrics();
  const check = wireGate(house, { methods, metrics, csrf: session.policy, permissionsOf: accounts.permissionsOf });

  const { rule, ruleOf, checkAny } = createRules(
    check,
    methods.map(({ name }) => name),
  );
  const anyRule = rule();
  const report = (error: unknown, requestId: string): void => {
    if (!(error instanceof RequestAborted)) onFault(error, requestId);
  };
  const social = wireSocial({ ...house, accounts, session, revokeKeys: keys.revokeAll });
  const people = [...wireAccountEndpoints(settings, accounts, { session, cleanse: social.cleanse }), ...social.endpoints];
  const api = [
    whoamiEndpoint(),
    ...keys.endpoints,
    ...session.endpoints,
    ...tokenRooms.endpoints,
    ...oauth.endpoints,
    ...people,
    ...wireLeaks(settings, keys.apiKeys),
  ];
  const routing = (endpoints: readonly Endpoint[]) => createRouter({ endpoints, compile: rule, check, clientAddress, clock });
  const route = routing(
    wirePages(settings, { report, endpoints: api, compile: rule, check, formToken: session.csrf.make, users: accounts.users }),
  );
  const forwardAuth = wireForwardAuth({ settings, tokens: tokenRooms.tokens, methods, compile: ruleOf, check });
  const handle: Latchkey["handle"] = (view) => forwardAuth(view) ?? route(view);

  return {
    issuer: settings.issuer,
    users: accounts.users,
    roles: accounts.roles,
    firstAdmin: accounts.firstAdmin,
    identities: social.identities,
    apiKeys: keys.apiKeys,
    tokens: tokenRooms.tokens,
    clients: oauth.clients,
    signingKeys: tokenRooms.signingKeys,
    audit: audit.log,
    sessions: session.sessions,
    webhooks,
    rule,
    check: checkAny,
    handle,
    route: routing,
    fetch: (request, known) => answerFetch({ handle, report }, request, known),
    report,
    explain: audit.explain,
    metrics: () => ({ ...metrics.read(), hashQueue: accounts.hashQueue() }),
    ping: () => store.ping(),
    ...createLifecycle({ mail, changes, webhooks, oauth, session, tokens: tokenRooms, social, audit, ephemeral, store }),
  };
}

export type { Latchkey, LatchkeyOptions };
