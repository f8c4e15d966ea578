import type { Answer, Endpoint } from "../contracts/index.ts";
import { emptyAnswer, textAnswer, withHeaders } from "../http/index.ts";
import { sha256 } from "../primitives/index.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** How long a verifier may keep the key set. Keys are published twice as long before they sign. */
export const keySetSeconds = 300;

/** `/.well-known/jwks.json`: the public keys, for anybody, cacheable. */
export function signingKeyEndpoints(keys: SigningKeys): readonly Endpoint[] {
  return [
    {
      method: "GET",
      path: "/.well-known/jwks.json",
      rule: undefined,
      async handle({ view }) {
        const body = JSON.stringify(await keys.published());
        const etag = `"${sha256(body)}"`;
        const headers = { etag, "cache-control": `public, max-age=${keySetSeconds}` };
        const seen = view.header("if-none-match");
        if (typeof seen === "string" && seen.split(",").some((one) => one.trim().replace(/^W\//, "") === etag))
          return emptyAnswer(304, headers);
        return keySet(body, headers);
      },
    },
  ];
}

function keySet(body: string, headers: Answer["headers"]): Answer {
  return withHeaders(textAnswer(200, body, "application/jwk-set+json"), headers);
}
