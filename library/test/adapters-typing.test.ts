import type { Request as ExpressRequest, RequestHandler } from "express";
import type { FastifyRequest, onRequestHookHandler, preHandlerHookHandler } from "fastify";
import type { Context } from "hono";
import type { IncomingMessage, RequestListener } from "node:http";
import { describe, expectTypeOf, test } from "vitest";
import type { Decision, Principal } from "latchkey";
import type * as onExpress from "latchkey/express";
import type * as onFastify from "latchkey/fastify";
import type * as onFetch from "latchkey/fetch";
import type * as onNode from "latchkey/node";
import type { PretendedLatchkey, TestLatchkey } from "latchkey/testing";

/** Judged by the type checker: what an editor knows of the caller in each framework. */
describe("the principal", () => {
  test("may be missing where no guard is known to have run", () => {
    expectTypeOf<IncomingMessage["principal"]>().toEqualTypeOf<Principal | undefined>();
    expectTypeOf<ExpressRequest["principal"]>().toEqualTypeOf<Principal | undefined>();
    expectTypeOf<FastifyRequest["principal"]>().toEqualTypeOf<Principal | undefined>();
  });

  test("is there behind a guard that calls the handler itself, and in Hono's context", () => {
    expectTypeOf<onNode.GuardedRequest["principal"]>().toEqualTypeOf<Principal>();
    expectTypeOf<Parameters<Parameters<typeof onFetch.guard>[2]>[1]>().toEqualTypeOf<Principal>();
    const read = (context: Context) => context.get("principal");
    expectTypeOf<ReturnType<typeof read>>().toEqualTypeOf<Principal>();
  });

  test("cannot be changed", () => {
    expectTypeOf<Principal["scopes"]>().toEqualTypeOf<readonly string[]>();
    // @ts-expect-error: readonly
    const widen = (principal: Principal) => (principal.subject = "usr_other");
    expectTypeOf(widen).toBeFunction();
  });

  test("of a decision is there only once it is allowed", () => {
    // @ts-expect-error: a denied decision has none
    const careless = (decision: Decision) => decision.principal;
    const careful = (decision: Decision) => (decision.allowed ? decision.principal : undefined);
    expectTypeOf(careless).toBeFunction();
    expectTypeOf<ReturnType<typeof careful>>().toEqualTypeOf<Principal | undefined>();
  });
});

test("a guard is what each framework takes", () => {
  expectTypeOf<ReturnType<typeof onNode.guard>>().toExtend<RequestListener>();
  expectTypeOf<ReturnType<typeof onExpress.guard>>().toExtend<RequestHandler>();
  expectTypeOf<ReturnType<typeof onFastify.guard>>().toExtend<onRequestHookHandler>();
  expectTypeOf<ReturnType<typeof onFastify.guard>>().toExtend<preHandlerHookHandler>();
});

test("the gates of the test kit go wherever a gate goes", () => {
  expectTypeOf<TestLatchkey>().toExtend<Parameters<typeof onExpress.guard>[0]>();
  expectTypeOf<PretendedLatchkey>().toExtend<Parameters<typeof onFastify.guard>[0]>();
});
