import { Hono } from "hono";
import { routePath } from "hono/route";
import type { Gate } from "../../contracts/index.ts";
import { faultResponse, FetchRequestView, toResponse } from "../fetch/index.ts";
import { honoView, type Runtime } from "./view.ts";

/** Latchkey's own endpoints as an app: `app.route("/auth", mount(auth))`. What is for somebody else goes on. */
export function mount(auth: Gate, runtime: Runtime = {}): Hono {
  return new Hono().all("*", async (context, next) => {
    // By number, since a prefix may hold parameters: `/:tenant/auth/*` is two segments.
    const depth = routePath(context).split("/").length - 2;
    const { target } = new FetchRequestView(context.req.raw);
    const below = target.split("/").slice(depth + 1);
    const view = honoView(context, runtime, `/${below.join("/")}`);
    try {
      const answer = await auth.handle(view);
      if (answer !== undefined) return toResponse(answer, context.req.method);
    } catch (error) {
      return faultResponse(auth, error, view);
    }
    return next();
  });
}
