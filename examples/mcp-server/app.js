// A server of the Model Context Protocol whose tools act for whoever the token is of. It knows the issuer's URL and its own.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import { guard, mount } from "latchkey/express";
import { createResource } from "latchkey/resource";

/** What each tool needs beside being signed in. */
const scopesOfTool = { add_note: ["notes:read", "notes:write"] };

export async function createApp({ issuer, resource }) {
  // Tokens for other servers are of no use here: `resource` is the audience (RFC 8707).
  const auth = await createResource({ issuer, resource, metadata: { name: "Notes", scopes: ["notes:read"] } });
  const app = express();
  app.use(mount(auth));
  const readers = guard(auth, { scopes: ["notes:read"] });
  const writers = guard(auth, { scopes: scopesOfTool.add_note });
  const ruleOf = ({ method, params }) => (method === "tools/call" && scopesOfTool[params?.name] !== undefined ? writers : readers);
  const notes = new Map();
  app.all(
    "/mcp",
    express.json(),
    (req, res, next) => ruleOf(req.body ?? {})(req, res, next),
    async (req, res) => {
      const server = toolsFor(req.principal.subject, notes);
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
      res.on("close", () => void transport.close());
      await server.connect(transport);
      await transport.handleRequest(req, res, req.body);
    },
  );
  return { app, close: () => auth.close() };
}

function toolsFor(subject, notes) {
  const server = new McpServer({ name: "notes", version: "1.0.0" });
  const own = notes.get(subject) ?? [];
  const say = (text) => ({ content: [{ type: "text", text }] });
  server.registerTool("list_notes", { description: "Your notes" }, () => say(own.join("\n") || "no notes"));
  server.registerTool("add_note", { description: "Adds a note" }, () => {
    notes.set(subject, [...own, `note ${own.length + 1}`]);
    return say(`noted for ${subject}`);
  });
  return server;
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.env.PORT ?? 3003);
  const resource = process.env.RESOURCE ?? `http://localhost:${port}/mcp`;
  const { app } = await createApp({ issuer: process.env.ISSUER ?? "http://localhost:3000", resource });
  app.listen(port, "127.0.0.1", () => console.log(resource));
}
