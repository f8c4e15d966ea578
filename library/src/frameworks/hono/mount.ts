import { Hono } from "hono";
import { routePath } from "hono/route";
import { faultAnswer } from "../../http/index.ts";
import type { Latchkey } from "../../face.ts";
import { FetchRequestView, toResponse } from "../fetch/index.ts";
import { honoView } from "./view.ts";

/** Latchkey's own endpoints as an app: `app.route("/auth", mount(auth))`. What is for somebody else goes on. */
export function mount(auth: Latchkey): Hono {
  return new Hono().all("*", async (context, next) => {
    // By number, since a prefix may hold parameters: `/:tenant/auth/*` is two segments.
    const depth = routePath(context).split("/").length - 2;
    const { target } = new FetchRequestView(context.req.raw);
    const view = honoView(
      context,
      `/${target
        .split("/")
        .slice(depth + 1)
        .join("/")}`,
    );
    try {
      const answer = await auth.handle(view);
      if (answer !== undefined) return toResponse(answer, context.req.method);
    } catch (error) {
      return toResponse(faultAnswer(error, view.requestId), context.req.method);
    }
    return next();
  });
}
