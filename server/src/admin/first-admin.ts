import type { Latchkey } from "latchkey";
import { type Endpoint, isRefusal, jsonAnswer, originOf, readFields } from "latchkey/endpoints";
import * as z from "zod/mini";
import { readParts } from "./input.ts";
import { root } from "./route.ts";

/** Whether each may be used the account itself judges. */
export const claimForm = z.strictObject({
  token: z.string().check(z.maxLength(200)),
  email: z.string().check(z.maxLength(254)),
  password: z.string().check(z.maxLength(1_024)),
});

export const firstAdminPath = "/first-admin";

/**
 * Makes the first administrator and signs the person in. Open to all: the secret of the link is what lets them in, and no page of
 * another site knows it.
 */
export function firstAdminEndpoint(auth: Latchkey): Endpoint {
  return {
    method: "POST",
    path: `${root}${firstAdminPath}`,
    rule: undefined,
    async handle(exchange) {
      const by = { actor: undefined, method: undefined, origin: originOf(exchange) };
      const fields = await readFields(exchange.view);
      if (isRefusal(fields)) return fields;
      const claim = readParts(claimForm, { ...fields }, "body");
      if (isRefusal(claim)) return claim;
      const user = await auth.firstAdmin.create(claim as z.output<typeof claimForm>, by);
      if (isRefusal(user)) return user;
      const { cookie } = await auth.sessions.create({ user: user.id, amr: ["pwd"] }, { ...by, actor: user.id, method: "invitation" });
      return jsonAnswer(201, { id: user.id, email: user.email }, { "set-cookie": cookie });
    },
  };
}
