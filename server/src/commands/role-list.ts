import type { Role } from "latchkey";
import type { Command } from "./command.ts";

export const roleList: Command = {
  name: "role list",
  summary: "List roles and what they may do.",
  positionals: [],
  options: [],
  example: "latchkey role list",
  run: async (auth) => ({ roles: await auth.roles.list() }),
  print({ roles }: { roles: readonly Role[] }) {
    if (roles.length === 0) return "No roles yet. Make one: latchkey role set editor --permission posts:edit";
    return roles.map(({ name, permissions }) => `${name}  ${permissions.join(" ") || "(no permission)"}`).join("\n");
  },
};
