// A server with the admin API over real HTTP, whose every answer is held against the OpenAPI document.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { testLatchkey, type TestLatchkey, type TestLatchkeyOptions } from "latchkey/testing";
import { createHandler } from "../src/http/index.ts";
import { createServerMetrics } from "../src/metrics/index.ts";

export const password = "four quiet grey horses";

interface Operation {
  readonly method: string;
  /** With `{names}`. */
  readonly path: string;
  readonly scope: string | undefined;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; of a problem with `code`, `detail`. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

export interface Asking {
  /** An API key. */
  readonly key?: string;
  /** A session's cookie, sent as a page of ours would. */
  readonly cookie?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AdminHouse {
  readonly auth: TestLatchkey;
  readonly site: string;
  readonly operations: readonly Operation[];
  ask(method: string, path: string, asking?: Asking): Promise<Asked>;
  /** A key of a program with these scopes. */
  keyWith(...scopes: string[]): Promise<string>;
  /** A user with these roles, and the cookie of a session. */
  person(email: string, ...roles: string[]): Promise<{ readonly id: string; readonly cookie: string }>;
  close(): Promise<void>;
}

export async function openAdmin(options: TestLatchkeyOptions = {}): Promise<AdminHouse> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const site = `http://localhost:${(server.address() as AddressInfo).port}`;
  const auth = await testLatchkey({
    issuer: site,
    passwords: { memoryKiB: 8, passes: 1, weakForTests: true },
    limits: { credential: "off", credentialAddress: "off" },
    ...options,
  });
  server.on("request", createHandler({ auth, metrics: createServerMetrics(), development: true }));
  const document = (await (await fetch(`${site}/admin/api/openapi.json`)).json()) as { paths: object; components: object };
  const operations = operationsOf(document);
  const validator = validatorOf(document);
  return {
    auth,
    site,
    operations,
    async ask(method, path, { key, cookie, body, headers = {} } = {}) {
      const answer = await fetch(`${site}/admin/api${path}`, {
        method,
        redirect: "manual",
        headers: {
          ...(key === undefined ? {} : { "x-api-key": key }),
          ...(cookie === undefined ? {} : { cookie, origin: site, "sec-fetch-site": "same-origin" }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get("content-type")?.includes("json; charset") === true && !text.includes("}\n");
      const json: unknown = isJson ? JSON.parse(text) : undefined;
      validator(method, `/admin/api${path.split("?")[0]}`, answer.status, json);
      return { status: answer.status, headers: answer.headers, text, json };
    },
    async keyWith(...scopes) {
      return (await auth.apiKeys.issue({ name: "test", scopes })).key;
    },
    async person(email, ...roles) {
      const { id } = await auth.users.create({ email, password, roles });
      const { cookie } = await auth.sessions.create({ user: id });
      return { id, cookie: cookie.split(";")[0]! };
    },
    close: () => stop(server, auth),
  };
}

async function stop(server: Server, auth: TestLatchkey): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await auth.close();
}

function operationsOf({ paths }: { readonly paths: object }): readonly Operation[] {
  return Object.entries(
    paths as Record<string, Record<string, { security: { key?: string[] }[]; responses: Operation["responses"] }>>,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, responses }]) => ({
      method: method.toUpperCase(),
      path,
      scope: security.find(({ key }) => key !== undefined)?.key?.[0],
      responses,
    })),
  );
}

/** Fails for an answer that the document does not promise. */
function validatorOf(document: object) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "openapi", ...document });
  const operations = operationsOf(document as { paths: object });
  const compiled = new Map<object, ValidateFunction>();
  const problem = ajv.compile({ $ref: "openapi#/components/schemas/Problem" });
  return (method: string, path: string, status: number, json: unknown): void => {
    if (status >= 400) {
      expect(problem(json), `${method} ${path}: ${JSON.stringify(problem.errors)}`).toBe(true);
      return;
    }
    const operation = operations.find(
      (one) =>
        one.method === method &&
        new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path) &&
        matchesFixed(one, path, operations),
    );
    const promised = operation?.responses[status];
    expect(promised, `${method} ${path} answered ${status}, which the document does not promise`).toBeDefined();
    const schema = promised?.content?.["application/json"]?.schema;
    if (schema === undefined) return;
    const validate = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, validate);
    expect(validate(json), `${method} ${path}: ${JSON.stringify(validate.errors)}`).toBe(true);
  };
}

/** A fixed path goes before one with names. */
function matchesFixed(one: Operation, path: string, all: readonly Operation[]): boolean {
  return one.path === path || !all.some((other) => other.method === one.method && other.path === path);
}
