import { UniqueViolation } from "latchkey";
import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const userCreate: Command = {
  name: "user create",
  summary: "Make a user.",
  positionals: [],
  options: [{ name: "email", value: "EMAIL", describe: "the user's e-mail address" }],
  example: "latchkey user create --email ada@example.com",
  makesData: true,
  async run(auth, input) {
    try {
      const user = await auth.users.create({ email: text(input, "email") ?? "" }, operator());
      return { id: user.id, email: user.email };
    } catch (error) {
      if (error instanceof UniqueViolation) throw new NotDone("Somebody has this e-mail address already.");
      throw error;
    }
  },
  print: (output: { id: string; email: string }) => `${output.id}  ${output.email}`,
};
