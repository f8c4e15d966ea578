import { Fault } from "../../contracts/index.ts";
import type { JsonObject } from "../../primitives/index.ts";

interface IntrospectorParts {
  /** Where the endpoint is; may be looked up. */
  readonly endpoint: () => Promise<string>;
  /** As whom we ask. */
  readonly authorization: string;
  readonly post: (url: string, form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>) => Promise<JsonObject>;
}

/** Asks the issuer about one token. Rejects with a Fault when it cannot know. */
export type Introspector = (token: string) => Promise<JsonObject>;

/** Questions that may be open at a time: an issuer that hangs must not fill this process's memory. */
const mostOpen = 256;

/** The introspection endpoint (RFC 7662 s.2.1). */
export function createIntrospector({ endpoint, authorization, post }: IntrospectorParts): Introspector {
  let open = 0;
  return async (token) => {
    if (open >= mostOpen) throw unavailable(new Error(`${mostOpen} questions are open`));
    open += 1;
    try {
      return await post(await endpoint(), { token }, { authorization });
    } catch (error) {
      throw unavailable(error);
    } finally {
      open -= 1;
    }
  };
}

function unavailable(cause: unknown): Fault {
  return new Fault("LATCHKEY_ISSUER_UNAVAILABLE", "The issuer could not be asked about a token.", { cause, retryAfterSeconds: 1 });
}

/** `Authorization` of a client with a secret (RFC 6749 s.2.3.1). */
export function basicAuthorization(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString("base64")}`;
}

/** As a form writes it, so that any character may stand in a name or secret. */
function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}
