import { type Answer, type Endpoint, type Exchange, isRefusal, type Refusal } from "../contracts/index.ts";
import { readFields, withHeaders } from "../http/index.ts";
import { targetOf } from "./consent.ts";
import { seeOther } from "./document.ts";
import { alertOf, doneOf, fieldOf, formOf, nothingShown, type Shown, shownOf } from "./form.ts";
import { type Html, markup } from "./html.ts";
import { returnPath } from "./return-path.ts";
import { type Act, refusalHeaders, rootOf, type Site, strangersToken, wantsPage } from "./site.ts";

interface LoginFacts {
  readonly email?: string | undefined;
  readonly back?: string | undefined;
  /** Why somebody who is signed in is asked again: to change something here, or because an app asks for it. */
  readonly again?: "here" | "app" | undefined;
  /** Somebody has just registered, perhaps with an address that had an account: nobody is told which. */
  readonly registered?: boolean;
  /** A new password was just set by a mailed code. */
  readonly reset?: boolean;
  readonly shown?: Shown;
  readonly status?: number;
  readonly headers?: Answer["headers"];
}

/** What a sign-in page offers beside the password. */
export interface WaysIn {
  readonly signUp: boolean;
  /** Whether a forgotten password can be replaced by mail. */
  readonly forgot: boolean;
  /** Whether a mailed code signs people in. */
  readonly byMail: boolean;
  /** Who else can say who somebody is, in the order of the buttons. */
  readonly providers: readonly { readonly id: string; readonly name: string }[];
}

/** `/login`: the page, and what comes of its form. A program that asks for no page gets the API's answer. */
export function loginPages(site: Site, signIn: Act, ways: WaysIn): readonly Endpoint[] {
  return [
    {
      method: "GET",
      path: "/login",
      rule: undefined,
      handle: (exchange) => {
        const { query } = exchange;
        return loginPage(exchange, site, ways, {
          back: returnPath(query.get("return")),
          again: query.has("again") ? (query.get("again") === "app" ? "app" : "here") : undefined,
          email: emailOf({ email: query.get("email") ?? undefined }),
          registered: query.has("registered"),
          reset: query.has("reset"),
        });
      },
    },
    {
      method: "POST",
      path: "/login",
      rule: undefined,
      handle: async (exchange) => {
        const result = await signIn(exchange);
        if (!wantsPage(exchange.view)) return result;
        const fields = await readFields(exchange.view);
        const back = isRefusal(fields) ? undefined : returnPath(fields.return);
        if (isRefusal(result))
          return refused(exchange, site, ways, result, { back, email: isRefusal(fields) ? undefined : emailOf(fields) });
        return seeOther(back ?? `${rootOf(exchange.view)}account`, cookiesOf(result));
      },
    },
  ];
}

/** Signing out leads to the sign-in page; where it failed, the API's answer says that it did. */
export function logoutPages(signOut: Act): readonly Endpoint[] {
  return [
    {
      method: "POST",
      path: "/logout",
      rule: undefined,
      handle: async (exchange) => {
        const result = await signOut(exchange);
        if (isRefusal(result) || result.status !== 204 || !wantsPage(exchange.view)) return result;
        return seeOther(`${rootOf(exchange.view)}login`, cookiesOf(result));
      },
    },
  ];
}

export function emailOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  return typeof fields.email === "string" ? fields.email.slice(0, 254) : undefined;
}

export function cookiesOf(answer: Answer): Answer["headers"] {
  const cookies = answer.headers["set-cookie"];
  return cookies === undefined ? {} : { "set-cookie": cookies };
}

function refused(exchange: Exchange, site: Site, ways: WaysIn, refusal: Refusal, facts: LoginFacts): Answer {
  return loginPage(exchange, site, ways, { ...facts, shown: shownOf(refusal), status: refusal.status, headers: refusalHeaders(refusal) });
}

const againWords = {
  here: "To change keys or the password, please sign in again.",
  app: "The app that sent you here asks that you sign in again.",
} as const;

/** Where the app is to which signing in leads: a browser holds every redirect that follows a form to the policy of its page. */
function targetsOf(back: string | undefined): readonly string[] {
  const [path, query] = (back ?? "").split("?", 2);
  const redirectUri = path?.endsWith("/oauth/authorize") === true ? new URLSearchParams(query).get("redirect_uri") : null;
  return redirectUri !== null && URL.canParse(redirectUri) ? [targetOf(redirectUri)] : [];
}

function loginPage({ view }: Exchange, site: Site, ways: WaysIn, facts: LoginFacts): Answer {
  const { email, back, again, registered = false, reset = false, shown = nothingShown, status = 200, headers = {} } = facts;
  const { token, headers: cookie } = strangersToken(view, site);
  const failed = shown !== nothingShown;
  const root = rootOf(view);
  const answer = site.render({
    title: failed ? "Error: sign in" : "Sign in",
    status,
    headers,
    formTargets: targetsOf(back),
    body: markup`<div class="card">
        <h1>Sign in</h1>
        ${again !== undefined && !failed && doneOf(markup`<p>${againWords[again]}</p>`)} ${registered && !failed && doneOf(markup`<p>Your account is ready. If the address had one already, its password stays as it was.</p>`)} ${reset && !failed && doneOf(markup`<p>Your new password is set, and all devices are signed out. Sign in with it.</p>`)} ${alertOf(shown.alert)}
        ${formOf(
          `${root}login`,
          token,
          markup`${back !== undefined && markup`<input type="hidden" name="return" value="${back}" />`}
            ${fieldOf({ name: "email", label: "Email", type: "email", autocomplete: "username", value: email, error: shown.fields.email, focus: email === undefined })}
            ${fieldOf({ name: "password", label: "Password", type: "password", autocomplete: "current-password", error: shown.fields.password, focus: email !== undefined })}
            ${ways.forgot && markup`<p class="small forgot"><a href="${root}password/forgot">Forgotten your password?</a></p>`}
            <button class="wide">Sign in</button>`,
        )}
        ${otherWays(ways, root, back)}
      </div>
      ${ways.signUp && markup`<p class="after">New here? <a href="${root}register">Create an account</a></p>`}`,
  });
  return withHeaders(answer, cookie);
}

/** Buttons of those who can say who somebody is, and the way by mail. */
function otherWays({ byMail, providers }: WaysIn, root: string, back: string | undefined): Html | false {
  if (!byMail && providers.length === 0) return false;
  const query = back === undefined ? "" : `?return=${encodeURIComponent(back)}`;
  return markup`<p class="or">or</p>
    <div class="ways">
      ${providers.map(({ id, name }) => markup`<a class="button" href="${`${root}login/${id}${query}`}">Continue with ${name}</a>`)}
      ${byMail && markup`<a class="button" href="${root}login/email">Mail me a code</a>`}
    </div>`;
}
