import type { ApiKeyRecord } from "latchkey";
import { text } from "../arguments.ts";
import { idNamed } from "../named-user.ts";
import { everyPage, pageAt } from "../pages.ts";
import type { Command } from "./command.ts";

export const keyList: Command = {
  name: "key list",
  summary: "List API keys, newest first.",
  positionals: [],
  options: [{ name: "owner", value: "USER", describe: "only the keys of this user, by id or address" }],
  example: "latchkey key list",
  here: (call) => everyPage("keys", call),
  async run(auth, input) {
    const owner = text(input, "owner");
    return {
      keys: await auth.apiKeys.list({ ...pageAt(input, "before"), ...(owner === undefined ? {} : { owner: await idNamed(auth, owner) }) }),
    };
  },
  print({ keys }: { keys: readonly ApiKeyRecord[] }) {
    if (keys.length === 0) return "No keys yet. Make one: latchkey key create --name ci";
    return keys.map((key) => `${key.id}  ${key.hint}  ${stateOf(key).padEnd(8)}  ${key.name}  ${key.scopes.join(" ")}`).join("\n");
  },
};

function stateOf(key: ApiKeyRecord): string {
  if (key.revokedAt !== undefined && key.revokedAt !== null) return "revoked";
  return key.expiresAt === undefined || key.expiresAt === null ? "active" : "limited";
}
