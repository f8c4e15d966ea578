import { type Answer, type Endpoint, type Exchange, isRefusal, type Principal, type Refusal } from "../contracts/index.ts";
import { readFields } from "../http/index.ts";
import { type AccountFacts, accountPage, type ShownApp, type ShownKey, type ShownSession } from "./account-page.ts";
import { seeOther } from "./document.ts";
import { type EmailActs, emailPages } from "./email.ts";
import { type IdentityActs, onwardPage, shownProviders } from "./identities.ts";
import { type Shown, shownOf } from "./form.ts";
import { cookiesOf } from "./login.ts";
import { fieldOfCode } from "./register.ts";
import { type Act, actAs, refusalHeaders, rootOf, type Site } from "./site.ts";

/** The endpoints of the API behind the account page. */
export interface AccountActs {
  readonly listSessions: Act;
  readonly endSession: Act;
  readonly endOtherSessions: Act;
  readonly listKeys: Act;
  readonly createKey: Act;
  readonly revokeKey: Act;
  readonly listConsents: Act;
  readonly withdrawConsent: Act;
  /** Undefined: passwords are kept elsewhere. */
  readonly changePassword: Act | undefined;
  /** Undefined: addresses are confirmed and changed elsewhere, or not at all. */
  readonly email: EmailActs | undefined;
  /** Undefined: there are no providers. */
  readonly identities: IdentityActs | undefined;
  readonly personOf: (userId: string) => Promise<ShownPerson | undefined>;
}

/** What the page shows of whose account it is. */
export interface ShownPerson {
  readonly email: string;
  readonly emailVerified: boolean;
}

/** What of a signed-in person's form is asked to be done, and the page that is shown where it was refused. */
type Step = (exchange: Exchange, principal: Principal) => Promise<Answer>;

/** `/account` and the forms on it. Every one of them is done by the endpoint of the API, as the one who is signed in. */
export function accountPages(site: Site, acts: AccountActs): readonly Endpoint[] {
  const show = async (
    exchange: Exchange,
    principal: Principal,
    more: Partial<AccountFacts> = {},
    wrongAddress: { readonly shown?: Shown; readonly typed?: string | undefined } = {},
  ): Promise<Answer> => {
    const [sessions, keys, consents, identities, person] = await Promise.all([
      jsonOf(actAs(acts.listSessions, exchange, principal)),
      jsonOf(actAs(acts.listKeys, exchange, principal)),
      jsonOf(actAs(acts.listConsents, exchange, principal)),
      acts.identities === undefined ? {} : jsonOf(actAs(acts.identities.list, exchange, principal)),
      acts.personOf(principal.subject),
    ]);
    return accountPage(exchange.view, site, {
      email: person?.email ?? principal.subject,
      address: acts.email === undefined || person === undefined ? undefined : { verified: person.emailVerified, ...wrongAddress },
      sessions: (sessions.sessions ?? []) as readonly ShownSession[],
      keys: (keys.keys ?? []) as readonly ShownKey[],
      identities: shownProviders(acts.identities?.providers ?? [], identities),
      apps: (consents.consents ?? []) as readonly ShownApp[],
      canChangePassword: acts.changePassword !== undefined,
      ...more,
    });
  };

  /** Only for somebody who is here by a session, and lately enough where it matters; anybody else signs in first. */
  const own = (step: Step, act?: Act): Endpoint["handle"] => {
    const fresh =
      act === acts.createKey ||
      act === acts.revokeKey ||
      act === acts.changePassword ||
      act === acts.identities?.connect ||
      act === acts.identities?.disconnect;
    return async (exchange) => {
      const rule = act !== undefined && fresh ? site.freshRule : site.sessionRule;
      const decision = await site.check(exchange.view, rule);
      if (decision.allowed) return step(exchange, decision.principal);
      if (decision.refusal.status !== 401) return site.refusal(decision.refusal, exchange.view);
      const again = decision.refusal.bearerError === "insufficient_user_authentication";
      return seeOther(`${rootOf(exchange.view)}login${again ? "?again" : ""}`);
    };
  };

  /** Does it and goes back to the page; where it was refused, shows the page with the reason. */
  const doing = (act: Act, form: "key" | "password" | "other", done: (result: Answer, exchange: Exchange) => Answer): Endpoint["handle"] =>
    own(async (exchange, principal) => {
      const result = await actAs(act, exchange, principal, exchange.parameters);
      if (!isRefusal(result)) return done(result, exchange);
      return show(exchange, principal, await wrongOf(result, form, exchange));
    }, act);

  const back = (query: string) => (result: Answer, exchange: Exchange) =>
    seeOther(`${rootOf(exchange.view)}account${query}`, cookiesOf(result));
  const endpoints: Endpoint[] = [
    page(
      "GET",
      "/account",
      own((exchange, principal) =>
        show(exchange, principal, {
          changedPassword: exchange.query.has("changed"),
          confirmed: exchange.query.has("confirmed"),
          connected: exchange.query.has("connected"),
        }),
      ),
    ),
    page("POST", "/account/sessions/end-others", doing(acts.endOtherSessions, "other", back(""))),
    page("POST", "/account/sessions/:id/end", doing(acts.endSession, "other", back(""))),
    page("POST", "/account/apps/:id/withdraw", doing(acts.withdrawConsent, "other", back(""))),
    page("POST", "/account/keys/:id/revoke", doing(acts.revokeKey, "other", back(""))),
    page("POST", "/account/keys", createKey()),
  ];
  if (acts.changePassword !== undefined) {
    endpoints.push(page("POST", "/account/password", doing(acts.changePassword, "password", back("?changed"))));
  }
  if (acts.identities !== undefined) {
    const { connect, disconnect } = acts.identities;
    const path = "/account/identities/:provider";
    endpoints.push(
      page("POST", `${path}/disconnect`, doing(disconnect, "other", back(""))),
      page(
        "POST",
        `${path}/connect`,
        doing(connect, "other", (result) => onwardPage(site, result)),
      ),
    );
  }
  if (acts.email !== undefined) {
    const wrong: Parameters<typeof emailPages>[2] = (exchange, principal, { refusal, typed }) => {
      const shown = shownOf(refusal, (code) => (code === "account.email-invalid" ? "email" : undefined));
      return show(exchange, principal, { status: refusal.status, headers: refusalHeaders(refusal) }, { shown, typed });
    };
    endpoints.push(...emailPages(site, acts.email, wrong));
  }
  return endpoints;

  /** The one answer to a form that is a page itself: the key must not wait anywhere to be shown after a redirect. */
  function createKey(): Endpoint["handle"] {
    return own(async (exchange, principal) => {
      const result = await actAs(acts.createKey, exchange, principal);
      if (isRefusal(result)) return show(exchange, principal, await wrongOf(result, "key", exchange));
      const { name, key } = JSON.parse(String(result.body)) as { name: string; key: string };
      return show(exchange, principal, { newKey: { name, key }, status: 201 });
    }, acts.createKey);
  }
}

/** What the fields of a new key may hold, said to people. */
const keyFieldRules: Readonly<Record<string, string>> = {
  name: "A name has 1 to 100 characters.",
  scopes: "Scopes are separated by spaces and have no quotes or backslashes in them, as in posts:read.",
  expires: "A whole number and a unit: s, m, h or d. As in 90d.",
};

function page(method: Endpoint["method"], path: string, handle: Endpoint["handle"]): Endpoint {
  return { method, path, rule: undefined, handle };
}

async function wrongOf(refusal: Refusal, form: "key" | "password" | "other", { view }: Exchange): Promise<Partial<AccountFacts>> {
  const fields = await readFields(view);
  const typed: Record<string, string> = {};
  for (const name of ["name", "scopes", "expires"]) {
    const value = isRefusal(fields) ? undefined : fields[name];
    if (typeof value === "string") typed[name] = value;
  }
  const shownTo = (code: string) => {
    if (form !== "password") return undefined;
    return /^password\.(?:wrong|none|malformed)$/.test(code) ? "currentPassword" : fieldOfCode(code) && "newPassword";
  };
  return {
    wrong: { form, shown: shownOf(refusal, shownTo, keyFieldRules), typed },
    status: refusal.status,
    headers: refusalHeaders(refusal),
  };
}

async function jsonOf(result: ReturnType<Act>): Promise<Record<string, unknown>> {
  const answer = await result;
  return isRefusal(answer) ? {} : (JSON.parse(String(answer.body)) as Record<string, unknown>);
}
