import { type Answer, type Endpoint, type Exchange, isRefusal } from "../contracts/index.ts";
import { readFields, withHeaders } from "../http/index.ts";
import { seeOther } from "./document.ts";
import { alertOf, doneOf, fieldOf, formOf, nothingShown, type Shown, shownOf } from "./form.ts";
import { markup } from "./html.ts";
import { cookiesOf, emailOf } from "./login.ts";
import { codeField } from "./password.ts";
import { type Act, refusalHeaders, rootOf, type Site, strangersToken, wantsPage } from "./site.ts";

/** `/login/email` asks for a code, `/login/code` takes it. */
export function mailSignInPages(site: Site, acts: { readonly ask: Act; readonly prove: Act }): readonly Endpoint[] {
  const page = (path: string, show: (exchange: Exchange) => Answer): Endpoint => ({ method: "GET", path, rule: undefined, handle: show });
  return [
    page("/login/email", (exchange) => askPage(exchange, site, {})),
    {
      method: "POST",
      path: "/login/email",
      rule: undefined,
      handle: async (exchange) => {
        const result = await acts.ask(exchange);
        if (!wantsPage(exchange.view)) return result;
        if (!isRefusal(result)) return seeOther(`${rootOf(exchange.view)}login/code?sent`, cookiesOf(result));
        const fields = await readFields(exchange.view);
        const shown = shownOf(result, (code) => (code === "account.email-invalid" ? "email" : undefined));
        const email = isRefusal(fields) ? undefined : emailOf(fields);
        return askPage(exchange, site, { email, shown, status: result.status, headers: refusalHeaders(result) });
      },
    },
    page("/login/code", (exchange) => codePage(exchange, site, { sent: exchange.query.has("sent") })),
    {
      method: "POST",
      path: "/login/code",
      rule: undefined,
      handle: async (exchange) => {
        const result = await acts.prove(exchange);
        if (!wantsPage(exchange.view)) return result;
        if (!isRefusal(result)) return seeOther(`${rootOf(exchange.view)}account`, cookiesOf(result));
        const shown = shownOf(result, (code) => (code === "account.code-invalid" ? "code" : undefined));
        return codePage(exchange, site, { shown, status: result.status, headers: refusalHeaders(result) });
      },
    },
  ];
}

interface Facts {
  readonly email?: string | undefined;
  readonly sent?: boolean;
  readonly shown?: Shown;
  readonly status?: number;
  readonly headers?: Answer["headers"];
}

function askPage({ view }: Exchange, site: Site, { email, shown = nothingShown, status = 200, headers = {} }: Facts): Answer {
  const { token, headers: cookie } = strangersToken(view, site);
  const root = rootOf(view);
  const answer = site.render({
    title: shown === nothingShown ? "Sign in by email" : "Error: sign in by email",
    status,
    headers,
    body: markup`<div class="card">
        <h1>Sign in by email</h1>
        ${alertOf(shown.alert)}
        <p class="lead">We mail you a code. Enter it in this browser.</p>
        ${formOf(
          `${root}login/email`,
          token,
          markup`${fieldOf({ name: "email", label: "Email", type: "email", autocomplete: "username", value: email, error: shown.fields.email, focus: true })}
            <button class="wide">Send code</button>`,
        )}
      </div>
      <p class="after"><a href="${root}login">Use the password instead</a></p>`,
  });
  return withHeaders(answer, cookie);
}

function codePage({ view }: Exchange, site: Site, { sent = false, shown = nothingShown, status = 200, headers = {} }: Facts): Answer {
  const { token, headers: cookie } = strangersToken(view, site);
  const root = rootOf(view);
  const answer = site.render({
    title: shown === nothingShown ? "Enter the code" : "Error: enter the code",
    status,
    headers,
    body: markup`<div class="card">
        <h1>Enter the code</h1>
        ${sent && doneOf(markup`<p>If the address has an account, a mail with a code is on its way. The code is good for 10 minutes.</p>`)} ${alertOf(shown.alert)}
        ${formOf(
          `${root}login/code`,
          token,
          markup`${codeField({ error: shown.fields.code, focus: true })}
            <button class="wide">Sign in</button>`,
        )}
      </div>
      <p class="after">No mail? <a href="${root}login/email">Ask for another one</a>.</p>`,
  });
  return withHeaders(answer, cookie);
}
