import { type Answer, type Endpoint, type Exchange, isRefusal } from "../contracts/index.ts";
import { alertOf, fieldOf, nothingShown, type Shown, shownOf } from "./form.ts";
import { markup } from "./html.ts";
import { type Act, rootOf, type Site, wantsPage } from "./site.ts";

const path = "/.well-known/report-key";

/** `/.well-known/report-key`: where anybody who found a key tells of it. Nothing but the key proves anything, so the form needs no token. */
export function reportKeyPages(site: Site, report: Act): readonly Endpoint[] {
  return [
    { method: "GET", path, rule: undefined, handle: (exchange) => reportPage(exchange, site, nothingShown, 200) },
    {
      method: "POST",
      path,
      rule: undefined,
      handle: async (exchange) => {
        const result = await report(exchange);
        if (!wantsPage(exchange.view)) return result;
        if (isRefusal(result)) return reportPage(exchange, site, shownOf(result), result.status);
        return site.render({
          title: "Thank you",
          status: 200,
          headers: {},
          body: markup`<div class="card"><h1>Thank you</h1><p>If this was a key, it opens nothing any more, and its owner is told.</p></div>`,
        });
      },
    },
  ];
}

function reportPage({ view }: Exchange, site: Site, shown: Shown, status: number): Answer {
  return site.render({
    title: "Report a key",
    status,
    headers: {},
    body: markup`<div class="card">
      <h1>Report a key</h1>
      <p>Did you find one of our keys where others can read it? It is revoked at once.</p>
      ${alertOf(shown.alert)}
      <form method="post" action="${rootOf(view)}.well-known/report-key">
        ${fieldOf({ name: "key", label: "Key", type: "text", autocomplete: "off", error: shown.fields.key, focus: true })}
        ${fieldOf({ name: "url", label: "Where you found it (a URL, if you like)", type: "text", autocomplete: "off", error: shown.fields.url, focus: false, required: false })}
        <button class="wide">Report</button>
      </form>
    </div>`,
  });
}
