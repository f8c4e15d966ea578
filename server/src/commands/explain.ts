import type { DecisionEvent } from "latchkey";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const explain: Command = {
  name: "explain",
  summary: "Say why a request was let in or refused, by the X-Request-Id of its answer.",
  positionals: ["REQUEST_ID"],
  options: [],
  example: "latchkey explain req_4f0c…",
  async run(auth, _input, [requestId]) {
    const event = await auth.explain(requestId!);
    if (event === undefined)
      throw new NotDone(`Nothing is known of ${requestId}. Refusals are kept; of what was let in, the last thousands.`);
    return event;
  },
  print: (event: DecisionEvent) =>
    [
      `${event.httpMethod} ${event.path} from ${event.address} at ${new Date(event.at).toISOString()}`,
      `outcome  ${event.outcome}${event.detail === undefined ? "" : ` (${event.detail})`}`,
      `seen     ${event.seen.join(", ") || "no credential"}`,
      `checks   ${event.checks.map((check, index) => (event.outcome !== "allowed" && index === event.checks.length - 1 ? `${check} FAILED` : check)).join(", ")}`,
      `caller   ${event.principal === undefined ? "unknown" : `${event.principal.subject} by ${event.principal.method}`}`,
    ].join("\n"),
};
