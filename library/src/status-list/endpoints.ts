import { defineRefusals, type Endpoint, isPromise, type RequestView } from "../contracts/index.ts";
import { emptyAnswer, textAnswer, withHeaders } from "../http/index.ts";
import { statusListType } from "./list-token.ts";
import type { StatusLists } from "./status-lists.ts";

export const statusListRefusals = defineRefusals("status-list", {
  "not-found": { status: 404, title: "There is no such status list." },
});

/** `/status-lists/:list`: which tokens are revoked, for verifiers outside; for anybody, cacheable (Token Status List s.8). */
export function statusListEndpoints(lists: StatusLists): readonly Endpoint[] {
  const answer = (token: string | undefined, view: RequestView) => {
    if (token === undefined) return statusListRefusals["not-found"]();
    // Its signature: no two lists have the same.
    const etag = `"${token.slice(token.lastIndexOf(".") + 1)}"`;
    // Half of its time may be spent here already: together they stay below what the list says of itself.
    const headers = { "cache-control": `public, max-age=${Math.floor(lists.ttlSeconds / 2)}`, etag };
    // Verifiers ask every second or so, and mostly nothing was revoked meanwhile.
    return String(view.header("if-none-match")).includes(etag)
      ? emptyAnswer(304, headers)
      : withHeaders(textAnswer(200, token, `application/${statusListType}`), headers);
  };
  return [
    {
      method: "GET",
      path: "/status-lists/:list",
      rule: undefined,
      handle({ parameters, view }) {
        if (!/^(?:0|[1-9]\d{0,8})$/.test(parameters.list!)) return statusListRefusals["not-found"]();
        const token = lists.publish(Number(parameters.list));
        return isPromise(token) ? token.then((made) => answer(made, view)) : answer(token, view);
      },
    },
  ];
}
