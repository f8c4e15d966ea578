import { isRefusal, type Method } from "../../contracts/index.ts";
import type { Introspector } from "./introspect.ts";
import { introspectionRefusals } from "./refusals.ts";

interface AskingParts {
  readonly introspect: Introspector;
  /** How long an answer may be used. */
  readonly cacheMs: number;
}

/**
 * The same method, whose issuer is asked about everything that it lets in: it alone knows that a session has ended or a user
 * was disabled. Its answer is used for a moment only.
 */
export function askingToo(method: Method, { introspect, cacheMs }: AskingParts): Method {
  return {
    ...method,
    async verify(credential, attempt) {
      const verified = await method.verify(credential, attempt);
      if (isRefusal(verified)) return verified;
      const { active } = await introspect(credential.secret.reveal());
      if (active !== true) return introspectionRefusals.inactive({ detail: "it is genuine, but its issuer says that it is not active" });
      return { ...verified, cacheUntil: Math.min(verified.cacheUntil, attempt.at + cacheMs) };
    },
  };
}
