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
  /** What is connected of it, in the provider's words; undefined: nothing. */
  readonly connected: string | undefined;
}

/** Each provider with what of it is connected; one that is configured no more stands last, while something of it is connected. */
export function shownProviders(providers: IdentityActs["providers"], answer: Readonly<Record<string, unknown>>): readonly ShownProvider[] {
  const list = (answer.identities ?? []) as readonly { provider: string; email: string | null; name: string | null; subject: string }[];
  const known = providers.map(({ id, name }) => ({ id, name, connected: said(list.find(({ provider }) => provider === id)) }));
  const rest = list.filter(({ provider }) => providers.every(({ id }) => id !== provider));
  return [...known, ...rest.map((one) => ({ id: one.provider, name: one.provider, connected: said(one) }))];
}

function said(
  one: { readonly email: string | null; readonly name: string | null; readonly subject: string } | undefined,
): string | undefined {
  return one === undefined ? undefined : (one.name ?? one.email ?? one.subject);
}

export function identitiesCard(providers: readonly ShownProvider[], act: (path: string, inside: Part) => Html): Html {
  return markup`<section class="card" aria-labelledby="identities">
    <h2 id="identities">Connected accounts</h2>
    <p class="small">Other ways to sign in.</p>
    <ul class="list">
      ${providers.map(
        ({ id, name, connected }) =>
          markup`<li>
            <div>
              <strong>${name}</strong>
              <p class="small">${connected === undefined ? "Not connected" : markup`Connected: ${connected}`}</p>
            </div>
            ${
              connected === undefined
                ? act(
                    `account/identities/${id}/connect`,
                    markup`<button class="plain">Connect<span class="hidden"> ${name}</span></button>`,
                  )
                : act(
                    `account/identities/${id}/disconnect`,
                    markup`<button class="plain">Disconnect<span class="hidden"> ${name}</span></button>`,
                  )
            }
          </li>`,
      )}
    </ul>
  </section>`;
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
