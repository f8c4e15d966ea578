import { operator } from "../acted-by.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const signingKeyRetire: Command = {
  name: "signing-key retire",
  summary: "Withdraw a signing key that may have leaked: every token it signed is refused, another key signs at once.",
  positionals: ["ID"],
  options: [],
  example: "latchkey signing-key retire 4fXq…",
  async run(auth, _input, [id]) {
    if (!(await auth.signingKeys.retire(id!, operator()))) throw new NotDone(`There is no signing key ${id} to withdraw.`);
    return { id, withdrawn: true };
  },
  print: ({ id }: { id: string }) => `${id} is withdrawn.`,
};
