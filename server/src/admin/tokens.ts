import type { RevokeTokens } from "latchkey";
import { fieldRefusal } from "latchkey/endpoints";
import * as z from "zod/mini";
import { word } from "./forms.ts";
import { type Route, route } from "./route.ts";

const names = ["id", "subject", "client", "session", "grant"] as const;

export const tokenRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/tokens/revoke",
    area: "tokens",
    access: "write",
    summary: "Revokes one token by its `jti` (`id`), or everything issued so far for a subject, client, session or grant.",
    body: z.strictObject({
      id: z.optional(word),
      subject: z.optional(word),
      client: z.optional(word),
      session: z.optional(word),
      grant: z.optional(word),
    }),
    answer: z.object({ revoked: z.boolean() }),
    async handle({ auth, body, by }) {
      const [name, ...more] = names.filter((one) => body[one] !== undefined);
      if (name === undefined || more.length > 0) return fieldRefusal("body", `exactly one of ${names.join(", ")} is needed`);
      return { revoked: await auth.tokens.revoke({ [name]: body[name]! } as unknown as RevokeTokens, by) };
    },
  }),
];
