import type { Client } from "latchkey";
import type { Command } from "./command.ts";

export const clientList: Command = {
  name: "client list",
  summary: "List OAuth clients, newest first.",
  positionals: [],
  options: [],
  example: "latchkey client list",
  async run(auth) {
    return { clients: await auth.clients.list() };
  },
  print({ clients }: { clients: readonly Client[] }) {
    if (clients.length === 0) return "No clients yet. Make one: latchkey client create --name api --grant client_credentials";
    return clients.map((client) => `${client.id}  ${client.authentication}  ${client.grants.join(" ")}  ${client.name}`).join("\n");
  },
};
