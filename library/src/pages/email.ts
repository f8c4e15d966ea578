import { type Answer, type Endpoint, type Exchange, isRefusal, type Principal, type Refusal } from "../contracts/index.ts";
import { readFields } from "../http/index.ts";
import { seeOther } from "./document.ts";
import { alertOf, doneOf, fieldOf, formOf, nothingShown, type Shown, shownOf } from "./form.ts";
import { type Html, markup, type Part } from "./html.ts";
import { codeField, codeOf } from "./password.ts";
import { type Act, actAs, ownToken, refusalHeaders, rootOf, type Site } from "./site.ts";

/** The endpoints of the API behind the address of an account. */
export interface EmailActs {
  readonly verify: Act;
  readonly send: Act;
  readonly change: Act;
}

type ShowAccount = (
  exchange: Exchange,
  principal: Principal,
  wrong: { readonly refusal: Refusal; readonly typed: string | undefined },
) => Promise<Answer>;

/** `/email/verify` and the forms of the address on the account page: for who is signed in, lately where it matters. */
export function emailPages(site: Site, acts: EmailActs, showAccount: ShowAccount): readonly Endpoint[] {
  const own =
    (step: (exchange: Exchange, principal: Principal) => Answer | Promise<Answer>, fresh = false): Endpoint["handle"] =>
    async (exchange) => {
      const decision = await site.check(exchange.view, fresh ? site.freshRule : site.sessionRule);
      if (decision.allowed) return step(exchange, decision.principal);
      if (decision.refusal.status !== 401) return site.refusal(decision.refusal, exchange.view);
      const again = decision.refusal.bearerError === "insufficient_user_authentication";
      return seeOther(`${rootOf(exchange.view)}login${again ? "?again" : ""}`);
    };
  return [
    {
      method: "GET",
      path: "/email/verify",
      rule: undefined,
      handle: own(({ view, query }) => verifyPage(view, site, { sent: query.has("sent"), toNew: query.has("new") })),
    },
    {
      method: "POST",
      path: "/account/email/verify",
      rule: undefined,
      handle: own(async (exchange, principal) => {
        const result = await actAs(acts.verify, exchange, principal);
        if (!isRefusal(result)) return seeOther(`${rootOf(exchange.view)}account?confirmed`);
        return refusedVerify(exchange, site, result);
      }),
    },
    {
      method: "POST",
      path: "/account/email/send",
      rule: undefined,
      handle: own(async (exchange, principal) => {
        const result = await actAs(acts.send, exchange, principal);
        return isRefusal(result) ? refusedVerify(exchange, site, result) : seeOther(`${rootOf(exchange.view)}email/verify?sent`);
      }),
    },
    {
      method: "POST",
      path: "/account/email",
      rule: undefined,
      handle: own(async (exchange, principal) => {
        const result = await actAs(acts.change, exchange, principal);
        if (!isRefusal(result)) return seeOther(`${rootOf(exchange.view)}email/verify?sent&new`);
        const fields = await readFields(exchange.view);
        const typed = isRefusal(fields) || typeof fields.email !== "string" ? undefined : fields.email.slice(0, 254);
        return showAccount(exchange, principal, { refusal: result, typed });
      }, true),
    },
  ];
}

async function refusedVerify(exchange: Exchange, site: Site, refusal: Refusal): Promise<Answer> {
  const fields = await readFields(exchange.view);
  return verifyPage(exchange.view, site, {
    typed: isRefusal(fields) ? undefined : codeOf(fields),
    shown: shownOf(refusal, (code) => (code === "account.code-invalid" ? "code" : undefined)),
    status: refusal.status,
    headers: refusalHeaders(refusal),
  });
}

interface VerifyFacts {
  readonly sent?: boolean;
  /** The mail went to another address than that of the account. */
  readonly toNew?: boolean;
  readonly typed?: string | undefined;
  readonly shown?: Shown;
  readonly status?: number;
  readonly headers?: Answer["headers"];
}

function verifyPage(view: Exchange["view"], site: Site, facts: VerifyFacts): Answer {
  const { sent = false, toNew = false, typed, shown = nothingShown, status = 200, headers = {} } = facts;
  const root = rootOf(view);
  const token = ownToken(view, site);
  const mailed = toNew
    ? "A mail is on its way to the new address. Yours changes once you enter the code."
    : "A mail with a code is on its way.";
  return site.render({
    title: shown === nothingShown ? "Confirm your address" : "Error: confirm your address",
    status,
    headers,
    body: markup`<div class="card">
        <h1>Confirm your address</h1>
        ${sent && doneOf(markup`<p>${mailed}</p>`)} ${alertOf(shown.alert)}
        ${formOf(
          `${root}account/email/verify`,
          token,
          markup`${codeField({ value: typed, error: shown.fields.code, focus: true })}
            <button class="wide">Confirm</button>`,
        )}
      </div>
      ${!toNew && formOf(`${root}account/email/send`, token, markup`<p class="after">No mail? Look among the spam, or <button class="link">ask for another one</button>.</p>`)}
      <p class="after"><a href="${root}account">Back to your account</a></p>`,
  });
}

/** The address on the account page: whether it is confirmed, and how to change it. */
export function emailCard(
  {
    email,
    verified,
    shown = nothingShown,
    typed,
  }: { readonly email: string; readonly verified: boolean; readonly shown?: Shown | undefined; readonly typed?: string | undefined },
  root: string,
  act: (path: string, inside: Part) => Html,
): Html {
  return markup`<section class="card" aria-labelledby="address">
    <h2 id="address">Email</h2>
    <ul class="list">
      <li>
        <div>
          <strong>${email}</strong>${verified && markup`<span class="badge">Confirmed</span>`}
          ${!verified && markup`<p class="small">Not confirmed yet: <a href="${root}email/verify">enter the code from the mail</a>.</p>`}
        </div>
        ${!verified && act("account/email/send", markup`<button class="plain">Mail me a code</button>`)}
      </li>
    </ul>
    <div class="more">
      ${alertOf(shown.alert)}
      ${act(
        "account/email",
        markup`${fieldOf({ name: "email", id: "new-email", label: "New address", type: "email", autocomplete: "email", value: typed, error: shown.fields.email, focus: shown !== nothingShown, hint: "We mail a code to it. Yours changes once you have entered it." })}
          <button>Change address</button>`,
      )}
    </div>
  </section>`;
}
