import { operator } from "../acted-by.ts";
import { list, text } from "../arguments.ts";
import type { Command } from "./command.ts";

export const webhookCreate: Command = {
  name: "webhook create",
  summary: "Make an endpoint that is told of events; its secret is shown once.",
  positionals: [],
  options: [
    { name: "url", value: "URL", describe: "where messages are sent" },
    { name: "event", value: "TYPE", many: true, describe: "a type of event, e.g. key.revoked, or *; may be given several times" },
    { name: "description", value: "TEXT", describe: "what people call it" },
  ],
  example: "latchkey webhook create --url https://hooks.example.com/latchkey --event user.disabled --event key.revoked",
  async run(auth, input) {
    const description = text(input, "description");
    const options = { url: text(input, "url") ?? "", events: list(input, "event"), ...(description === undefined ? {} : { description }) };
    const { endpoint, secret } = await auth.webhooks.create(options, operator());
    return { id: endpoint.id, secret, url: endpoint.url, events: endpoint.events };
  },
  print: (output: { id: string; secret: string }) => `${output.secret}\n\nThis is the secret of ${output.id}. It is not shown again.`,
};
