import { signWebhook } from "latchkey/webhook";
import { text } from "../arguments.ts";
import { readBody, readSecretFile, secretFileOption } from "../webhook-input.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

export const webhookSign: Command = {
  name: "webhook sign",
  summary: "Print the headers that a message has in Standard Webhooks form.",
  positionals: ["FILE"],
  options: [
    secretFileOption,
    { name: "id", value: "ID", describe: "id of the message" },
    { name: "timestamp", value: "SECONDS", describe: "when it is sent, in seconds since the epoch" },
  ],
  example: 'latchkey webhook sign body.json --secret-file secret.txt --id msg_1 --timestamp "$(date +%s)"    (- reads standard input)',
  async here({ input, positionals }) {
    const [id, timestamp] = [text(input, "id") ?? "", text(input, "timestamp") ?? ""];
    if (!/^[!-~]{1,256}$/.test(id)) throw new UsageError("--id: allowed: 1 to 256 visible characters. Example: --id msg_1");
    if (!/^\d{1,11}$/.test(timestamp))
      throw new UsageError("--timestamp: allowed: seconds since the epoch. Example: --timestamp 1767225600");
    const secret = await readSecretFile(input);
    return signWebhook({ id, atMs: Number(timestamp) * 1_000, body: await readBody(positionals[0]!) }, [secret]);
  },
  print: (headers: Record<string, string>) =>
    Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
};
