// An agent for tests: the official client of the Model Context Protocol, and what it keeps between requests.
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export const clientMetadata = {
  client_name: "Agent",
  redirect_uris: ["http://127.0.0.1:9/cb"],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code"],
};

interface Kept {
  client?: object;
  tokens?: { access_token: string };
  verifier?: string;
  /** Where a person is to be sent. */
  sentTo?: URL;
}

/**
 * Without refresh tokens: the SDK would try one first where a scope is missing, and give up. `documentUrl`: where it says what it
 * is; without one it registers.
 */
export function agent(documentUrl?: string) {
  const kept: Kept = {};
  const authProvider: OAuthClientProvider = {
    redirectUrl: clientMetadata.redirect_uris[0],
    clientMetadata,
    ...(documentUrl === undefined ? {} : { clientMetadataUrl: documentUrl }),
    clientInformation: () => kept.client as never,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens as never,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    redirectToAuthorization: (url) => void (kept.sentTo = url),
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier!,
  };
  return {
    kept,
    transportTo: (resource: string) => new StreamableHTTPClientTransport(new URL(resource), { authProvider }),
    async connect(transport: StreamableHTTPClientTransport): Promise<Client> {
      const client = new Client({ name: "agent", version: "1" });
      await client.connect(transport);
      return client;
    },
  };
}
