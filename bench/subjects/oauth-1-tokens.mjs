// Tokens for a program in its own name, and questions about them. Latchkey writes an opaque token to SQLite before it answers.
import { createServer } from "node:http";
import { openGate } from "../fixtures/gate.mjs";
import { ask, form, oidcProvider } from "../fixtures/oauth.mjs";
import { mount } from "latchkey/node";

export const part = {
  name: "oauth",
  title: "The authorization server, a client in its own name",
  about:
    "`client_credentials` with a client secret, and introspection of an opaque token. Latchkey over SQLite, an opaque token durable before it is answered; " +
    "npm's oidc-provider over its own memory. A JWT is signed with ES256 in both.",
};

const beside = "node:http, bare";
const grant = { grant_type: "client_credentials" };

/** @param {string} folder @param {"jwt" | "opaque"} tokenFormat */
async function ours(folder, tokenFormat) {
  const auth = await openGate(folder);
  const { client, secret } = await auth.clients.create({
    name: "bench",
    grants: ["client_credentials"],
    scopes: ["posts:read"],
    tokenFormat,
  });
  return { listener: mount(auth), client: { id: client.id, secret } };
}

/** @param {"jwt" | "opaque"} tokenFormat */
const ownTokens = (tokenFormat) => ({
  name: `latchkey, client_credentials, ${tokenFormat}`,
  beside,
  async serve({ folder }) {
    const { listener, client } = await ours(folder, tokenFormat);
    return {
      listener,
      requests: [form("/oauth/token", grant, client)],
      unauthenticated: form("/oauth/token", grant, { ...client, secret: "wrong" }),
    };
  },
});

/** @param {boolean} jwt */
const peerTokens = (jwt) => ({
  name: `oidc-provider, client_credentials, ${jwt ? "jwt" : "opaque"}`,
  beside,
  async serve() {
    const { provider, client } = await oidcProvider({ jwt });
    return {
      listener: provider.callback(),
      requests: [form("/token", grant, client)],
      unauthenticated: form("/token", grant, { ...client, secret: "wrong" }),
    };
  },
});

/** Serves it for a moment, to get the token that is then asked about. @param {import("node:http").RequestListener} listener @param {string} path @param {{ id: string, secret: string }} client */
async function tokenOf(listener, path, client) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { access_token: token } = await ask(server.address().port, form(path, grant, client));
  return { server, token };
}

const questions = [
  {
    name: "latchkey, introspection",
    beside,
    async serve({ folder }) {
      const { listener, client } = await ours(folder, "opaque");
      const { server, token } = await tokenOf(listener, "/oauth/token", client);
      return {
        port: server.address().port,
        requests: [form("/oauth/introspect", { token }, client)],
        unauthenticated: form("/oauth/introspect", { token }, { ...client, secret: "wrong" }),
      };
    },
  },
  {
    name: "oidc-provider, introspection",
    beside,
    async serve() {
      const { provider, client } = await oidcProvider();
      const { server, token } = await tokenOf(provider.callback(), "/token", client);
      return {
        port: server.address().port,
        requests: [form("/token/introspection", { token }, client)],
        unauthenticated: form("/token/introspection", { token }, { ...client, secret: "wrong" }),
      };
    },
  },
];

export const subjects = [ownTokens("jwt"), peerTokens(true), ownTokens("opaque"), peerTokens(false), ...questions];
