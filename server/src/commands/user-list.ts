import type { User } from "latchkey";
import { everyPage, pageAt } from "../pages.ts";
import type { Command } from "./command.ts";

export const userList: Command = {
  name: "user list",
  summary: "List users, oldest first.",
  positionals: [],
  options: [],
  example: "latchkey user list",
  here: (call) => everyPage("users", call),
  run: async (auth, input) => ({ users: await auth.users.list(pageAt(input, "after")) }),
  print({ users }: { users: readonly User[] }) {
    if (users.length === 0) return "No users yet. Make one: latchkey user create --email ada@example.com";
    return users.map((user) => `${user.id}  ${user.email}`).join("\n");
  },
};
