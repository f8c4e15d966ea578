import type { ActedBy, Latchkey, Principal } from "latchkey";
import { OptionFault } from "latchkey";
import {
  actedBy,
  type Answer,
  emptyAnswer,
  type Endpoint,
  type Exchange,
  fieldRefusal,
  isRefusal,
  jsonAnswer,
  readFields,
  type Refusal,
} from "latchkey/endpoints";
import * as z from "zod/mini";
import { readParts } from "./input.ts";
import { adminRefusals } from "./refusals.ts";
import { type Access, type Area, mayAdminister, scopeFor } from "./rights.ts";

/** The way to everything here. */
export const root = "/admin/api";

/** What a route is given: everything checked by its own schemas. */
export interface Call<Query, Body> {
  readonly auth: Latchkey;
  readonly principal: Principal;
  /** For the audit. */
  readonly by: ActedBy;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

type ObjectSchema = z.ZodMiniObject;
type NoFields = z.ZodMiniObject<Readonly<Record<string, never>>>;

/** One thing an operator can do: what is routed, guarded, validated and described, in one place. */
export interface Route<
  Query extends ObjectSchema = ObjectSchema,
  Body extends ObjectSchema = ObjectSchema,
  Result extends z.ZodMiniType = z.ZodMiniType,
> {
  readonly method: Endpoint["method"];
  /** Below `/admin/api`. */
  readonly path: string;
  readonly area: Area;
  readonly access: Access;
  /** It lets somebody do more than before: a person must have signed in lately. Stopping somebody never waits for that. */
  readonly gives?: true;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  /** What is answered; left out: 204. */
  readonly answer?: Result;
  readonly status?: 200 | 201;
  handle(call: Call<z.output<Query>, z.output<Body>>): Promise<z.output<Result> | Refusal | Answer>;
}

/** Ties the types of one route together. */
export function route<
  Query extends ObjectSchema = NoFields,
  Body extends ObjectSchema = NoFields,
  Result extends z.ZodMiniType = z.ZodMiniType<undefined | void>,
>(one: Route<Query, Body, Result>): Route {
  return one;
}

/** How recent a person's sign-in must be for what gives rights. */
const lately = "15m";

/** The endpoint of a route: session or key only, since a browser sends along Basic by itself, and a token is an app's. */
export function endpointOf(auth: Latchkey, one: Route): Endpoint {
  return {
    method: one.method,
    path: `${root}${one.path}`,
    rule: {
      methods: ["session", "api-key"],
      action: scopeFor(one.area, one.access),
      can: (principal) => mayAdminister(auth, principal, one.area, one.access),
      ...(one.gives === true ? { maxAge: lately } : {}),
    },
    handle: (exchange) => answer(auth, one, exchange),
  };
}

async function answer(auth: Latchkey, one: Route, exchange: Exchange): Promise<Answer | Refusal> {
  const by = actedBy(exchange);
  const { principal, parameters } = exchange;
  const query = readParts(one.query, Object.fromEntries(exchange.query), "query");
  if (isRefusal(query)) return query;
  const fields = one.body === undefined ? {} : await readFields(exchange.view);
  if (isRefusal(fields)) return fields;
  const body = readParts(one.body, { ...fields }, "body");
  if (isRefusal(body)) return body;
  // What no id or name can be is not asked for.
  if (!Object.values(parameters).every((value) => /^[!-~]{1,200}$/.test(value))) return adminRefusals["not-found"]();
  try {
    const result = await one.handle({ auth, principal, by, parameters, query, body });
    if (isRefusal(result)) return result;
    if (isAnswer(result)) return result;
    return one.answer === undefined ? emptyAnswer() : jsonAnswer(one.status ?? 200, result);
  } catch (error) {
    // The library checks what it is told, and says what is allowed.
    if (error instanceof OptionFault) return fieldRefusal(error.option, error.message.slice(error.option.length + 2));
    throw error;
  }
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && "status" in value && "headers" in value && "body" in value;
}
