import type { Answer, RequestView } from "../contracts/index.ts";
import { emailCard } from "./email.ts";
import { identitiesCard, type ShownProvider } from "./identities.ts";
import { alertOf, doneOf, fieldOf, formOf, nothingShown, type Shown } from "./form.ts";
import { type Html, markup, type Part } from "./html.ts";
import { passwordHint } from "./register.ts";
import { ownToken, rootOf, type Site } from "./site.ts";

/** A session and a key as the API shows them; the page knows no more than a program would. */
export interface ShownSession {
  readonly id: string;
  readonly current: boolean;
  readonly device: string;
  readonly lastAddress: string;
  readonly lastSeenAt: string;
  readonly createdAt: string;
}

export interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** An app that was let in. */
export interface ShownApp {
  readonly id: string;
  readonly client: { readonly name: string };
  readonly scopes: readonly { readonly words: string }[];
  readonly givenAt: string;
}

export interface AccountFacts {
  readonly email: string;
  /** Undefined: it is confirmed and changed elsewhere, or not at all. */
  readonly address?: { readonly verified: boolean; readonly shown?: Shown; readonly typed?: string | undefined } | undefined;
  /** Providers that there are, each with what of it is connected; empty: there are none. */
  readonly identities?: readonly ShownProvider[];
  /** An identity was just connected. */
  readonly connected?: boolean;
  /** An address was just confirmed. */
  readonly confirmed?: boolean;
  readonly sessions: readonly ShownSession[];
  readonly keys: readonly ShownKey[];
  readonly apps: readonly ShownApp[];
  /** A key that was just made: shown this once. */
  readonly newKey?: { readonly name: string; readonly key: string } | undefined;
  /** Which form went wrong, with what was typed into it (no password). */
  readonly wrong?: { readonly form: "key" | "password" | "other"; readonly shown: Shown; readonly typed: Readonly<Record<string, string>> };
  readonly changedPassword?: boolean;
  readonly canChangePassword: boolean;
  readonly status?: number;
  readonly headers?: Answer["headers"];
}

export function accountPage(view: RequestView, site: Site, facts: AccountFacts): Answer {
  const root = rootOf(view);
  const token = ownToken(view, site);
  const act = (path: string, inside: Part) => formOf(`${root}${path}`, token, inside);
  return site.render({
    title: facts.wrong === undefined && facts.address?.shown === undefined ? "Your account" : "Error: your account",
    status: facts.status ?? 200,
    headers: facts.headers ?? {},
    head: act("logout", markup`<button class="plain">Sign out</button>`),
    body: markup`<h1>Your account</h1>
      <p class="lead">Signed in as <strong>${facts.email}</strong></p>
      ${facts.wrong?.form === "other" && alertOf(facts.wrong.shown.alert)}
      ${facts.changedPassword === true && doneOf(markup`<p>The password is changed, and all other sessions have ended.</p>`)}
      ${facts.connected === true && doneOf(markup`<p>The provider is connected. You can sign in with it from now on.</p>`)}
      ${facts.confirmed === true && doneOf(markup`<p>Your address is confirmed.</p>`)}
      ${facts.newKey !== undefined && newKeyShown(facts.newKey)} ${sessionsCard(facts.sessions, act)} ${facts.apps.length > 0 && appsCard(facts.apps, act)} ${keysCard(facts, act)}
      ${facts.address !== undefined && emailCard({ email: facts.email, ...facts.address }, root, act)}
      ${facts.identities !== undefined && facts.identities.length > 0 && identitiesCard(facts.identities, act)}
      ${facts.canChangePassword && passwordCard(facts, act)}`,
  });
}

type ActForm = (path: string, inside: Part) => Html;

function newKeyShown({ name, key }: NonNullable<AccountFacts["newKey"]>): Html {
  return doneOf(
    markup`<p>The key <strong>${name}</strong> is made. Copy it now: it is not shown again.</p>
      <code class="secret">${key}</code>`,
  );
}

function sessionsCard(sessions: readonly ShownSession[], act: ActForm): Html {
  const others = sessions.filter(({ current }) => !current).length;
  const inOrder = sessions.toSorted((one, other) => Number(other.current) - Number(one.current));
  return markup`<section class="card" aria-labelledby="sessions">
    <h2 id="sessions">Sessions</h2>
    <p class="small">Where you are signed in. End what you do not recognise, then change the password.</p>
    <ul class="list">
      ${inOrder.map(
        ({ id, current, device, lastAddress, lastSeenAt }) =>
          markup` <li>
            <div>
              <strong>${device}</strong>${current && markup`<span class="badge">This device</span>`}
              <p class="small">Last seen ${instant(lastSeenAt)}${lastAddress !== "" && markup` from ${lastAddress}`}</p>
            </div>
            ${!current && act(`account/sessions/${id}/end`, markup`<button class="plain">End<span class="hidden"> session ${device}, last seen ${plainInstant(lastSeenAt)}</span></button>`)}
          </li>`,
      )}
    </ul>
    ${others > 0 && markup`<div class="more">${act("account/sessions/end-others", markup`<button class="plain">End all other sessions</button>`)}</div>`}
  </section>`;
}

function appsCard(apps: readonly ShownApp[], act: ActForm): Html {
  return markup`<section class="card" aria-labelledby="apps">
    <h2 id="apps">Connected apps</h2>
    <p class="small">Apps that you let in. Withdraw what you no longer use: they are signed out at once.</p>
    <ul class="list">
      ${apps.map(
        ({ id, client, scopes, givenAt }) =>
          markup` <li>
            <div>
              <strong>${client.name}</strong>
              <p class="small">${scopes.map(({ words }) => words).join(" · ")}</p>
              <p class="small">Allowed ${instant(givenAt)}</p>
            </div>
            ${act(`account/apps/${id}/withdraw`, markup`<button class="plain">Withdraw<span class="hidden"> access of ${client.name}</span></button>`)}
          </li>`,
      )}
    </ul>
  </section>`;
}

function keysCard({ keys, wrong }: AccountFacts, act: ActForm): Html {
  const inForce = keys.filter(({ revokedAt }) => revokedAt === null);
  const mine = wrong?.form === "key" ? wrong : undefined;
  const shown = mine?.shown ?? nothingShown;
  const field = { type: "text", autocomplete: "off" } as const;
  return markup`<section class="card" aria-labelledby="keys">
    <h2 id="keys">API keys</h2>
    <p class="small">For programs that act in your name.</p>
    ${
      inForce.length > 0 &&
      markup`<ul class="list">
        ${inForce.map((key) => keyRow(key, act))}
      </ul>`
    }
    <div class="more">
      ${alertOf(shown.alert)}
      ${act(
        "account/keys",
        markup`${fieldOf({ ...field, name: "name", label: "Name of a new key", value: mine?.typed.name, error: shown.fields.name, focus: mine !== undefined && shown.fields.scopes === undefined && shown.fields.expires === undefined })}
          <div class="row">
            ${fieldOf({ ...field, name: "scopes", label: "Scopes", value: mine?.typed.scopes, error: shown.fields.scopes, focus: shown.fields.scopes !== undefined, required: false, hint: "Separated by spaces, as in posts:read. Empty: none." })}
            ${fieldOf({ ...field, name: "expires", label: "Expires after", value: mine === undefined ? "90d" : mine.typed.expires, error: shown.fields.expires, focus: shown.fields.expires !== undefined, required: false, hint: "As in 90d or 12h. Empty: until revoked." })}
          </div>
          <button>Create key</button>`,
      )}
    </div>
  </section>`;
}

function keyRow({ id, name, hint, scopes, expiresAt, lastUsedAt }: ShownKey, act: ActForm): Html {
  return markup` <li>
    <div>
      <strong>${name}</strong>
      <p class="small"><code>${hint}</code>${scopes.length > 0 && markup` &middot; ${scopes.join(" ")}`}</p>
      <p class="small">
        ${lastUsedAt === null ? "Never used" : markup`Last used ${instant(lastUsedAt)}`}${expiresAt !== null && markup` &middot; expires ${instant(expiresAt)}`}
      </p>
    </div>
    ${act(`account/keys/${id}/revoke`, markup`<button class="plain">Revoke<span class="hidden"> key ${name}</span></button>`)}
  </li>`;
}

function passwordCard({ wrong }: AccountFacts, act: ActForm): Html {
  const shown = wrong?.form === "password" ? wrong.shown : nothingShown;
  const field = { type: "password", required: true } as const;
  return markup`<section class="card" aria-labelledby="password">
    <h2 id="password">Password</h2>
    <p class="small">Changing it ends all other sessions.</p>
    <div class="more">
      ${alertOf(shown.alert)}
      ${act(
        "account/password",
        markup`${fieldOf({ ...field, name: "currentPassword", id: "current-password", label: "Current password", autocomplete: "current-password", error: shown.fields.currentPassword, focus: shown.fields.currentPassword !== undefined })}
          ${fieldOf({ ...field, name: "newPassword", id: "new-password", label: "New password", autocomplete: "new-password", hint: passwordHint, error: shown.fields.newPassword, focus: shown.fields.newPassword !== undefined })}
          <button>Change password</button>`,
      )}
    </div>
  </section>`;
}

function instant(text: string): Html {
  return markup`<time datetime="${text}">${plainInstant(text)}</time>`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `24 Nov 2026, 10:15 UTC`: without a script a page does not know the zone of who reads it. */
function plainInstant(text: string): string {
  const [date, time] = text.split("T") as [string, string];
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  return `${day} ${months[month - 1]} ${year}, ${time.slice(0, 5)} UTC`;
}
