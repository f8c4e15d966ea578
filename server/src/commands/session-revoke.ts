import { operator } from "../acted-by.ts";
import { idNamed } from "../named-user.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

export const sessionRevoke: Command = {
  name: "session revoke",
  summary: "End a session, or by the id or address of a user all of that user's: refused from the next request on.",
  positionals: ["ID"],
  options: [],
  example: "latchkey session revoke ses_01jq…",
  async run(auth, _input, [name]) {
    const id = await idNamed(auth, name!);
    const one = id.startsWith("ses_");
    const ended = one ? Number(await auth.sessions.revoke(id, operator())) : await auth.sessions.revokeAll(id, operator());
    if (ended === 0) throw new NotDone(one ? `There is no session ${id} in force.` : `There is no session of ${id} in force.`);
    return { id, ended };
  },
  print: ({ id, ended }: { id: string; ended: number }) => (id.startsWith("ses_") ? `${id} is ended.` : `${ended} of ${id} are ended.`),
};
