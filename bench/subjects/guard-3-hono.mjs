// Hono on @hono/node-server.
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { guard } from "latchkey/hono";
import { gateWithKey } from "../fixtures/gate.mjs";
import { hello, openRequests } from "../fixtures/hello.mjs";
import { tutorial } from "../fixtures/tutorial.mjs";
import { part } from "./guard-1-node.mjs";

export { part };

const plain = "Hono, no authentication";

/** @param {...import("hono").MiddlewareHandler} before */
function server(...before) {
  const app = new Hono();
  for (const middleware of before) app.use("/posts", middleware);
  app.get("/posts", (context) => context.json(hello));
  return createAdaptorServer({ fetch: app.fetch });
}

export const subjects = [
  { name: plain, serve: () => ({ server: server(), requests: openRequests }) },
  // What Hono takes for any middleware at all: a lone handler it calls without a chain.
  {
    name: "Hono, an empty middleware",
    beside: plain,
    serve: () => ({ server: server((_context, next) => next()), requests: openRequests }),
  },
  {
    name: "Hono, guarded",
    beside: plain,
    async serve({ folder }) {
      const { auth, ...asked } = await gateWithKey(folder, "/posts");
      return { server: server(guard(auth, { scopes: ["posts:read"] })), ...asked };
    },
  },
  {
    name: "Hono, by hand",
    beside: plain,
    serve({ folder }) {
      const { authenticate, asked } = tutorial(folder, "/posts");
      const middleware = async (context, next) => {
        const row = authenticate(context.req.header("x-api-key"));
        if (row === undefined) return context.body(null, 401);
        context.set("apiKey", row);
        return next();
      };
      return { server: server(middleware), ...asked };
    },
  },
];
