import type { Latchkey } from "latchkey";

/**
 * The admin API at `/admin/api/…` and the console at `/admin`, to be mounted like Latchkey itself, at the root of the origin:
 * `app.use(mount(admin(auth)))`. Whatever else is asked for is left to others.
 */
export declare function admin(auth: Latchkey): Latchkey;
