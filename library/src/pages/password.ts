import { type Answer, type Endpoint, type Exchange, isRefusal } from "../contracts/index.ts";
import { readFields, withHeaders } from "../http/index.ts";
import { seeOther } from "./document.ts";
import { alertOf, doneOf, fieldOf, formOf, nothingShown, type Shown, shownOf } from "./form.ts";
import { markup } from "./html.ts";
import { emailOf } from "./login.ts";
import { fieldOfCode, passwordHint } from "./register.ts";
import { type Act, refusalHeaders, rootOf, type Site, strangersToken, wantsPage } from "./site.ts";

/** The endpoints of the API behind a forgotten password. */
export interface PasswordActs {
  readonly forgot: Act;
  readonly reset: Act;
}

/** `/password/forgot` and `/password/reset`. The code is typed or pasted: it stands in no URL, and no script is needed. */
export function passwordPages(site: Site, { forgot, reset }: PasswordActs): readonly Endpoint[] {
  return [
    { method: "GET", path: "/password/forgot", rule: undefined, handle: (exchange) => forgotPage(exchange, site, {}) },
    {
      method: "POST",
      path: "/password/forgot",
      rule: undefined,
      handle: async (exchange) => {
        const result = await forgot(exchange);
        if (!wantsPage(exchange.view)) return result;
        if (!isRefusal(result)) return seeOther(`${rootOf(exchange.view)}password/reset?sent`);
        const fields = await readFields(exchange.view);
        const shown = shownOf(result, (code) => (code === "account.email-invalid" ? "email" : undefined));
        const email = isRefusal(fields) ? undefined : emailOf(fields);
        return forgotPage(exchange, site, { email, shown, status: result.status, headers: refusalHeaders(result) });
      },
    },
    {
      method: "GET",
      path: "/password/reset",
      rule: undefined,
      handle: (exchange) => resetPage(exchange, site, { sent: exchange.query.has("sent") }),
    },
    {
      method: "POST",
      path: "/password/reset",
      rule: undefined,
      handle: async (exchange) => {
        const result = await reset(exchange);
        if (!wantsPage(exchange.view)) return result;
        if (!isRefusal(result)) return seeOther(`${rootOf(exchange.view)}login?reset`);
        const fields = await readFields(exchange.view);
        const shown = shownOf(result, (code) => (code === "account.code-invalid" ? "code" : fieldOfCode(code)));
        const typed = isRefusal(fields) ? undefined : codeOf(fields);
        return resetPage(exchange, site, { typed, shown, status: result.status, headers: refusalHeaders(result) });
      },
    },
  ];
}

/** What was typed as a code, so that it need not be typed again when only the password was wrong. */
export function codeOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  return typeof fields.code === "string" ? fields.code.slice(0, 40) : undefined;
}

/** The field for a code, however it is written. */
export function codeField(facts: { readonly value?: string | undefined; readonly error?: string | undefined; readonly focus: boolean }) {
  const hint = "As in K7QF-2M9X-W4TD. Capital or small letters, with or without hyphens.";
  return fieldOf({ name: "code", label: "Code from the mail", type: "text", autocomplete: "one-time-code", hint, ...facts });
}

interface Facts {
  readonly shown?: Shown;
  readonly status?: number;
  readonly headers?: Answer["headers"];
}

function forgotPage({ view }: Exchange, site: Site, facts: Facts & { readonly email?: string | undefined }): Answer {
  const { email, shown = nothingShown, status = 200, headers = {} } = facts;
  const { token, headers: cookie } = strangersToken(view, site);
  const root = rootOf(view);
  const answer = site.render({
    title: shown === nothingShown ? "Forgotten password" : "Error: forgotten password",
    status,
    headers,
    body: markup`<div class="card">
        <h1>Forgotten password</h1>
        ${alertOf(shown.alert)}
        <p class="lead">We mail you a code with which you choose a new one.</p>
        ${formOf(
          `${root}password/forgot`,
          token,
          markup`${fieldOf({ name: "email", label: "Email", type: "email", autocomplete: "username", value: email, error: shown.fields.email, focus: true })}
            <button class="wide">Send code</button>`,
        )}
      </div>
      <p class="after"><a href="${root}login">Back to sign in</a></p>`,
  });
  return withHeaders(answer, cookie);
}

function resetPage(
  { view }: Exchange,
  site: Site,
  facts: Facts & { readonly sent?: boolean; readonly typed?: string | undefined },
): Answer {
  const { sent = false, typed, shown = nothingShown, status = 200, headers = {} } = facts;
  const { token, headers: cookie } = strangersToken(view, site);
  const root = rootOf(view);
  const wrongPassword = shown.fields.password !== undefined;
  const answer = site.render({
    title: shown === nothingShown ? "New password" : "Error: new password",
    status,
    headers,
    body: markup`<div class="card">
        <h1>New password</h1>
        ${sent && doneOf(markup`<p>If the address has an account, a mail with a code is on its way. The code is good for 30 minutes.</p>`)} ${alertOf(shown.alert)}
        ${formOf(
          `${root}password/reset`,
          token,
          markup`${codeField({ value: typed, error: shown.fields.code, focus: !wrongPassword })}
            ${fieldOf({ name: "password", label: "New password", type: "password", autocomplete: "new-password", hint: passwordHint, error: shown.fields.password, focus: wrongPassword })}
            <button class="wide">Set new password</button>`,
        )}
      </div>
      <p class="after">No mail? Look among the spam, or <a href="${root}password/forgot">ask for another one</a>.</p>`,
  });
  return withHeaders(answer, cookie);
}
