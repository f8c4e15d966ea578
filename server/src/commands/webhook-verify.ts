import { verifyWebhookMessage, type WebhookOptions } from "latchkey/webhook";
import { list, text } from "../arguments.ts";
import { UsageError } from "../usage.ts";
import { readBody, readSecretFile, secretFileOption } from "../webhook-input.ts";
import type { Command } from "./command.ts";

export const webhookVerify: Command = {
  name: "webhook verify",
  summary: "Say whether a message is signed with a secret, whatever its age; exits 1 when it is not.",
  positionals: ["FILE"],
  options: [
    secretFileOption,
    { name: "scheme", value: "NAME", describe: "standard (default), github, stripe, slack or shopify" },
    { name: "header", value: "LINE", many: true, describe: 'a header as it was received, e.g. "webhook-id: msg_1"' },
  ],
  example: 'latchkey webhook verify body.json --secret-file secret.txt --header "webhook-id: msg_1" --header …',
  async here({ input, positionals }) {
    const secret = await readSecretFile(input);
    const scheme = (text(input, "scheme") ?? "standard") as Extract<WebhookOptions["scheme"], string>;
    const headers = Object.fromEntries(list(input, "header").map(headerOf));
    const body = await readBody(positionals[0]!);
    const refusal = verifyWebhookMessage({ scheme, secrets: [secret], headers, body });
    return refusal === undefined ? { valid: true } : { valid: false, code: refusal.code, detail: refusal.detail };
  },
  print: (output: { valid: boolean; code?: string; detail?: string }) =>
    output.valid ? "The signature fits." : `The signature does not fit: ${output.detail ?? output.code}.`,
  exitCode: ({ valid }: { valid: boolean }) => (valid ? 0 : 1),
};

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 1) throw new UsageError(`--header: got ${JSON.stringify(line.slice(0, 40))}; allowed: a name, a colon and a value.`);
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}
