import { operator } from "../acted-by.ts";
import { list, text } from "../arguments.ts";
import { idNamed } from "../named-user.ts";
import type { Command } from "./command.ts";

export const keyCreate: Command = {
  name: "key create",
  summary: "Make an API key; it is shown once.",
  positionals: [],
  options: [
    { name: "name", value: "NAME", describe: "what people call it" },
    { name: "owner", value: "USER", describe: "the user it belongs to, by id or address; left out: a service of its own" },
    { name: "scope", value: "SCOPE", many: true, describe: "a scope; may be given several times" },
    { name: "role", value: "ROLE", many: true, describe: "a role; may be given several times" },
    { name: "address", value: "CIDR", many: true, describe: "an address or range that may use it; several allowed" },
    { name: "expires", value: "SPAN", describe: "how long it lives, e.g. 90d; left out: until revoked" },
    { name: "rate", value: "RATE", describe: "its own limit, e.g. 1000/1m" },
  ],
  example: "latchkey key create --name ci --scope posts:read --expires 90d",
  makesData: true,
  async run(auth, input) {
    const addresses = list(input, "address");
    const owner = text(input, "owner");
    const expires = text(input, "expires");
    const rateLimit = text(input, "rate");
    const options = {
      name: text(input, "name") ?? "",
      scopes: list(input, "scope"),
      roles: list(input, "role"),
      ...(owner === undefined ? {} : { owner: await idNamed(auth, owner) }),
      ...(expires === undefined ? {} : { expires }),
      ...(rateLimit === undefined ? {} : { rateLimit }),
      ...(addresses.length === 0 ? {} : { allowedAddresses: addresses }),
    };
    const { key, record } = await auth.apiKeys.issue(options, operator());
    return { id: record.id, key, name: record.name, scopes: record.scopes };
  },
  print: (output: { id: string; key: string }) => `${output.key}\n\nThis is ${output.id}. The key is not shown again.`,
};
