import type { WebhookDelivery } from "latchkey";
import { text } from "../arguments.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

const states = ["waiting", "delivered", "failed"] as const;

export const webhookDeliveries: Command = {
  name: "webhook deliveries",
  summary: "Show what became of messages, newest first.",
  positionals: [],
  options: [
    { name: "endpoint", value: "ID", describe: "only those to this endpoint" },
    { name: "state", value: "STATE", describe: "only those that are waiting, delivered or failed" },
    { name: "limit", value: "COUNT", describe: "at most so many; default 100" },
  ],
  example: "latchkey webhook deliveries --state failed",
  async run(auth, input) {
    const endpoint = text(input, "endpoint");
    const state = states.find((one) => one === text(input, "state"));
    const limit = text(input, "limit") ?? "100";
    if (text(input, "state") !== undefined && state === undefined) throw new UsageError(`--state: allowed: ${states.join(", ")}.`);
    if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError("--limit: allowed: a whole number from 1 to 9999. Example: --limit 100");
    const filter = { limit: Number(limit), ...(endpoint === undefined ? {} : { endpoint }), ...(state === undefined ? {} : { state }) };
    return { deliveries: await auth.webhooks.deliveries(filter) };
  },
  print: ({ deliveries }: { deliveries: readonly WebhookDelivery[] }) =>
    deliveries.length === 0
      ? "No deliveries."
      : deliveries
          .map((one) => `${one.id}  ${one.state.padEnd(9)}  ${one.attempts} tries  ${one.type}  ${one.lastError ?? one.lastStatus ?? ""}`)
          .join("\n"),
};
