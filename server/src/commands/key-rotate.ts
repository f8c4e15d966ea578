import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const keyRotate: Command = {
  name: "key rotate",
  summary: "Give an API key a new secret; the old one works until the overlap is over.",
  positionals: ["ID"],
  options: [{ name: "overlap", value: "SPAN", describe: "how long the old secret still works; default 24h; 0: not at all" }],
  example: "latchkey key rotate key_01jq… --overlap 1h",
  async run(auth, input, [id]) {
    const overlap = text(input, "overlap");
    const issued = await auth.apiKeys.rotate(id!, overlap === undefined ? {} : { overlap }, operator());
    if (issued === undefined) throw new NotDone(`There is no key ${id} in force.`);
    return { id: issued.record.id, key: issued.key };
  },
  print: (output: { id: string; key: string }) => `${output.key}\n\nThis is the new secret of ${output.id}. It is not shown again.`,
};
