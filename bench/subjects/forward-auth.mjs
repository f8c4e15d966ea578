// /forward-auth, as nginx asks it: with the headers of the original request, and with a warm key.
import { mount } from "latchkey/node";
import { openGate } from "../fixtures/gate.mjs";
import { openRequests } from "../fixtures/hello.mjs";

export const part = {
  name: "forward-auth",
  title: "What a proxy's question costs, with a warm API key",
  about:
    "`/forward-auth?proxy=nginx&scope=posts:read` with the headers that a proxy sends: the original method and target judged, who it is in " +
    "headers, and the internal JWT from memory. Beside it a bare node:http that answers the same headers to anybody.",
};

const told = {
  "x-auth-subject": "key_01m0000000000000000000000",
  "x-auth-method": "api-key",
  "x-auth-scopes": "posts:read",
  "x-auth-roles": "",
  authorization: `Bearer ${"a".repeat(600)}`,
  "content-length": 0,
};

const path = "/forward-auth?proxy=nginx&scope=posts:read";
const forwarded = {
  "X-Forwarded-Method": "GET",
  "X-Forwarded-Uri": "/posts?page=2",
  "X-Forwarded-Host": "localhost:8080",
  "X-Forwarded-Proto": "http",
  "X-Forwarded-For": "127.0.0.1",
};

export const subjects = [
  {
    name: "node:http, the same headers",
    serve: () => ({
      listener: (_request, response) => {
        response.writeHead(200, told);
        response.end();
      },
      requests: openRequests,
    }),
  },
  {
    name: "Latchkey, /forward-auth",
    beside: "node:http, the same headers",
    async serve({ folder }) {
      const auth = await openGate(folder, { trustProxy: ["127.0.0.1"] });
      const { key } = await auth.apiKeys.issue({ name: "bench", scopes: ["posts:read"] });
      return {
        listener: mount(auth),
        requests: [{ path, headers: { ...forwarded, "X-API-Key": key } }],
        unauthenticated: { path, headers: forwarded },
      };
    },
  },
];
