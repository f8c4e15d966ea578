import { operator } from "../acted-by.ts";
import { subjectNamed } from "../named-user.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const roleRevoke: Command = {
  name: "role revoke",
  summary: "Take a role from a user or client, from the next request on.",
  positionals: ["SUBJECT", "ROLE"],
  options: [],
  example: "latchkey role revoke ada@example.com editor",
  async run(auth, _input, [name, role]) {
    const id = await subjectNamed(auth, name!);
    if (!(await auth.roles.revoke(id, role!, operator()))) throw new NotDone(`${id} does not have the role ${role}.`);
    return { id, roles: await auth.roles.of(id) };
  },
  print: ({ id, roles }: { id: string; roles: readonly string[] }) => `${id}  ${roles.join(" ") || "(no role)"}`,
};
