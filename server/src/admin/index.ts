/** The admin HTTP API and the console, loaded when somebody first asks for `/admin`. */
import type { Latchkey } from "latchkey";
import { adminApi } from "./api.ts";
import { consolePages } from "./console.ts";
import { root } from "./route.ts";

/**
 * The admin API at `/admin/api/…` and the console at `/admin`, to be mounted like Latchkey itself, at the root of the origin:
 * `app.use(mount(admin(auth)))`. Whatever else is asked for is left to others.
 */
export function admin(auth: Latchkey): Latchkey {
  const api = adminApi(auth);
  const pages = consolePages();
  return {
    ...auth,
    handle(view) {
      const path = view.target.split("?", 1)[0]!;
      if (path === root || path.startsWith(`${root}/`)) return api(view);
      return path === "/admin" || path.startsWith("/admin/") ? pages(view) : undefined;
    },
  };
}
