import { operator } from "../acted-by.ts";
import { namedUser } from "../named-user.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const userDisable: Command = {
  name: "user disable",
  summary: "Refuse every credential of a user, from the next request on.",
  positionals: ["USER"],
  options: [],
  example: "latchkey user disable ada@example.com",
  async run(auth, _input, [name]) {
    const { id } = await namedUser(auth, name!);
    if (!(await auth.users.disable(id, operator()))) throw new NotDone(`${id} is disabled already.`);
    return { id, disabled: true };
  },
  print: ({ id }: { id: string }) => `${id} is disabled.`,
};
