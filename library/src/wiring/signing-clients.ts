import { after, type ClientKeys } from "../contracts/index.ts";
import { publicAlgorithms } from "../methods/message-signature/index.ts";
import type { ClientSource } from "../methods/oauth/server/index.ts";
import type { FindClientKey } from "./client-keys.ts";

/**
 * Clients that sign their requests, in their own name: those that prove themselves by their keys, and may ask for a token without a
 * user. The scopes of others are what users may give them.
 */
export function signingClients(clients: Pick<ClientSource, "find">, findKey: FindClientKey): ClientKeys {
  return (clientId, named) =>
    after(clients.find(clientId), (client) => {
      if (client?.authentication !== "private_key_jwt" || !client.grants.includes("client_credentials")) return undefined;
      const { id: subject, scopes, roles } = client;
      return after(findKey(client, named, publicAlgorithms), (key) => (key === undefined ? undefined : { key, subject, scopes, roles }));
    });
}
