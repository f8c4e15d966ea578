import { opaqueTokenPrefix, type OpaqueTokens } from "../methods/oauth/server/index.ts";
import { judgeAny, judgeBearer, type JudgeToken } from "./judge-token.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";

/** Judges every credential of ours that a client may have been sent: opaque tokens, API keys, signed tokens. */
export function judgeEvery({ keyMethod, tokens }: OAuthWiring, opaque: Pick<OpaqueTokens, "verify">): JudgeToken {
  return judgeAny([
    (token, at) => (token.startsWith(`${opaqueTokenPrefix}_`) ? opaque.verify(token, at, undefined) : undefined),
    judgeBearer(keyMethod),
    (token) => tokens.tokens.verify(token),
  ]);
}
