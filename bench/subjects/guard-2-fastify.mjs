// Fastify 5.
import Fastify from "fastify";
import { guard } from "latchkey/fastify";
import { gateWithKey } from "../fixtures/gate.mjs";
import { hello, openRequests } from "../fixtures/hello.mjs";
import { tutorial } from "../fixtures/tutorial.mjs";
import { part } from "./guard-1-node.mjs";

export { part };

const plain = "Fastify, no authentication";

/** @param {object} options of the route */
async function server(options) {
  const app = Fastify();
  app.get("/posts", options, () => hello);
  await app.ready();
  return app.server;
}

export const subjects = [
  { name: plain, serve: async () => ({ server: await server({}), requests: openRequests }) },
  {
    name: "Fastify, guarded",
    beside: plain,
    async serve({ folder }) {
      const { auth, ...asked } = await gateWithKey(folder, "/posts");
      return { server: await server({ onRequest: guard(auth, { scopes: ["posts:read"] }) }), ...asked };
    },
  },
  {
    name: "Fastify, by hand",
    beside: plain,
    async serve({ folder }) {
      const { authenticate, asked } = tutorial(folder, "/posts");
      const onRequest = (request, reply, done) => {
        const row = authenticate(request.headers["x-api-key"]);
        if (row === undefined) return void reply.code(401).send();
        request.apiKey = row;
        done();
      };
      return { server: await server({ onRequest }), ...asked };
    },
  },
];
