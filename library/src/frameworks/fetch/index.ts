/** `latchkey/fetch`: the gate for web-standard Request and Response: Next.js, Bun, Deno. */
export { answerFetch, check, guard } from "./guard.ts";
export { toResponse } from "./response.ts";
export { FetchRequestView } from "./view.ts";
