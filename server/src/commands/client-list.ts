import type { Client } from "latchkey";
import { everyPage, pageAt } from "../pages.ts";
import type { Command } from "./command.ts";

export const clientList: Command = {
  name: "client list",
  summary: "List OAuth clients, newest first.",
  positionals: [],
  options: [],
  example: "latchkey client list",
  here: (call) => everyPage("clients", call),
  run: async (auth, input) => ({ clients: await auth.clients.list(pageAt(input, "before")) }),
  print({ clients }: { clients: readonly Client[] }) {
    if (clients.length === 0) return "No clients yet. Make one: latchkey client create --name api --grant client_credentials";
    return clients.map((client) => `${client.id}  ${client.authentication}  ${client.grants.join(" ")}  ${client.name}`).join("\n");
  },
};
