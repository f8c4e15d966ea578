// The official client of the Model Context Protocol against the example and a real authorization server.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type OAuthClientProvider, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { systemClock } from "../../library/src/contracts/index.ts";
import { weakPasswords } from "../../library/test/accounts-house.ts";
import { claimsOf, newPerson, type TestPerson } from "../../library/test/oauth-house.ts";
import { createApp } from "./app.js";

const redirectUri = "http://127.0.0.1:9/cb";
let servers: Server[];
let auth: TestLatchkey;
let api: { close(): Promise<void> };
let ada: TestPerson;
let issuer: string;
let resource: string;

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  servers = [];
  let serveApi: Parameters<typeof createServer>[1];
  let serveAuth: Parameters<typeof createServer>[1];
  resource = `${await listen(createServer((request, response) => serveApi!(request as never, response as never)))}/mcp`;
  issuer = await listen(createServer((request, response) => serveAuth!(request as never, response as never)));
  // The client looks at the machine's clock.
  const clock = { ...systemClock, advance: () => undefined, set: () => undefined } as unknown as TestLatchkey["clock"];
  const scopes = { "notes:read": "Read your notes", "notes:write": "Write notes" };
  auth = await testLatchkey({ issuer, clock, passwords: weakPasswords, jwt: { audiences: [resource] }, oauth: { scopes } });
  ada = await newPerson(auth, "ada@example.com");
  serveAuth = mount(auth);
  const made = await createApp({ issuer, resource });
  api = made;
  serveApi = made.app;
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await api.close();
  await auth.close();
});

/** What an agent keeps. Without refresh tokens: the SDK would try one first where a scope is missing, and give up. */
function agent() {
  const kept: { client?: object; tokens?: { access_token: string }; verifier?: string; sentTo?: URL } = {};
  const provider: OAuthClientProvider = {
    redirectUrl: redirectUri,
    clientMetadata: {
      client_name: "Agent",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"],
    },
    clientInformation: () => kept.client as never,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens as never,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    redirectToAuthorization: (url) => void (kept.sentTo = url),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier!,
  };
  return { kept, provider };
}

/** What Ada does in the browser: allows it. */
async function allow(url: URL): Promise<string> {
  const asked = await fetch(url, { redirect: "manual", headers: { cookie: ada.cookie } });
  const { consent } = (await asked.json()) as { consent: { request: string } };
  const decided = await fetch(`${issuer}/oauth/authorize/decision`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: ada.cookie, origin: issuer },
    body: new URLSearchParams({ request: consent.request, decision: "allow" }),
  });
  return new URL(decided.headers.get("location")!).searchParams.get("code")!;
}

async function connect(provider: OAuthClientProvider) {
  const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: provider });
  const client = new Client({ name: "agent", version: "1" });
  await client.connect(transport);
  return { client, transport };
}

test("finds the server by the challenge, registers, gets a token for this resource, and asks for more scopes when a tool needs them", async () => {
  const { kept, provider } = agent();
  const first = new StreamableHTTPClientTransport(new URL(resource), { authProvider: provider });
  await expect(new Client({ name: "agent", version: "1" }).connect(first as never)).rejects.toThrow(UnauthorizedError);
  expect(kept.sentTo!.searchParams.get("resource")).toBe(resource);
  await first.finishAuth(await allow(kept.sentTo!));
  expect(claimsOf(kept.tokens!.access_token)).toMatchObject({ sub: ada.id, aud: resource, scope: "notes:read" });

  const { client, transport } = await connect(provider);
  expect(await client.callTool({ name: "list_notes" })).toMatchObject({ content: [{ text: "no notes" }] });
  // It registered with the scope that it knew of, and now learns of another.
  await expect(client.callTool({ name: "add_note" })).rejects.toThrow(UnauthorizedError);
  expect(kept.client).toMatchObject({ scope: "notes:read", client_id: kept.sentTo!.searchParams.get("client_id") });
  await transport.finishAuth(await allow(kept.sentTo!));
  expect(claimsOf(kept.tokens!.access_token)).toMatchObject({ aud: resource, scope: "notes:read notes:write" });
  expect(await client.callTool({ name: "add_note" })).toMatchObject({ content: [{ text: `noted for ${ada.id}` }] });
  await client.close();
});

test("is let in as a document at a URL, without registering", async () => {
  const base = await listen(
    createServer((_request, response) => {
      const document = {
        client_id: `${base}/agent.json`,
        client_name: "Agent",
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "none",
      };
      response.setHeader("content-type", "application/json").end(JSON.stringify(document));
    }),
  );
  const { kept, provider } = agent();
  kept.client = { client_id: `${base}/agent.json` };
  const first = new StreamableHTTPClientTransport(new URL(resource), { authProvider: provider });
  await expect(new Client({ name: "agent", version: "1" }).connect(first as never)).rejects.toThrow(UnauthorizedError);
  await first.finishAuth(await allow(kept.sentTo!));
  expect(claimsOf(kept.tokens!.access_token)["client_id"]).toBe(`${base}/agent.json`);
  const { client } = await connect(provider);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["list_notes", "add_note"]);
  await client.close();
});

test("a token for another resource opens nothing here", async () => {
  const { token } = await auth.tokens.issue({ subject: ada.id, scopes: ["notes:read"] });
  const answer = await fetch(resource, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toContain("resource_metadata=");
});
