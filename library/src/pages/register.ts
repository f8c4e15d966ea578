import { type Answer, type Endpoint, type Exchange, isRefusal } from "../contracts/index.ts";
import { readFields, withHeaders } from "../http/index.ts";
import { seeOther } from "./document.ts";
import { alertOf, fieldOf, formOf, nothingShown, type Shown, shownOf } from "./form.ts";
import { markup } from "./html.ts";
import { cookiesOf, emailOf } from "./login.ts";
import { type Act, refusalHeaders, rootOf, type Site, strangersToken, wantsPage } from "./site.ts";

/** What a new password must be, said before anything goes wrong. */
export const passwordHint = "8 to 256 characters. Several unrelated words make a good one; common passwords are refused.";

/**
 * `/register`: the page, and what comes of its form. Who has registered is signed in where the endpoint does so, and is led
 * to the sign-in page otherwise.
 */
export function registerPages(site: Site, register: Act): readonly Endpoint[] {
  return [
    { method: "GET", path: "/register", rule: undefined, handle: (exchange) => registerPage(exchange, site, {}) },
    {
      method: "POST",
      path: "/register",
      rule: undefined,
      handle: async (exchange) => {
        const result = await register(exchange);
        if (!wantsPage(exchange.view)) return result;
        const fields = await readFields(exchange.view);
        if (isRefusal(result)) {
          return registerPage(exchange, site, {
            email: isRefusal(fields) ? undefined : emailOf(fields),
            shown: shownOf(result, fieldOfCode),
            status: result.status,
            headers: refusalHeaders(result),
          });
        }
        if (result.status >= 400) return result;
        const cookies = cookiesOf(result);
        const root = rootOf(exchange.view);
        return seeOther("set-cookie" in cookies ? `${root}account` : `${root}login?registered`, cookies);
      },
    },
  ];
}

/** Everything that can be wrong with a new password is told beside its field. */
export function fieldOfCode(code: string): string | undefined {
  if (/^password\.(?:too-short|too-long|common|context)$/.test(code)) return "password";
  return /email|taken/.test(code) ? "email" : undefined;
}

interface RegisterFacts {
  readonly email?: string | undefined;
  readonly shown?: Shown;
  readonly status?: number;
  readonly headers?: Answer["headers"];
}

function registerPage({ view }: Exchange, site: Site, { email, shown = nothingShown, status = 200, headers = {} }: RegisterFacts): Answer {
  const { token, headers: cookie } = strangersToken(view, site);
  const root = rootOf(view);
  const wrongPassword = shown.fields.password !== undefined;
  const answer = site.render({
    title: shown === nothingShown ? "Create an account" : "Error: create an account",
    status,
    headers,
    body: markup`<div class="card">
        <h1>Create an account</h1>
        ${alertOf(shown.alert)}
        ${formOf(
          `${root}register`,
          token,
          markup`${fieldOf({ name: "email", label: "Email", type: "email", autocomplete: "username", value: email, error: shown.fields.email, focus: !wrongPassword })}
            ${fieldOf({ name: "password", label: "Password", type: "password", autocomplete: "new-password", hint: passwordHint, error: shown.fields.password, focus: wrongPassword })}
            <button class="wide">Create account</button>`,
        )}
      </div>
      <p class="after">Have an account? <a href="${root}login">Sign in</a></p>`,
  });
  return withHeaders(answer, cookie);
}
