import { defineRefusals, type Endpoint, isPromise } from "../contracts/index.ts";
import { textAnswer, withHeaders } from "../http/index.ts";
import { statusListType } from "./list-token.ts";
import type { StatusLists } from "./status-lists.ts";

export const statusListRefusals = defineRefusals("status-list", {
  "not-found": { status: 404, title: "There is no such status list." },
});

/** `/status-lists/:list`: which tokens are revoked, for verifiers outside; for anybody, cacheable (Token Status List s.8). */
export function statusListEndpoints(lists: StatusLists): readonly Endpoint[] {
  const answer = (token: string | undefined) =>
    token === undefined
      ? statusListRefusals["not-found"]()
      : withHeaders(textAnswer(200, token, `application/${statusListType}`), {
          // Half of its time may be spent here already: together they stay below what the list says of itself.
          "cache-control": `public, max-age=${Math.floor(lists.ttlSeconds / 2)}`,
        });
  return [
    {
      method: "GET",
      path: "/status-lists/:list",
      rule: undefined,
      handle({ parameters }) {
        if (!/^(?:0|[1-9]\d{0,8})$/.test(parameters.list!)) return statusListRefusals["not-found"]();
        const token = lists.publish(Number(parameters.list));
        return isPromise(token) ? token.then(answer) : answer(token);
      },
    },
  ];
}
