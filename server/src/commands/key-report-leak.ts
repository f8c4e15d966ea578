import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { NotDone } from "../usage.ts";
import { readBody } from "../webhook-input.ts";
import type { Command } from "./command.ts";

export const keyReportLeak: Command = {
  name: "key report-leak",
  summary: "Revoke a key that was found where others can read it; the key is read from standard input.",
  positionals: [],
  options: [{ name: "url", value: "URL", describe: "where it was found, for the audit log" }],
  example: "latchkey key report-leak --url https://github.com/acme/app/commit/1f0c < found.txt",
  async here({ input, send }) {
    const key = (await readBody("-")).toString("utf8").trim();
    return send({ ...input, key });
  },
  async run(auth, input) {
    const verdict = await auth.apiKeys.reportLeak(text(input, "key") ?? "", text(input, "url"), operator());
    if (verdict === "unknown") throw new NotDone("This is no key of this server.");
    return { verdict };
  },
  print: ({ verdict }: { verdict: string }) => (verdict === "revoked" ? "The key is revoked." : "The key was of no use already."),
};
