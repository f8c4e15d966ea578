import { operator } from "../acted-by.ts";
import { subjectNamed } from "../named-user.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const roleGrant: Command = {
  name: "role grant",
  summary: "Give a role to a user or client.",
  positionals: ["SUBJECT", "ROLE"],
  options: [],
  example: "latchkey role grant ada@example.com editor",
  async run(auth, _input, [name, role]) {
    const id = await subjectNamed(auth, name!);
    if (!(await auth.roles.grant(id, role!, operator()))) throw new NotDone(`${id} has the role ${role} already.`);
    return { id, roles: await auth.roles.of(id) };
  },
  print: ({ id, roles }: { id: string; roles: readonly string[] }) => `${id}  ${roles.join(" ")}`,
};
