import type { SessionRecord } from "latchkey";
import { text } from "../arguments.ts";
import { idNamed } from "../named-user.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

export const sessionList: Command = {
  name: "session list",
  summary: "List the sessions of a user, last seen first.",
  positionals: [],
  options: [{ name: "user", value: "USER", describe: "the user, by id or address" }],
  example: "latchkey session list --user usr_01jq…",
  async run(auth, input) {
    const user = text(input, "user");
    if (user === undefined) throw new UsageError("latchkey session list needs --user. Example: latchkey session list --user usr_01jq…");
    return { sessions: await auth.sessions.list(await idNamed(auth, user)) };
  },
  print({ sessions }: { sessions: readonly SessionRecord[] }) {
    if (sessions.length === 0) return "No sessions.";
    return sessions
      .map(({ id, lastSeenAt, lastAddress, userAgent }) => {
        const seen = new Date(lastSeenAt).toISOString();
        return `${id}  ${seen}  ${lastAddress.padEnd(15)}  ${userAgent ?? ""}`.trimEnd();
      })
      .join("\n");
  },
};
