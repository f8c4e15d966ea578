import { type Answer, type Endpoint, type Exchange, isRefusal, type Refusal } from "../contracts/index.ts";
import { readFields } from "../http/index.ts";
import { askedFor, type AskedFor } from "./asked.ts";
import { seeOther } from "./document.ts";
import { formOf } from "./form.ts";
import { markup } from "./html.ts";
import { returnPath } from "./return-path.ts";
import { type Act, actAs, ownToken, refusalHeaders, rootOf, type Site, wantsPage } from "./site.ts";

/** The endpoints of the API behind the consent page. */
export interface ConsentActs {
  readonly authorize: Act;
  readonly post: Act;
  readonly decide: Act;
  readonly emailOf: (userId: string) => Promise<string | undefined>;
}

/** What a person is asked, as the API says it. */
interface Asked extends AskedFor {
  readonly client: { readonly id: string; readonly name: string };
  readonly redirectUri: string;
  readonly user: string;
  readonly request: string;
}

/** `/oauth/authorize` for people: what an app asks for, in words, and what was wrong where nothing can be sent back to it. */
export function consentPages(site: Site, acts: ConsentActs): readonly Endpoint[] {
  const shown = async (result: Answer | Refusal, { view }: Exchange): Promise<Answer | Refusal> => {
    if (!wantsPage(view)) return result;
    if (isRefusal(result)) return errorPage(result, site, view.requestId);
    const asked = askedIn(result);
    return asked === undefined ? result : consentPage(asked, (await acts.emailOf(asked.user)) ?? asked.user, view, site);
  };
  const through = (act: Act) => async (exchange: Exchange) => shown(await act(exchange), exchange);
  return [
    { method: "GET", path: "/oauth/authorize", rule: undefined, handle: through(acts.authorize) },
    { method: "POST", path: "/oauth/authorize", rule: undefined, handle: through(acts.post) },
    {
      method: "POST",
      path: "/oauth/authorize/decision",
      rule: undefined,
      async handle(exchange) {
        const decision = await site.check(exchange.view, site.sessionRule);
        if (!decision.allowed) return signInAgain(decision.refusal, exchange, site);
        return shown(await actAs(acts.decide, exchange, decision.principal), exchange);
      },
    },
  ];
}

/** The session has ended while the page was open: back to the request, by way of the sign-in page. */
async function signInAgain(refusal: Refusal, { view }: Exchange, site: Site): Promise<Answer | Refusal> {
  if (!wantsPage(view)) return refusal;
  const fields = await readFields(view);
  const request = isRefusal(fields) ? undefined : fields["request"];
  const back =
    typeof request === "string" ? returnPath(`${new URL(site.issuer).pathname.replace(/\/$/, "")}/oauth/authorize?${request}`) : undefined;
  if (refusal.status !== 401 || back === undefined) return site.refusal(refusal, view);
  return seeOther(`${rootOf(view)}login?return=${encodeURIComponent(back)}`);
}

function askedIn({ status, headers, body }: Answer): Asked | undefined {
  const isJson = String(headers["content-type"]).startsWith("application/json");
  return status === 200 && isJson ? (JSON.parse(String(body)) as { readonly consent?: Asked }).consent : undefined;
}

function consentPage(asked: Asked, email: string, view: Exchange["view"], site: Site): Answer {
  const root = rootOf(view);
  const { client, redirectUri, request } = asked;
  return site.render({
    title: `${client.name} asks for access`,
    formTargets: [targetOf(redirectUri)],
    body: markup`<div class="card">
        <h1>${client.name} asks for access to your account</h1>
        <p class="small">You are signed in as <strong>${email}</strong>.</p>
        ${askedFor(asked)}
        ${formOf(
          `${root}oauth/authorize/decision`,
          ownToken(view, site),
          markup`<input type="hidden" name="request" value="${request}" />
            <div class="choice">
              <button name="decision" value="allow">Allow</button>
              <button class="plain" name="decision" value="deny">Deny</button>
            </div>`,
        )}
        <p class="small">Either way you go on to <strong>${placeOf(redirectUri)}</strong>. What you allow can be taken back on your account page.</p>
      </div>
      <p class="after">Not you? <a href="${root}login?return=${encodeURIComponent(backTo(request, site))}">Sign in as somebody else</a></p>`,
  });
}

const backTo = (request: string, site: Site): string => `${new URL(site.issuer).pathname.replace(/\/$/, "")}/oauth/authorize?${request}`;

/** Where the form may lead: browsers hold a redirect after a form to the same policy as the form (CSP level 3). */
export function targetOf(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri);
  return origin === "null" ? protocol : origin;
}

/** For people: the host, or the app on this device. */
function placeOf(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri);
  if (protocol === "https:") return host;
  return protocol === "http:" ? `${host} on this device` : `the app ${protocol.slice(0, -1)} on this device`;
}

/** Nothing can be told to the app: it is not known whether the address is its own. */
function errorPage(refusal: Refusal, site: Site, requestId: string): Answer {
  return site.render({
    title: "This does not work",
    status: refusal.status,
    headers: refusalHeaders(refusal),
    body: markup`<div class="card">
      <h1>This does not work</h1>
      <p>The app that sent you here asked for something that cannot be answered. Nothing was shared with it.</p>
      <p>${refusal.hint ?? refusal.title}</p>
      <p class="small">For whoever runs the app: <code>${refusal.publicCode}</code>, request <code>${requestId}</code></p>
    </div>`,
  });
}
