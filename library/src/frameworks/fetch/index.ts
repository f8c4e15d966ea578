/** `latchkey/fetch`: the gate for web-standard Request and Response: Next.js, Bun, Deno. */
export { answerFetch, check, faultResponse, guard, type Runtime } from "./guard.ts";
export { toResponse } from "./response.ts";
export { FetchRequestView, type KnownOfRequest } from "./view.ts";
