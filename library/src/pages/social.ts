import { type Answer, type Endpoint, type Exchange, Fault, isRefusal } from "../contracts/index.ts";
import { markup } from "./html.ts";
import { type Act, refusalHeaders, rootOf, type Site, wantsPage } from "./site.ts";

interface SocialActs {
  readonly begin: Act;
  readonly complete: Act;
  readonly completePosted: Act;
  /** Tells the operator of a fault for which people are shown a page. */
  readonly report: (error: unknown, requestId: string) => void;
}

/** What people see when signing in by a provider did not work: why, and how to go on. Where it did, they see nothing of ours. */
export function socialPages(site: Site, { begin, complete, completePosted, report }: SocialActs): readonly Endpoint[] {
  const shown =
    (act: Act): Endpoint["handle"] =>
    async (exchange) => {
      if (!wantsPage(exchange.view)) return act(exchange);
      try {
        const result = await act(exchange);
        return isRefusal(result) ? problemPage(site, exchange, result.title, result.status, refusalHeaders(result)) : result;
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== "LATCHKEY_PROVIDER_UNAVAILABLE") throw error;
        report(error, exchange.view.requestId);
        const away = "The provider does not answer at the moment. Try again shortly, or sign in another way.";
        return problemPage(site, exchange, away, 503, { "retry-after": String(error.retryAfterSeconds) });
      }
    };
  return [
    { method: "GET", path: "/login/:provider", rule: undefined, handle: shown(begin) },
    { method: "GET", path: "/login/:provider/callback", rule: undefined, handle: shown(complete) },
    { method: "POST", path: "/login/:provider/callback", rule: undefined, handle: shown(completePosted) },
  ];
}

function problemPage(site: Site, { view }: Exchange, text: string, status: number, headers: Answer["headers"]): Answer {
  return site.render({
    title: "Not signed in",
    status,
    headers,
    body: markup`<div class="card">
      <h1>You are not signed in</h1>
      <p>${text}</p>
      <p><a href="${rootOf(view)}login">Back to sign in</a></p>
    </div>`,
  });
}
