import type { Decision, Endpoint, MaybePromise, RequestView, Rule, RuleOptions } from "../contracts/index.ts";
import { accountPages, type ShownPerson } from "./account.ts";
import { appLogoutPages } from "./app-logout.ts";
import type { Brand } from "./brand.ts";
import { consentPages } from "./consent.ts";
import { devicePages } from "./device.ts";
import { createRender } from "./document.ts";
import { markup } from "./html.ts";
import { loginPages, logoutPages, type WaysIn } from "./login.ts";
import { mailSignInPages } from "./mail-sign-in.ts";
import { passwordPages } from "./password.ts";
import { socialPages } from "./social.ts";
import { reportKeyPages } from "./report-key.ts";
import { registerPages } from "./register.ts";
import { type Act, refusalHeaders, rootOf, type Site } from "./site.ts";

export interface PageParts {
  readonly brand: Brand;
  readonly issuer: string;
  /** The endpoints of the API, which the pages stand before. */
  readonly endpoints: readonly Endpoint[];
  readonly compile: (options: RuleOptions) => Rule;
  readonly check: (view: RequestView, rule: Rule) => MaybePromise<Decision>;
  readonly formToken: (binding: string) => string;
  readonly personOf: (userId: string) => Promise<ShownPerson | undefined>;
  /** Told of a fault for which a page is shown. */
  readonly report: (error: unknown, requestId: string) => void;
  /** What the sign-in page offers. */
  readonly ways: WaysIn;
  /** Whether addresses are confirmed and changed here. */
  readonly ownAddresses: boolean;
  /** Whether passwords are kept here, so that they can be changed here. */
  readonly ownPasswords: boolean;
  /** How recent a sign-in must be to change keys and the password. */
  readonly fresh: string;
}

/**
 * All endpoints, with the pages before those that have one. A request that asks for no page gets what the API answers, so
 * `/login`, `/logout` and `/register` serve programs and browsers alike.
 */
export function createPages(parts: PageParts): readonly Endpoint[] {
  const render = createRender(parts.brand);
  const site: Site = {
    render,
    issuer: parts.issuer,
    check: parts.check,
    sessionRule: parts.compile({ methods: ["session"] }),
    freshRule: parts.compile({ methods: ["session"], maxAge: parts.fresh }),
    formToken: parts.formToken,
    refusal: (refusal, view) =>
      render({
        title: "Not done",
        status: refusal.status,
        headers: refusalHeaders(refusal),
        body: markup`<div class="card">
          <h1>This was not done</h1>
          <p>${refusal.title}</p>
          <p><a href="${rootOf(view)}account">Back to your account</a></p>
        </div>`,
      }),
  };
  const need = (method: string, path: string): Act => {
    const act = parts.endpoints.find((endpoint) => endpoint.method === method && endpoint.path === path)?.handle;
    if (act === undefined) throw new Error(`The pages need the endpoint ${method} ${path}.`);
    return act;
  };
  const register = parts.ways.signUp ? need("POST", "/register") : undefined;
  const emailOf = async (userId: string) => (await parts.personOf(userId))?.email;
  const pages = [
    ...loginPages(site, need("POST", "/login"), parts.ways),
    ...logoutPages(need("POST", "/logout")),
    ...(register === undefined ? [] : registerPages(site, register)),
    ...(parts.ways.forgot ? passwordPages(site, { forgot: need("POST", "/password/forgot"), reset: need("POST", "/password/reset") }) : []),
    ...(parts.ways.providers.length > 0
      ? socialPages(site, {
          begin: need("GET", "/login/:provider"),
          complete: need("GET", "/login/:provider/callback"),
          completePosted: need("POST", "/login/:provider/callback"),
          report: parts.report,
        })
      : []),
    ...(parts.ways.byMail ? mailSignInPages(site, { ask: need("POST", "/login/email"), prove: need("POST", "/login/code") }) : []),
    ...consentPages(site, {
      authorize: need("GET", "/oauth/authorize"),
      post: need("POST", "/oauth/authorize"),
      decide: need("POST", "/oauth/authorize/decision"),
      emailOf,
    }),
    ...appLogoutPages(site, { get: need("GET", "/oauth/logout"), post: need("POST", "/oauth/logout") }),
    ...devicePages(site, { look: need("GET", "/device"), decide: need("POST", "/device"), emailOf }),
    ...reportKeyPages(site, need("POST", "/.well-known/report-key")),
    ...accountPages(site, {
      listConsents: need("GET", "/consents"),
      withdrawConsent: need("DELETE", "/consents/:id"),
      listSessions: need("GET", "/sessions"),
      endSession: need("DELETE", "/sessions/:id"),
      endOtherSessions: need("DELETE", "/sessions"),
      listKeys: need("GET", "/keys"),
      createKey: need("POST", "/keys"),
      revokeKey: need("DELETE", "/keys/:id"),
      changePassword: parts.ownPasswords ? need("POST", "/password/change") : undefined,
      email: parts.ownAddresses
        ? { verify: need("POST", "/email/verify"), send: need("POST", "/email/verify/send"), change: need("POST", "/email/change") }
        : undefined,
      identities:
        parts.ways.providers.length === 0
          ? undefined
          : {
              providers: parts.ways.providers,
              list: need("GET", "/identities"),
              connect: need("POST", "/identities/:provider"),
              disconnect: need("DELETE", "/identities/:provider"),
            },
      personOf: parts.personOf,
    }),
  ];
  const taken = new Set(pages.map(({ method, path }) => `${method} ${path}`));
  return [...parts.endpoints.filter(({ method, path }) => !taken.has(`${method} ${path}`)), ...pages];
}
