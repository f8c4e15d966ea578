import type { SigningKeyRecord } from "latchkey";
import type { Command } from "./command.ts";

export const signingKeyList: Command = {
  name: "signing-key list",
  summary: "List the keys that tokens are signed with.",
  positionals: [],
  options: [],
  example: "latchkey signing-key list",
  async run(auth) {
    return { keys: await auth.signingKeys.list() };
  },
  print({ keys }: { keys: readonly SigningKeyRecord[] }) {
    if (keys.length === 0) return "No keys yet: the first token makes one.";
    return keys.map((key) => `${key.id}  ${key.algorithm}  ${key.state.padEnd(9)}  ${timesOf(key)}`).join("\n");
  },
};

function timesOf({ signsFrom, publishedUntil }: SigningKeyRecord): string {
  const from = `signs from ${new Date(signsFrom).toISOString()}`;
  return publishedUntil === undefined || publishedUntil === null
    ? from
    : `${from}, published until ${new Date(publishedUntil).toISOString()}`;
}
