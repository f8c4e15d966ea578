import {
  type Endpoint,
  type Exchange,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type RenewSession,
  type RequestView,
} from "../contracts/index.ts";
import { actedBy, emptyAnswer, jsonAnswer, originOf, readFields } from "../http/index.ts";
import type { ChangePassword } from "./change-password.ts";
import type { Register } from "./register.ts";

export interface AccountEndpointParts {
  readonly register: Register;
  readonly changePassword: ChangePassword;
  /** Whether the request was meant by the person at the browser: see the policy `csrf`. */
  readonly checkSource: (view: RequestView) => MaybePromise<Refusal | undefined>;
  readonly renew: RenewSession;
  /** Names of the methods by which a person, and no program of theirs, is here. */
  readonly personMethods: readonly string[];
}

/** `POST /register` and `POST /password/change`. */
export function accountEndpoints(parts: AccountEndpointParts): readonly Endpoint[] {
  return [
    { method: "POST", path: "/register", rule: undefined, handle: (exchange) => register(exchange, parts) },
    {
      method: "POST",
      path: "/password/change",
      rule: { methods: parts.personMethods },
      handle: (exchange) => changePassword(exchange, parts),
    },
  ];
}

/** The answer holds nothing but what was sent: whether the address was free, nobody is told. */
async function register(exchange: Exchange, parts: AccountEndpointParts) {
  const origin = originOf(exchange);
  const foreign = await parts.checkSource(exchange.view);
  if (foreign !== undefined) return foreign;
  const fields = await readFields(exchange.view);
  if (isRefusal(fields)) return fields;
  const refusal = await parts.register({ email: fields.email, password: fields.password, origin });
  return refusal ?? jsonAnswer(201, { email: fields.email });
}

async function changePassword(exchange: Exchange, parts: AccountEndpointParts) {
  const by = actedBy(exchange);
  const { principal } = exchange;
  const fields = await readFields(exchange.view);
  if (isRefusal(fields)) return fields;
  const refusal = await parts.changePassword({ principal, current: fields.currentPassword, next: fields.newPassword, by });
  return refusal ?? emptyAnswer(204, await parts.renew(principal, by));
}
