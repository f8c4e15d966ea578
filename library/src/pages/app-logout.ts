import { type Answer, type Endpoint, type Exchange, isRefusal, type Refusal } from "../contracts/index.ts";
import { formOf } from "./form.ts";
import { markup } from "./html.ts";
import { type Act, ownToken, rootOf, type Site, wantsPage } from "./site.ts";

/** `/oauth/logout`: where an app does not say by an ID token whom to sign out, the person is asked. */
export function appLogoutPages(site: Site, acts: { readonly get: Act; readonly post: Act }): readonly Endpoint[] {
  const handle =
    (act: Act) =>
    async (exchange: Exchange): Promise<Answer | Refusal> => {
      const result = await act(exchange);
      if (!wantsPage(exchange.view)) return result;
      if (isRefusal(result)) return site.refusal(result, exchange.view);
      if (result.status !== 200) return result;
      return (await site.check(exchange.view, site.sessionRule)).allowed ? askPage(exchange, site) : donePage(exchange, site);
    };
  return [
    { method: "GET", path: "/oauth/logout", rule: undefined, handle: handle(acts.get) },
    { method: "POST", path: "/oauth/logout", rule: undefined, handle: handle(acts.post) },
  ];
}

function askPage({ view }: Exchange, site: Site): Answer {
  return site.render({
    title: "Sign out",
    body: markup`<div class="card">
      <h1>Sign out?</h1>
      <p>An app asks to sign you out here.</p>
      ${formOf(`${rootOf(view)}logout`, ownToken(view, site), markup`<button class="wide">Sign out</button>`)}
      <p><a href="${rootOf(view)}account">Stay signed in</a></p>
    </div>`,
  });
}

/** There is nobody to sign out. */
function donePage({ view }: Exchange, site: Site): Answer {
  return site.render({
    title: "Signed out",
    body: markup`<div class="card">
      <h1>You are signed out</h1>
      <p>Nobody is signed in here any more.</p>
      <p><a href="${rootOf(view)}login">Sign in</a></p>
    </div>`,
  });
}
