import { operator } from "../acted-by.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const clientDelete: Command = {
  name: "client delete",
  summary: "Delete an OAuth client: every token of it is refused from the next request on.",
  positionals: ["ID"],
  options: [],
  example: "latchkey client delete cli_01jq…",
  async run(auth, _input, [id]) {
    if (!(await auth.clients.delete(id!, operator()))) throw new NotDone(`There is no client ${id}.`);
    return { client_id: id, deleted: true };
  },
  print: (output: { client_id: string }) => `${output.client_id} is deleted.`,
};
