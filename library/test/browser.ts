// A browser, as far as cookies and the fields that browsers add go, in front of a gate without HTTP in between.
import type { Answer, Decision, Latchkey, RequestView, Rule } from "latchkey";

export const origin = "http://localhost:3000";

/** Headers by which a browser says that a page of ours sent the request. */
export const ownPage = { "sec-fetch-site": "same-origin", origin } as const;

export interface RequestFacts {
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A JSON body, or a form where it is a text. */
  readonly body?: Readonly<Record<string, unknown>> | string;
  readonly address?: string;
}

export interface Browser {
  readonly cookies: Map<string, string>;
  /** Asks one of Latchkey's own endpoints, as a page of ours would. */
  ask(method: string, target: string, facts?: RequestFacts): Promise<Answer>;
  /** Asks a route of an app. */
  check(rule: Rule, method?: string, facts?: RequestFacts): Promise<Decision>;
  /** `allowed`, or the code that the operator sees. */
  codeFor(rule: Rule, method?: string, facts?: RequestFacts): Promise<string>;
  cookieField(): string | undefined;
}

let requests = 0;

export function browser(auth: Latchkey, cookies: ReadonlyMap<string, string> = new Map()): Browser {
  const jar = new Map(cookies);
  const field = () => (jar.size === 0 ? undefined : [...jar].map(([name, value]) => `${name}=${value}`).join("; "));

  const check = async (rule: Rule, method = "GET", facts: RequestFacts = {}) => auth.check(viewOf(method, "/app", facts, field()), rule);
  return {
    cookies: jar,
    cookieField: field,
    async ask(method, target, facts = {}) {
      const answer = await auth.handle(viewOf(method, target, facts, field()));
      if (answer === undefined) throw new Error(`nothing answers ${method} ${target}`);
      for (const line of [answer.headers["set-cookie"] ?? []].flat()) keep(jar, line);
      return answer;
    },
    check,
    async codeFor(rule, method, facts) {
      const decision = await check(rule, method, facts);
      return decision.allowed ? "allowed" : decision.refusal.code;
    },
  };
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair, ...attributes] = line.split("; ");
  const [name, value] = pair!.split("=") as [string, string];
  if (attributes.includes("Max-Age=0")) jar.delete(name);
  else jar.set(name, value);
}

function viewOf(
  method: string,
  target: string,
  { headers = {}, body, address = "127.0.0.1" }: RequestFacts,
  cookie: string | undefined,
): RequestView {
  const form = typeof body === "string";
  const type = body === undefined ? undefined : form ? "application/x-www-form-urlencoded" : "application/json";
  const all: Record<string, string | readonly string[] | undefined> = {
    ...ownPage,
    "content-type": type,
    host: "localhost:3000",
    cookie,
    ...headers,
  };
  return {
    method,
    target,
    requestId: `req_browser_${(requests += 1)}`,
    peerAddress: address,
    encrypted: false,
    header: (name) => all[name],
    body: () => Promise.resolve(Buffer.from(form ? body : body === undefined ? "" : JSON.stringify(body))),
  };
}

export function json(answer: Answer): Record<string, unknown> {
  return JSON.parse(String(answer.body)) as Record<string, unknown>;
}

/** Headers of a request of which no browser told where it came from. */
export const untold = { "sec-fetch-site": undefined, origin: undefined } as const;
