/** The HTTP side of the server. */
export { createHandler } from "./handler.ts";
export { createListener, type Listener } from "./listener.ts";
export { loggingRequests } from "./requests-log.ts";
