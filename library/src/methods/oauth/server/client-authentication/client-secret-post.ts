import { oauthRefusals } from "../refusals.ts";
import { verifySecret } from "./secret.ts";
import type { ClientAuthentication } from "./way.ts";

/** `client_secret_post`: id and secret in the body (RFC 6749 s.2.3.1). */
export function clientSecretPost(): ClientAuthentication {
  return {
    name: "client_secret_post",
    read(_view, parameters) {
      const proof = parameters.get("client_secret");
      if (proof === undefined) return undefined;
      const clientId = parameters.get("client_id");
      return clientId === undefined
        ? oauthRefusals["invalid-client"]({ detail: "a client_secret without client_id" })
        : { clientId, proof };
    },
    verify: ({ proof }, client, at) => verifySecret(proof, client, at),
  };
}
