import type { Latchkey } from "latchkey";
import { operator } from "./acted-by.ts";
import { shellWords } from "./shell-words.ts";

interface Start {
  readonly url: string;
  readonly issuer: string;
  /** There was no database before. */
  readonly first: boolean;
  readonly development: boolean;
  /** Path of the development authority that the server's certificate is of: no client knows it by itself. */
  readonly authority: string | undefined;
}

/** What is printed when the server is up: at the first start in development a key, and a line to try it. */
export async function welcome(auth: Latchkey, { url, issuer, first, development, authority }: Start): Promise<string> {
  const lines = [`Latchkey listens on ${url} (issuer ${issuer}).`];
  const invitation = await auth.firstAdmin.invite(operator());
  // The secret stands behind the #, which browsers send to nobody. Printed to a terminal or in development only, never to a log.
  const way = invitation === undefined ? `${issuer}/admin` : `${issuer}/admin/setup#${invitation}`;
  lines.push(`Console: ${way}${invitation === undefined ? "" : "  (makes the first administrator; works once, for an hour)"}`);
  if (first && development) {
    const { key } = await auth.apiKeys.issue({ name: "demo", scopes: ["posts:read"] }, operator());
    const curl = authority === undefined ? "curl" : shellWords(["curl", "--cacert", authority]);
    lines.push("", `A demo key, shown once: ${key}`, "Try it:", "", `  ${curl} -H "X-API-Key: ${key}" ${url}/whoami`, "");
  } else {
    lines.push("Make a key: npx latchkey key create --name ci");
  }
  return `${lines.join("\n")}\n`;
}
