import type { IncomingMessage, ServerResponse } from "node:http";
import type { Latchkey } from "../../face.ts";
import { writeFault } from "../node/index.ts";
import type { Middleware } from "./guard.ts";

/** What is kept for the session of a request, as it was when the request came. */
export interface RequestSession {
  /** `ses_…`. */
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * Makes new values of those that are kept now and writes them; again, as long as another request was first, so nothing that
   * it wrote is lost. Resolves to what is kept then; undefined: the session has ended meanwhile, and nothing was written.
   */
  update(
    change: (values: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Writes unless another request wrote since this one came: then false, and the two must be merged. */
  save(values: Readonly<Record<string, unknown>>): Promise<boolean>;
}

declare global {
  namespace Express {
    interface Request {
      /** Set by `sessionData` behind a guard, for a caller who is here by a session. */
      sessionData?: RequestSession;
    }
  }
}

/**
 * Gives routes what is kept for the session of their caller. Put it after the guard: whoever came by another credential has
 * none. Nothing is written unless the route says so.
 */
export function sessionData(auth: Latchkey): Middleware {
  const { data } = auth.sessions;
  return (request: IncomingMessage & Express.Request, response: ServerResponse, next) => {
    const principal = request.principal;
    if (principal?.method !== "session") return next();
    const id = principal.credentialId;
    data.read(id).then(
      (read) => {
        if (read !== undefined) {
          let { version } = read;
          request.sessionData = {
            id,
            values: read.values,
            update: async (change) => (await data.update(id, change))?.values,
            async save(values) {
              const saved = await data.write(id, version, values);
              if (saved) version += 1;
              return saved;
            },
          };
        }
        next();
      },
      (error: unknown) => writeFault(auth, request, response, error, String(response.getHeader("x-request-id") ?? "")),
    );
  };
}
