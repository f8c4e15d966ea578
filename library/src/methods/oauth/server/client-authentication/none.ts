import type { ClientAuthentication } from "./way.ts";

/** `none`: a public client says who it is and proves nothing (RFC 6749 s.2.1). What it gets is bound by PKCE. */
export function noAuthentication(): ClientAuthentication {
  return {
    name: "none",
    implied: true,
    read(_view, parameters) {
      const clientId = parameters.get("client_id");
      return clientId === undefined ? undefined : { clientId, proof: "" };
    },
    verify: () => undefined,
  };
}
