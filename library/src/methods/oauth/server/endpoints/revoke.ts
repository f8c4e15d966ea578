import { type ActedBy, type Endpoint, isRefusal } from "../../../../contracts/index.ts";
import { originOf } from "../../../../http/index.ts";
import { errorAnswer, oauthAnswer } from "../answer.ts";
import type { AuthenticateClient } from "../client-authentication/index.ts";
import { readForm, required } from "../parameters.ts";

/** Ends one kind of token; false: not one of mine, or not of this client, or ended already. */
export type RevokeToken = (token: string, clientId: string, by: ActedBy) => Promise<boolean>;

export interface RevokeParts {
  readonly authenticate: AuthenticateClient;
  /** Tried in turn: what the token is tells its form, so `token_type_hint` is of no use (RFC 7009 s.2.1 lets us ignore it). */
  readonly kinds: readonly RevokeToken[];
}

/**
 * `POST /oauth/revoke` (RFC 7009): a client ends a token of its own; with a refresh token goes all that came of it. The
 * answer is the same whether there was one, and a token of another client stays as it is.
 */
export function revokeEndpoint(parts: RevokeParts): Endpoint {
  return {
    method: "POST",
    path: "/oauth/revoke",
    rule: undefined,
    async handle(exchange) {
      const { view, at } = exchange;
      const origin = originOf(exchange);
      const parameters = await readForm(view);
      if (isRefusal(parameters)) return errorAnswer(parameters, view);
      const client = await parts.authenticate(view, parameters, at, { actor: undefined, method: undefined, origin });
      if (isRefusal(client)) return errorAnswer(client, view);
      const token = required(parameters, "token", 16_384);
      if (isRefusal(token)) return errorAnswer(token, view);
      const by = { actor: client.id, method: client.authentication, origin };
      for (const revoke of parts.kinds) if (await revoke(token, client.id, by)) break;
      return oauthAnswer({});
    },
  };
}
