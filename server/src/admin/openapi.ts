import { type Endpoint, jsonAnswer } from "latchkey/endpoints";
import * as z from "zod/mini";
import manifest from "../../package.json" with { type: "json" };
import { claimForm, firstAdminPath } from "./first-admin.ts";
import { everything, scopeFor } from "./rights.ts";
import { root, type Route } from "./route.ts";

type Json = Record<string, unknown>;

/** `GET /admin/api/openapi.json`: made of the definitions that route, guard and validate; written once, when first asked for. */
export function openapiEndpoint(issuer: string, routes: readonly Route[]): Endpoint {
  let document: Json | undefined;
  return {
    method: "GET",
    path: `${root}/openapi.json`,
    rule: undefined,
    handle: () => jsonAnswer(200, (document ??= openapi(issuer, routes))),
  };
}

/** The document, OpenAPI 3.1. */
export function openapi(issuer: string, routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    const path = `${root}${one.path}`.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one) };
  }
  paths[`${root}${firstAdminPath}`] = { post: firstAdminOperation() };
  return {
    openapi: "3.1.0",
    info: {
      title: "Latchkey admin API",
      version: manifest.version,
      description: `A person with the role admin, by session; or an API key with the role admin, the scope ${everything}, or the scope that an operation names. Errors are problem documents (RFC 9457).`,
    },
    servers: [{ url: issuer }],
    paths,
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: issuer.startsWith("https:") ? "__Host-latchkey" : "latchkey" },
        key: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
      schemas: { Problem: problemSchema },
      responses: {
        Problem: { description: "Why not.", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
      },
    },
  };
}

const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "code", "requestId"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "Which part was wrong, and what is allowed." },
    code: { type: "string" },
    requestId: { type: "string" },
  },
} as const;

function operationOf(one: Route): Json {
  const scope = scopeFor(one.area, one.access);
  return {
    operationId: operationIdOf(one),
    tags: [one.area],
    summary: one.summary,
    description: `Needs the scope ${scope}.${one.gives === true ? " A person must have signed in within 15 minutes." : ""}`,
    security: [{ session: [] }, { key: [scope] }],
    parameters: [...pathParameters(one.path), ...queryParameters(one.query)],
    ...(one.body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: schemaOf(one.body, "input") } } } }),
    responses: { ...successOf(one), default: { $ref: "#/components/responses/Problem" } },
  };
}

function successOf(one: Route): Json {
  if (one.answer !== undefined)
    return { [one.status ?? 200]: { description: "Done.", content: { "application/json": { schema: schemaOf(one.answer, "output") } } } };
  if (one.path === "/audit/export")
    return { 200: { description: "Lines of JSON.", content: { "application/x-ndjson": { schema: { type: "string" } } } } };
  return { 204: { description: "Done." } };
}

function firstAdminOperation(): Json {
  return {
    operationId: "firstAdmin",
    tags: ["first start"],
    summary: "Makes the first administrator, by the secret of the link that the first start prints, and signs the person in.",
    security: [],
    requestBody: { required: true, content: { "application/json": { schema: schemaOf(claimForm, "input") } } },
    responses: {
      201: { description: "Made.", content: { "application/json": { schema: { type: "object", required: ["id", "email"] } } } },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: "path", required: true, schema: { type: "string" } }));
}

function queryParameters(query: z.ZodMiniObject | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, "input") as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }));
}

function schemaOf(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** `deleteUsersIdRolesRole`: unique, since method and path are. */
function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[/:-]+/).filter((word) => word !== "");
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}
