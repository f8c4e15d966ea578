import type { WebhookEndpoint } from "latchkey";
import type { Command } from "./command.ts";

export const webhookList: Command = {
  name: "webhook list",
  summary: "List webhook endpoints, newest first.",
  positionals: [],
  options: [],
  example: "latchkey webhook list",
  run: async (auth) => ({ endpoints: await auth.webhooks.list() }),
  print({ endpoints }: { endpoints: readonly WebhookEndpoint[] }) {
    if (endpoints.length === 0) return "No endpoints yet. Make one: latchkey webhook create --url https://… --event key.revoked";
    return endpoints.map((one) => `${one.id}  ${stateOf(one).padEnd(8)}  ${one.url}  ${one.events.join(" ")}`).join("\n");
  },
};

function stateOf({ state, failingSince }: WebhookEndpoint): string {
  return state === "enabled" && failingSince !== undefined && failingSince !== null ? "failing" : state;
}
