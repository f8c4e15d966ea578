import { authorizationOf } from "../../../../primitives/index.ts";
import { oauthRefusals } from "../refusals.ts";
import { verifySecret } from "./secret.ts";
import type { ClientAuthentication } from "./way.ts";

/** `client_secret_basic`: id and secret, each encoded as a form, then as Basic credentials (RFC 6749 s.2.3.1). */
export function clientSecretBasic(): ClientAuthentication {
  return {
    name: "client_secret_basic",
    read(view) {
      const authorization = view.header("authorization");
      if (authorization === undefined) return undefined;
      if (typeof authorization !== "string") return malformed("several Authorization lines");
      const credentials = authorizationOf(authorization, "basic");
      if (credentials === undefined) return undefined;
      if (credentials.length > 4_000 || !/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return malformed("not base64");
      const text = Buffer.from(credentials, "base64").toString("latin1");
      const colon = text.indexOf(":");
      const clientId = colon === -1 ? undefined : formDecode(text.slice(0, colon));
      const proof = colon === -1 ? undefined : formDecode(text.slice(colon + 1));
      if (clientId === undefined || clientId === "" || proof === undefined || proof === "")
        return malformed("without an id, a colon or a secret, or not encoded as a form");
      return { clientId, proof };
    },
    verify: ({ proof }, client, at) => verifySecret(proof, client, at),
  };
}

const malformed = (detail: string) => oauthRefusals["invalid-client"]({ detail: `Basic: ${detail}` });

function formDecode(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text.replaceAll("+", " "));
    return /\p{Cc}/u.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
