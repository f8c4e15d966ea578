import express from "express";
import type { Latchkey } from "latchkey";
import { guard } from "latchkey/express";

/** The app takes its gate as an argument: the real one in production, another in a test. */
export function makeApp(auth: Latchkey) {
  const app = express();
  app.get("/posts", guard(auth, { scopes: ["posts:read"] }), (request, response) => {
    response.json({ author: request.principal?.subject });
  });
  return app;
}
