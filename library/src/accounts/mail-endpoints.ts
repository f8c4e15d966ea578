import { type Endpoint, isRefusal, type MaybePromise, type Refusal, type RequestView } from "../contracts/index.ts";
import { actedBy, emptyAnswer, jsonAnswer, originOf, readFields } from "../http/index.ts";
import type { ResetPassword } from "./reset-password.ts";
import type { VerifyEmail } from "./verify-email.ts";

interface MailEndpointParts {
  readonly reset: ResetPassword;
  readonly verify: VerifyEmail;
  /** Whether the request was meant by the person at the browser: see the policy `csrf`. */
  readonly checkSource: (view: RequestView) => MaybePromise<Refusal | undefined>;
  /** Names of the methods by which a person, and no program of theirs, is here. */
  readonly personMethods: readonly string[];
  /** How recent a sign-in must be to change the address. */
  readonly fresh: string;
}

/** What goes by mail: a forgotten password, and the address itself. Codes arrive in bodies only, never in a URL. */
export function mailEndpoints({ reset, verify, checkSource, personMethods: methods, fresh }: MailEndpointParts): readonly Endpoint[] {
  return [
    {
      method: "POST",
      path: "/password/forgot",
      rule: undefined,
      handle: async (exchange) => {
        const origin = originOf(exchange);
        const fields = (await checkSource(exchange.view)) ?? (await readFields(exchange.view));
        if (isRefusal(fields)) return fields;
        return (await reset.ask({ email: fields.email, origin })) ?? jsonAnswer(202, { email: fields.email });
      },
    },
    {
      method: "POST",
      path: "/password/reset",
      rule: undefined,
      handle: async (exchange) => {
        const origin = originOf(exchange);
        const fields = (await checkSource(exchange.view)) ?? (await readFields(exchange.view));
        if (isRefusal(fields)) return fields;
        return (await reset.reset({ code: fields.code, password: fields.password, origin })) ?? emptyAnswer(204);
      },
    },
    {
      method: "POST",
      path: "/email/verify/send",
      rule: { methods },
      handle: async (exchange) => (await verify.ask({ principal: exchange.principal, by: actedBy(exchange) })) ?? jsonAnswer(202, {}),
    },
    {
      method: "POST",
      path: "/email/verify",
      rule: { methods },
      handle: async (exchange) => {
        const asker = { principal: exchange.principal, by: actedBy(exchange) };
        const fields = await readFields(exchange.view);
        if (isRefusal(fields)) return fields;
        return (await verify.prove({ ...asker, code: fields.code })) ?? emptyAnswer(204);
      },
    },
    {
      method: "POST",
      path: "/email/change",
      rule: { methods, maxAge: fresh },
      handle: async (exchange) => {
        const asker = { principal: exchange.principal, by: actedBy(exchange) };
        const fields = await readFields(exchange.view);
        if (isRefusal(fields)) return fields;
        return (await verify.askChange({ ...asker, email: fields.email })) ?? jsonAnswer(202, { email: fields.email });
      },
    },
  ];
}
