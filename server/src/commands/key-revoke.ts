import { operator } from "../acted-by.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const keyRevoke: Command = {
  name: "key revoke",
  summary: "Revoke an API key: refused from the next request on.",
  positionals: ["ID"],
  options: [],
  example: "latchkey key revoke key_01jq…",
  async run(auth, _input, [id]) {
    if (!(await auth.apiKeys.revoke(id!, operator()))) throw new NotDone(`There is no key ${id} in force.`);
    return { id, revoked: true };
  },
  print: (output: { id: string }) => `${output.id} is revoked.`,
};
