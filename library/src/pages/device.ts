import { type Answer, type Endpoint, type Exchange, isRefusal, type Principal, type Refusal } from "../contracts/index.ts";
import { readFields } from "../http/index.ts";
import { askedFor, type AskedFor } from "./asked.ts";
import { seeOther } from "./document.ts";
import { alertOf, fieldOf, formOf, type Shown, shownOf } from "./form.ts";
import { markup } from "./html.ts";
import { type Act, actAs, ownToken, refusalHeaders, rootOf, type Site, wantsPage } from "./site.ts";

/** The endpoints of the API behind the page. */
export interface DeviceActs {
  readonly look: Act;
  readonly decide: Act;
  readonly emailOf: (userId: string) => Promise<string | undefined>;
}

/** What the API tells of a request. */
interface Asked extends AskedFor {
  readonly client: { readonly name: string };
  readonly user_code: string;
}

/** `/device`: somebody types the code that a device shows, sees what is asked and by which app, and decides (RFC 8628 s.3.3). */
export function devicePages(site: Site, acts: DeviceActs): readonly Endpoint[] {
  const page = (act: Act, step: (exchange: Exchange, principal: Principal) => Promise<Answer | Refusal>): Endpoint["handle"] => {
    return async (exchange) => {
      const decision = await site.check(exchange.view, site.sessionRule);
      if (!wantsPage(exchange.view)) return decision.allowed ? actAs(act, exchange, decision.principal) : decision.refusal;
      if (decision.allowed) return step(exchange, decision.principal);
      return decision.refusal.status === 401 ? signInFirst(exchange, site) : site.refusal(decision.refusal, exchange.view);
    };
  };
  return [
    { method: "GET", path: "/device", rule: undefined, handle: page(acts.look, (exchange, who) => show(exchange, who, site, acts)) },
    { method: "POST", path: "/device", rule: undefined, handle: page(acts.decide, (exchange, who) => decide(exchange, who, site, acts)) },
  ];
}

async function show(exchange: Exchange, principal: Principal, site: Site, { look, emailOf }: DeviceActs): Promise<Answer> {
  const typed = exchange.query.get("user_code");
  if (typed === null || typed === "") return codePage(exchange, site, undefined, "");
  const result = await actAs(look, exchange, principal);
  if (isRefusal(result)) return codePage(exchange, site, result, typed);
  const { device } = JSON.parse(String(result.body)) as { readonly device: Asked };
  return askPage(exchange, site, device, (await emailOf(principal.subject)) ?? principal.subject);
}

async function decide(exchange: Exchange, principal: Principal, site: Site, acts: DeviceActs): Promise<Answer> {
  const fields = await readFields(exchange.view);
  const result = await actAs(acts.decide, exchange, principal);
  if (isRefusal(result)) return codePage(exchange, site, result, "");
  return donePage(site, !isRefusal(fields) && fields["decision"] === "allow");
}

function signInFirst({ view, query }: Exchange, site: Site): Answer {
  const code = query.get("user_code");
  const base = new URL(site.issuer).pathname.replace(/\/$/, "");
  const back = `${base}/device${code === null ? "" : `?user_code=${encodeURIComponent(code.slice(0, 40))}`}`;
  return seeOther(`${rootOf(view)}login?return=${encodeURIComponent(back)}`);
}

function codePage({ view }: Exchange, site: Site, refusal: Refusal | undefined, typed: string): Answer {
  const shown: Shown | undefined =
    refusal === undefined ? undefined : shownOf(refusal, (code) => (code === "oauth.unknown-user-code" ? "user_code" : undefined));
  return site.render({
    title: refusal === undefined ? "Connect a device" : "Error: connect a device",
    status: refusal?.status ?? 200,
    headers: refusal === undefined ? {} : refusalHeaders(refusal),
    body: markup`<div class="card">
      <h1>Connect a device</h1>
      <p>Type the code that the device shows.</p>
      ${alertOf(shown?.alert)}
      <form method="get" action="${rootOf(view)}device">
        ${fieldOf({ name: "user_code", label: "Code", type: "text", autocomplete: "off", value: typed.slice(0, 40), error: shown?.fields["user_code"], focus: true })}
        <button class="wide">Continue</button>
      </form>
    </div>`,
  });
}

function askPage({ view }: Exchange, site: Site, asked: Asked, email: string): Answer {
  const { client, user_code } = asked;
  const root = rootOf(view);
  const back = `${new URL(site.issuer).pathname.replace(/\/$/, "")}/device?user_code=${user_code}`;
  return site.render({
    title: `Connect ${client.name}`,
    body: markup`<div class="card">
        <h1>Connect ${client.name}?</h1>
        <p class="small">You are signed in as <strong>${email}</strong>.</p>
        <p>Check that your device shows this code:</p>
        <p class="usercode">${user_code}</p>
        <p>If somebody sent it to you, deny it: whoever has the device acts as you.</p>
        ${askedFor(asked)}
        ${formOf(
          `${root}device`,
          ownToken(view, site),
          markup`<input type="hidden" name="user_code" value="${user_code}" />
            <div class="choice">
              <button name="decision" value="allow">Allow</button>
              <button class="plain" name="decision" value="deny">Deny</button>
            </div>`,
        )}
        <p class="small">What you allow can be taken back on your account page.</p>
      </div>
      <p class="after">Not you? <a href="${root}login?return=${encodeURIComponent(back)}">Sign in as somebody else</a></p>`,
  });
}

function donePage(site: Site, allowed: boolean): Answer {
  return site.render({
    title: allowed ? "Device connected" : "Device not connected",
    body: markup`<div class="card">
      <h1>${allowed ? "Your device is connected" : "Your device was not connected"}</h1>
      <p>${allowed ? "Go back to it: it goes on by itself in a moment." : "Nothing was given to it."}</p>
    </div>`,
  });
}
