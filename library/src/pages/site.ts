import type { Answer, Decision, Endpoint, Exchange, MaybePromise, Principal, Refusal, RequestView, Rule } from "../contracts/index.ts";
import { cookieForm, type CookieForm, randomBase62, readCookie, sha256, writeCookie } from "../primitives/index.ts";
import type { Render } from "./document.ts";

/** What every page stands on. */
export interface Site {
  readonly render: Render;
  readonly issuer: string;
  /** Who is here by a session. The check of where a change comes from is part of it. */
  readonly check: (view: RequestView, rule: Rule) => MaybePromise<Decision>;
  readonly sessionRule: Rule;
  /** The same, and signed in lately. */
  readonly freshRule: Rule;
  /** A page that says why something was not done. */
  readonly refusal: (refusal: Refusal, view: RequestView) => Answer;
  /** The token of a form for one binding: see the policy `csrf`. */
  readonly formToken: (binding: string) => string;
}

/** The endpoint behind a form: the page shows what it answers, so that a page can do nothing that the API would refuse. */
export type Act = Endpoint["handle"];

/** The way from a page to the folder of all pages: they may be mounted anywhere, so no link begins with a slash. */
export function rootOf(view: RequestView): string {
  const path = view.target.split("?", 1)[0]!;
  return "../".repeat(Math.max(0, path.split("/").length - 2)) || "./";
}

/** Whether this is a browser that shows a page: it asks for HTML by name. A program asks for JSON or anything. */
export function wantsPage(view: RequestView): boolean {
  const accept = view.header("accept");
  return typeof accept === "string" && /(?:^|[\s,])text\/html(?:[\s,;]|$)/i.test(accept);
}

/** The token for the forms of somebody who is not signed in: bound to a cookie of its own, made here where there is none. */
export function strangersToken(view: RequestView, site: Site): { readonly token: string; readonly headers: Answer["headers"] } {
  const form: CookieForm = cookieForm(site.issuer, "latchkey-form");
  const known = readCookie(view.header("cookie"), form.name);
  if (typeof known === "string" && known !== "") return { token: site.formToken(`form:${known}`), headers: {} };
  const made = randomBase62(22);
  return { token: site.formToken(`form:${made}`), headers: { "set-cookie": writeCookie(form, made, 86_400) } };
}

/** The token for the forms of somebody who is here by a session. */
export function ownToken(view: RequestView, site: Site): string {
  const secret = readCookie(view.header("cookie"), cookieForm(site.issuer, "latchkey").name);
  return site.formToken(sha256(typeof secret === "string" ? secret : ""));
}

/** Calls the endpoint of the API that does what a form asks for, as the one who sent the form. */
export function actAs(act: Act, exchange: Exchange, principal: Principal, parameters: Readonly<Record<string, string>> = {}) {
  const { view, at, address, query } = exchange;
  return act({ view, at, address, query, parameters, principal, remembered: false });
}

/** The headers of a refusal that a page keeps: how long to wait. */
export function refusalHeaders(refusal: Refusal): Answer["headers"] {
  return refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) };
}
