// Express 5.
import { createServer } from "node:http";
import express from "express";
import { guard } from "latchkey/express";
import { gateWithKey } from "../fixtures/gate.mjs";
import { hello, openRequests } from "../fixtures/hello.mjs";
import { tutorial } from "../fixtures/tutorial.mjs";
import { part } from "./guard-1-node.mjs";

export { part };

const plain = "Express, no authentication";

/** @param {...import("express").RequestHandler} before */
function server(...before) {
  const app = express();
  app.get("/posts", ...before, (_request, response) => response.json(hello));
  return createServer(app);
}

export const subjects = [
  { name: plain, serve: () => ({ server: server(), requests: openRequests }) },
  // What Express takes for any middleware at all: one more layer of the route.
  {
    name: "Express, an empty middleware",
    beside: plain,
    serve: () => ({ server: server((_request, _response, next) => next()), requests: openRequests }),
  },
  {
    name: "Express, guarded",
    beside: plain,
    async serve({ folder }) {
      const { auth, ...asked } = await gateWithKey(folder, "/posts");
      return { server: server(guard(auth, { scopes: ["posts:read"] })), ...asked };
    },
  },
  {
    name: "Express, by hand",
    beside: plain,
    serve({ folder }) {
      const { authenticate, asked } = tutorial(folder, "/posts");
      const middleware = (request, response, next) => {
        const row = authenticate(request.get("x-api-key"));
        if (row === undefined) return response.status(401).end();
        request.apiKey = row;
        next();
      };
      return { server: server(middleware), ...asked };
    },
  },
];
