import type { Endpoint } from "../contracts/index.ts";

/** Which endpoint a request is for. */
export type Match =
  | { readonly found: "endpoint"; readonly endpoint: Endpoint; readonly parameters: Readonly<Record<string, string>> }
  | { readonly found: "path"; readonly allow: string }
  | { readonly found: "nothing" };

type Route = { readonly segments: readonly string[]; readonly endpoints: Map<string, Endpoint> };

const nothing: Match = { found: "nothing" };
const noParameters: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Compiles endpoints into a matcher of method and path. Fixed paths are one map look-up; paths with `:names` are
 * tried in turn, so keep them few. HEAD is answered by GET. Two endpoints of one method and path are a mistake in the
 * program, told at once.
 */
export function compileRoutes(endpoints: readonly Endpoint[]): (method: string, path: string) => Match {
  const fixed = new Map<string, Map<string, Endpoint>>();
  const named: Route[] = [];
  for (const endpoint of endpoints) {
    const methods = endpoint.path.includes("/:") ? namedRoute(named, endpoint.path) : fixedRoute(fixed, endpoint.path);
    if (methods.has(endpoint.method)) throw new Error(`Two endpoints answer ${endpoint.method} ${endpoint.path}.`);
    methods.set(endpoint.method, endpoint);
  }
  return (method, path) => {
    const exact = fixed.get(path);
    if (exact !== undefined) return choose(exact, method, noParameters);
    const parts = path.split("/");
    for (const route of named) {
      const parameters = matchSegments(route.segments, parts);
      if (parameters !== undefined) return choose(route.endpoints, method, parameters);
    }
    return nothing;
  };
}

function fixedRoute(fixed: Map<string, Map<string, Endpoint>>, path: string): Map<string, Endpoint> {
  const methods = fixed.get(path) ?? new Map<string, Endpoint>();
  fixed.set(path, methods);
  return methods;
}

function namedRoute(named: Route[], path: string): Map<string, Endpoint> {
  const segments = path.split("/");
  const known = named.find((route) => route.segments.join("/") === path);
  if (known !== undefined) return known.endpoints;
  const route: Route = { segments, endpoints: new Map() };
  named.push(route);
  return route.endpoints;
}

function choose(endpoints: ReadonlyMap<string, Endpoint>, method: string, parameters: Readonly<Record<string, string>>): Match {
  const endpoint = endpoints.get(method) ?? (method === "HEAD" ? endpoints.get("GET") : undefined);
  if (endpoint !== undefined) return { found: "endpoint", endpoint, parameters };
  const allowed = [...endpoints.keys()].flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  return { found: "path", allow: allowed.join(", ") };
}

function matchSegments(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index]!;
    if (!segment.startsWith(":")) {
      if (segment !== part) return undefined;
      continue;
    }
    const value = decodeSegment(part);
    if (value === undefined || value === "") return undefined;
    parameters[segment.slice(1)] = value;
  }
  return parameters;
}

/** Undefined for what names nothing: no UTF-8, or a control character in it, which PostgreSQL cannot even be asked for. */
function decodeSegment(part: string): string | undefined {
  try {
    const value = decodeURIComponent(part);
    return /\p{Cc}/u.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
