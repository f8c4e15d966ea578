import { operator } from "../acted-by.ts";
import { namedUser } from "../named-user.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const userEnable: Command = {
  name: "user enable",
  summary: "Let a disabled user act again.",
  positionals: ["USER"],
  options: [],
  example: "latchkey user enable ada@example.com",
  async run(auth, _input, [name]) {
    const { id } = await namedUser(auth, name!);
    if (!(await auth.users.enable(id, operator()))) throw new NotDone(`${id} is not disabled.`);
    return { id, enabled: true };
  },
  print: ({ id }: { id: string }) => `${id} is enabled.`,
};
