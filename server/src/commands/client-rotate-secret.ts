import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const clientRotateSecret: Command = {
  name: "client rotate-secret",
  summary: "Give an OAuth client a new secret; the one in use works until the overlap is over.",
  positionals: ["ID"],
  options: [{ name: "overlap", value: "SPAN", describe: "how long the old secret still works; default 24h; 0: not at all" }],
  example: "latchkey client rotate-secret cli_01jq… --overlap 1h",
  async run(auth, input, [id]) {
    const overlap = text(input, "overlap");
    const issued = await auth.clients.rotateSecret(id!, overlap === undefined ? {} : { overlap }, operator());
    if (issued === undefined) throw new NotDone(`There is no client ${id} with a secret.`);
    return { client_id: issued.client.id, client_secret: issued.secret };
  },
  print: (output: { client_id: string; client_secret: string }) =>
    `${output.client_secret}\n\nThis is the new secret of ${output.client_id}. It is not shown again.`,
};
