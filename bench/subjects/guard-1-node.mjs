// node:http, and the server itself.
import { guard } from "latchkey/node";
import { gateWithKey } from "../fixtures/gate.mjs";
import { openRequests, sendHello, sendLikeWhoami } from "../fixtures/hello.mjs";
import { serveServer } from "../fixtures/server.mjs";
import { tutorial } from "../fixtures/tutorial.mjs";

export const part = {
  name: "guard",
  title: "What a guard costs, with a warm API key",
  about:
    "The same route without authentication, behind Latchkey's guard, and behind the pattern of every tutorial (SHA-256 of the key, then a " +
    "look-up in SQLite, on each request). Latchkey's checks are all on: change feed, expiry, address list, rate limit, rule, counting, explain.",
};

const bare = "node:http, bare";

export const subjects = [
  {
    name: "node:http, guarded",
    beside: bare,
    async serve({ folder }) {
      const { auth, ...asked } = await gateWithKey(folder, "/posts");
      return { listener: guard(auth, { scopes: ["posts:read"] }, (_request, response) => sendHello(response)), ...asked };
    },
  },
  {
    name: "node:http, by hand",
    beside: bare,
    serve({ folder }) {
      const { authenticate, asked } = tutorial(folder, "/posts");
      const listener = (request, response) => {
        const row = authenticate(request.headers["x-api-key"]);
        if (row !== undefined) return sendHello(response);
        response.writeHead(401);
        response.end();
      };
      return { listener, ...asked };
    },
  },
  {
    name: "node:http, the bytes of /whoami",
    beside: bare,
    serve: () => ({ listener: (_request, response) => sendLikeWhoami(response), requests: openRequests }),
  },
  { name: "latchkey serve, GET /whoami", beside: bare, serve: ({ folder }) => serveServer(folder) },
];
