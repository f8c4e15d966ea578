import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const webhookRotateSecret: Command = {
  name: "webhook rotate-secret",
  summary: "Give an endpoint a new secret; messages are signed with both until the overlap is over.",
  positionals: ["ID"],
  options: [{ name: "overlap", value: "SPAN", describe: "how long the old secret signs too; default 24h; 0: not at all" }],
  example: "latchkey webhook rotate-secret whe_01jq… --overlap 1h",
  async run(auth, input, [id]) {
    const overlap = text(input, "overlap");
    const rotated = await auth.webhooks.rotateSecret(id!, overlap === undefined ? {} : { overlap }, operator());
    if (rotated === undefined) throw new NotDone(`There is no webhook endpoint ${id}.`);
    return { id, secret: rotated.secret };
  },
  print: (output: { id: string; secret: string }) => `${output.secret}\n\nThis is the new secret of ${output.id}. It is not shown again.`,
};
