import { UniqueViolation } from "latchkey";
import { operator } from "../acted-by.ts";
import { list, text } from "../arguments.ts";
import { passwordOptions, readPasswordInput } from "../password-input.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const userCreate: Command = {
  name: "user create",
  summary: "Make a user.",
  positionals: [],
  options: [
    { name: "email", value: "EMAIL", describe: "the user's e-mail address" },
    ...passwordOptions,
    { name: "role", value: "ROLE", many: true, describe: "a role; may be given several times" },
    { name: "verified", value: undefined, describe: "the address is known to be the user's" },
  ],
  example: "latchkey user create --email ada@example.com --password-stdin < password.txt",
  makesData: true,
  async here({ input, send }) {
    const password = await readPasswordInput(input);
    return send(password === undefined ? input : { ...input, password });
  },
  async run(auth, input) {
    const password = text(input, "password");
    const options = {
      email: text(input, "email") ?? "",
      roles: list(input, "role"),
      emailVerified: input.verified === true,
      ...(password === undefined ? {} : { password }),
    };
    try {
      const user = await auth.users.create(options, operator());
      return { id: user.id, email: user.email };
    } catch (error) {
      if (error instanceof UniqueViolation) throw new NotDone("Somebody has this e-mail address already.");
      throw error;
    }
  },
  print: (output: { id: string; email: string }) => `${output.id}  ${output.email}`,
};
