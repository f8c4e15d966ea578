import type { Latchkey } from "latchkey";
import { text } from "../arguments.ts";
import { operator } from "../acted-by.ts";
import { NotDone, UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

const kinds = ["subject", "client", "session", "grant"] as const;

export const tokenRevoke: Command = {
  name: "token revoke",
  summary: "Revoke one token by its jti, or everything issued so far for a subject, client, session or grant.",
  positionals: [],
  options: [
    { name: "id", value: "JTI", describe: "this token" },
    { name: "subject", value: "ID", describe: "everything of this subject; a user also by address" },
    { name: "client", value: "ID", describe: "everything of this client" },
    { name: "session", value: "ID", describe: "everything of this session" },
    { name: "grant", value: "ID", describe: "everything of this grant" },
  ],
  example: "latchkey token revoke --subject usr_01jq…",
  async run(auth, input) {
    const [name, ...more] = ["id" as const, ...kinds].filter((kind) => text(input, kind) !== undefined);
    if (name === undefined || more.length > 0)
      throw new UsageError("say what to revoke: one of --id, --subject, --client, --session, --grant.");
    const value = name === "subject" ? await subjectOf(auth, text(input, name)!) : text(input, name)!;
    const what = {
      id: { id: value },
      subject: { subject: value },
      client: { client: value },
      session: { session: value },
      grant: { grant: value },
    };
    if (!(await auth.tokens.revoke(what[name], operator()))) throw new NotDone(`There is no token ${value} in force.`);
    return { [name]: value, revoked: true };
  },
  print: (what: Readonly<Record<string, unknown>>) => {
    const [kind, value] = Object.entries(what).find(([name]) => name !== "revoked")!;
    return kind === "id" ? `The token ${String(value)} is revoked.` : `Everything of the ${kind} ${String(value)} so far is revoked.`;
  },
};

/** A user's address means the user. Any other text is taken as it is: subjects of foreign issuers may look like addresses. */
async function subjectOf(auth: Latchkey, name: string): Promise<string> {
  return (name.includes("@") ? await auth.users.findByEmail(name) : undefined)?.id ?? name;
}
