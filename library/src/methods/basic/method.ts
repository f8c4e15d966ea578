import type { Method, RequestView } from "../../contracts/index.ts";
import type { BasicSettings } from "./options.ts";
import { readBasic } from "./read.ts";
import { verifyBasic, type VerifyParts } from "./verify.ts";

interface BasicParts extends Omit<VerifyParts, "cacheMs">, BasicSettings {
  /** Whether nobody on the way could read the password: https, or this very machine. */
  readonly isSafe: (view: RequestView) => boolean;
  /** The keyed digest under which a right password is remembered. */
  readonly digest: (secret: string) => string;
}

/** HTTP Basic (RFC 7617) at the gate, for users. */
export function basicMethod(parts: BasicParts): Method {
  return {
    name: "basic",
    ambient: false,
    reusable: true,
    queryParameters: [],
    digest: parts.digest,
    read: (view) => readBasic(view, parts.isSafe),
    verify: (credential, attempt) => verifyBasic(credential, attempt, parts),
    challenge(view, ambientToo) {
      // Nobody is invited to send a password in clear, nor asked for one by the browser's own dialog where a page would do.
      if (!parts.isSafe(view) || (ambientToo && isFetch(view))) return undefined;
      return { scheme: "Basic", parameters: { realm: parts.realm, charset: "UTF-8" } };
    },
  };
}

/** Whether a script or a page asks for a part, and not a person for a page (Fetch Metadata). */
function isFetch(view: RequestView): boolean {
  const mode = view.header("sec-fetch-mode");
  const to = view.header("sec-fetch-dest");
  return (
    (mode !== undefined && mode !== "navigate") || (to !== undefined && to !== "document") || view.header("x-requested-with") !== undefined
  );
}
