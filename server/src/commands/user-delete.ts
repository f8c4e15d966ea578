import { operator } from "../acted-by.ts";
import { namedUser } from "../named-user.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const userDelete: Command = {
  name: "user delete",
  summary: "Delete a user with the password and the roles; its keys and sessions are of no use then.",
  positionals: ["USER"],
  options: [],
  example: "latchkey user delete ada@example.com",
  async run(auth, _input, [name]) {
    const { id } = await namedUser(auth, name!);
    if (!(await auth.users.delete(id, operator()))) throw new NotDone(`${id} is gone already.`);
    return { id, deleted: true };
  },
  print: ({ id }: { id: string }) => `${id} is deleted.`,
};
