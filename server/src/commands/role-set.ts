import { operator } from "../acted-by.ts";
import { list } from "../arguments.ts";
import type { Command } from "./command.ts";

export const roleSet: Command = {
  name: "role set",
  summary: "Say what a role may do, and make it if it is not there; what is not in the list, it may no more.",
  positionals: ["ROLE"],
  options: [{ name: "permission", value: "NAME", many: true, describe: "a permission; may be given several times" }],
  example: "latchkey role set editor --permission posts:edit --permission posts:delete",
  makesData: true,
  run: (auth, input, [name]) => auth.roles.set(name!, list(input, "permission"), operator()),
  print: ({ name, permissions }: { name: string; permissions: readonly string[] }) =>
    `${name}  ${permissions.join(" ") || "(no permission)"}`,
};
