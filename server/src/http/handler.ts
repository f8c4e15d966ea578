import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Latchkey } from "latchkey";
import { guard, mount, NodeRequestView } from "latchkey/node";
import { hostOf, isLoopback } from "../configuration/index.ts";
import type { ServerMetrics } from "../metrics/index.ts";
import { answer, answerJson, problem } from "./answers.ts";

interface HandlerParts {
  readonly auth: Latchkey;
  readonly metrics: ServerMetrics;
  /** Whether host and issuer are on loopback: then `/metrics` is open to this machine. */
  readonly development: boolean;
}

type Own = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A year: browsers that were here once do not try plain http again (RFC 6797). */
const strictTransport = "max-age=31536000";

/** Latchkey's endpoints first, by the shortest way; then the server's own. Foreign hosts are refused. */
export function createHandler({ auth, metrics, development }: HandlerParts): RequestListener {
  const endpoints = mount(auth);
  const issuer = new URL(auth.issuer);
  // It would hold for every port: a developer's other programs on localhost speak http.
  const pinned = issuer.protocol === "https:" && !isLoopback(hostOf(auth.issuer));
  const own = ownRoutes(auth, metrics, development);
  const administer = adminListener(auth);
  return (request, response) => {
    if (pinned) response.setHeader("strict-transport-security", strictTransport);
    if (!isOurs(request.headers.host, issuer.host) && !isForwardAuth(request))
      return problem(request, response, 421, "http.foreign-host", "This server does not answer for that host.");
    endpoints(request, response, () => (isAdmin(pathOf(request)) ? administer : own)(request, response));
  };
}

/** The issuer's host, or a loopback name with any port. */
function isOurs(host: string | undefined, issuerHost: string): boolean {
  return host !== undefined && (host === issuerHost || /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(host));
}

/** Caddy and Envoy ask for the host that their client asked for; nothing that is answered there depends on it. */
function isForwardAuth({ url = "/" }: IncomingMessage): boolean {
  return /^\/forward-auth(?:[/?]|$)/.test(url);
}

function isAdmin(path: string): boolean {
  return path === "/admin" || path.startsWith("/admin/");
}

/** The admin API and the console: not even read before somebody asks, since most requests never do. */
function adminListener(auth: Latchkey): Own {
  let loading: Promise<RequestListener> | undefined;
  const load = async (): Promise<RequestListener> => {
    const { admin } = await import("../admin/index.ts");
    const listener = mount(admin(auth));
    return (request, response) => listener(request, response, () => notFound(request, response));
  };
  return async (request, response) => {
    try {
      (await (loading ??= load()))(request, response);
    } catch (error) {
      loading = undefined;
      const view = new NodeRequestView(request);
      auth.report(error, view.requestId);
      response.setHeader("retry-after", "5");
      problem(request, response, 503, "unavailable", "The console cannot be loaded.");
    }
  };
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  problem(request, response, 404, "http.not-found", "There is nothing at this path.");
}

function ownRoutes(auth: Latchkey, metrics: ServerMetrics, development: boolean): Own {
  const show: Own = async (request, response) => {
    const { text, type } = await metrics.render(() => auth.metrics());
    answer(request, response, 200, type, text);
  };
  const routes: Readonly<Record<string, Own>> = {
    "/healthz": (request, response) => answerJson(request, response, { status: "up" }),
    "/readyz": (request, response) => readiness(auth, request, response),
    "/metrics": development ? show : guard(auth, { scopes: ["metrics:read"] }, show),
  };
  return (request, response) => {
    const route = Object.hasOwn(routes, pathOf(request)) ? routes[pathOf(request)] : undefined;
    // TRACE would show a script the cookies and headers of its own request (RFC 9110 s.9.3.8).
    if (route === undefined && request.method !== "TRACE") return notFound(request, response);
    if (route !== undefined && (request.method === "GET" || request.method === "HEAD")) return route(request, response);
    response.setHeader("allow", "GET, HEAD");
    problem(request, response, 405, "http.method-not-allowed", "This path does not answer that method.");
  };
}

function readiness(auth: Latchkey, request: IncomingMessage, response: ServerResponse): Promise<void> {
  return auth.ping().then(
    () => answerJson(request, response, { status: "ready" }),
    () => {
      response.setHeader("retry-after", "1");
      problem(request, response, 503, "unavailable", "The store does not answer.");
    },
  );
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!;
}
