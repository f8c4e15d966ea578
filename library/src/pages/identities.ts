import { type Answer, isRefusal } from "../contracts/index.ts";
import { cookiesOf } from "./login.ts";
import { type Html, markup, type Part } from "./html.ts";
import type { Act, Site } from "./site.ts";

/** The endpoints of the API behind connected identities. */
export interface IdentityActs {
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  readonly list: Act;
  readonly connect: Act;
  readonly disconnect: Act;
}

/** A provider on the account page. */
export interface ShownProvider {
  readonly id: string;
  readonly name: string;
  /** Whether people can still sign in by it. */
  readonly configured: boolean;
  readonly connected: readonly ShownIdentity[];
}

interface ShownIdentity {
  readonly subject: string;
  /** In the provider's words. */
  readonly name: string | null;
  readonly email: string | null;
}

/** Each provider with what of it is connected; one that is configured no more stands last, while something of it is connected. */
export function shownProviders(providers: IdentityActs["providers"], answer: Readonly<Record<string, unknown>>): readonly ShownProvider[] {
  const list = (answer.identities ?? []) as readonly (ShownIdentity & { readonly provider: string })[];
  const of = (id: string) => list.filter(({ provider }) => provider === id);
  const gone = new Set(list.map(({ provider }) => provider).filter((provider) => providers.every(({ id }) => id !== provider)));
  return [
    ...providers.map(({ id, name }) => ({ id, name, configured: true, connected: of(id) })),
    ...[...gone].map((id) => ({ id, name: id, configured: false, connected: of(id) })),
  ];
}

type ActForm = (path: string, inside: Part) => Html;

export function identitiesCard(providers: readonly ShownProvider[], act: ActForm): Html {
  const more = providers.filter(({ configured, connected }) => configured && connected.length > 0);
  return markup`<section class="card" aria-labelledby="identities">
    <h2 id="identities">Connected accounts</h2>
    <p class="small">Other ways to sign in.</p>
    <ul class="list">
      ${providers.map((provider) =>
        provider.connected.length === 0 ? notConnected(provider, act) : provider.connected.map((one) => connectedRow(provider, one, act)),
      )}
    </ul>
    ${
      more.length > 0 &&
      markup`<div class="more buttons">
        ${more.map(({ id, name }) => act(connectPath(id), markup`<button class="plain">Connect another ${name} account</button>`))}
      </div>`
    }
  </section>`;
}

const connectPath = (id: string) => `account/identities/${id}/connect`;

function notConnected({ id, name }: ShownProvider, act: ActForm): Html {
  return markup`<li>
    <div>
      <strong>${name}</strong>
      <p class="small">Not connected</p>
    </div>
    ${act(connectPath(id), markup`<button class="plain">Connect<span class="hidden"> ${name}</span></button>`)}
  </li>`;
}

function connectedRow({ id, name }: ShownProvider, one: ShownIdentity, act: ActForm): Html {
  const said = one.name ?? one.email ?? one.subject;
  const path = `account/identities/${id}/disconnect?subject=${encodeURIComponent(one.subject)}`;
  return markup`<li>
    <div>
      <strong>${name}</strong>
      <p class="small">Connected: ${said}${one.email !== null && one.email !== said && markup` &middot; ${one.email}`}</p>
    </div>
    ${act(path, markup`<button class="plain">Disconnect<span class="hidden"> ${name} ${said}</span></button>`)}
  </li>`;
}

/**
 * A page that leads on to the provider by itself. A redirect would not do: the policy of the page that sent the form lets a form
 * lead nowhere else, and browsers hold redirects to it.
 */
export function onwardPage(site: Site, result: Awaited<ReturnType<Act>>): Answer {
  if (isRefusal(result)) throw new TypeError("A refusal leads nowhere.");
  const { location } = JSON.parse(String(result.body)) as { location: string };
  return site.render({
    title: "One moment",
    headers: cookiesOf(result),
    onward: location,
    body: markup`<div class="card">
      <h1>One moment</h1>
      <p>You are being sent to the provider. <a href="${location}">Go on</a> if nothing happens.</p>
    </div>`,
  });
}
