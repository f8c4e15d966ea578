import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { namedUser } from "../named-user.ts";
import { passwordOptions, readPasswordInput } from "../password-input.ts";
import { NotDone, UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

export const userSetPassword: Command = {
  name: "user set-password",
  summary: "Give a user a new password; sessions that began with the old one end.",
  positionals: ["USER"],
  options: passwordOptions,
  example: "latchkey user set-password ada@example.com --password-stdin < password.txt",
  async here({ input, send }) {
    const password = await readPasswordInput(input);
    if (password === undefined) throw new UsageError("A password is needed: --password-stdin or --password-file FILE.");
    return send({ ...input, password });
  },
  async run(auth, input, [name]) {
    const { id } = await namedUser(auth, name!);
    const done = await auth.users.setPassword(id, text(input, "password") ?? "", operator());
    if (!done) throw new NotDone(`${id} is gone.`);
    return { id };
  },
  print: ({ id }: { id: string }) => `${id} has a new password.`,
};
