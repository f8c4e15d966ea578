// A node of its own that asks for the token of a person at a provider, many times at once, together with other nodes.
import { createLatchkey } from "../src/index.ts";
import { github } from "../src/methods/oauth/client/providers/index.ts";
import { postgres } from "../src/stores/postgres/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";

const [, , kind = "", where = "", settings = "", userId = ""] = process.argv;
const { url, secret, options } = JSON.parse(settings) as { url: string; secret: string; options: Parameters<typeof github>[0] };
const auth = await createLatchkey({
  issuer: "http://localhost:3000",
  secret,
  store: kind === "postgres" ? postgres(where) : sqlite(where),
  providers: [github(options)],
});
// Answered once all nodes have come that far.
await (await fetch(`${url}/ready`)).text();
const asked = Promise.all(Array.from({ length: 8 }, () => auth.identities.accessToken(userId, "github")));
process.stdout.write("asking\n");
const tokens = await asked;
process.stdout.write(`got ${tokens.length} times ${[...new Set(tokens)].join(" and ")}.\n`);
process.stdin.resume();
