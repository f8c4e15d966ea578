import { type IncomingMessage, request as plainRequest } from "node:http";
import { ProviderProblem } from "../provider.ts";

const mostBytes = 256 * 1024;

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/**
 * Asks a provider within a time and a size, and follows no redirect: a profile is no reason to go anywhere. An answer that is
 * a form where JSON was asked for (as GitHub gives) becomes JSON. Throws a ProviderProblem. By node:http and its kept
 * connections: half of what fetch costs, of which a sign-in has up to three.
 */
export function createBoundedFetch(timeoutMs: number): (url: string, request: Request) => Promise<Response> {
  return async (url, request) => {
    const target = new URL(url);
    // TLS is loaded for whoever needs it.
    const send = target.protocol === "https:" ? (await import("node:https")).request : plainRequest;
    return readable(await exchange(send, target, request, timeoutMs), request.method);
  };
}

function exchange(send: typeof plainRequest, url: URL, { method, headers, body }: Request, timeoutMs: number): Promise<Answer> {
  const where = url.origin + url.pathname;
  const text = body instanceof URLSearchParams ? body.toString() : undefined;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method,
      headers: {
        // Some ask for a name and refuse who has none (GitHub).
        "user-agent": "latchkey",
        ...headers,
        "accept-encoding": "identity",
        ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
      },
    });
    const silent = (cause?: unknown): ProviderProblem => new ProviderProblem("unavailable", `${where} did not answer`, { cause });
    // For all of it: name, connection, answer.
    const timer = setTimeout(() => fail(silent()), timeoutMs);
    function fail(problem: ProviderProblem): void {
      clearTimeout(timer);
      reject(problem);
      request.destroy();
    }
    request.on("error", (cause) => fail(silent(cause)));
    request.on("response", (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const encoding = answered["content-encoding"] ?? "identity";
      if (encoding.toLowerCase() !== "identity")
        return fail(new ProviderProblem("invalid", `${where} answered compressed, which nobody asked for`));
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("error", (cause) => fail(silent(cause)));
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > mostBytes) fail(new ProviderProblem("invalid", `${where} answered with more than ${mostBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on("end", () => {
        clearTimeout(timer);
        if (status >= 500) reject(new ProviderProblem("unavailable", `${where} answered ${status}`));
        else resolve({ status, headers: answered, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    request.end(text);
  });
}

/** What the library reads of an answer. Its text is here already: put into a stream to be read from it, it would cost ten times as much. */
class ReadResponse extends Response {
  readonly #text: string;

  constructor(text: string, init: ResponseInit) {
    super(null, init);
    this.#text = text;
  }

  override readonly json = async (): Promise<unknown> => JSON.parse(this.#text);
  override readonly text = async (): Promise<string> => this.#text;
  override readonly clone = (): ReadResponse => new ReadResponse(this.#text, this);
}

function readable(answer: Answer, method: string): Response {
  const headers: Record<string, string> = {};
  for (const name of ["content-type", "www-authenticate"])
    if (answer.headers[name] !== undefined) headers[name] = String(answer.headers[name]);
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  let { text } = answer;
  if (type === "application/x-www-form-urlencoded") {
    headers["content-type"] = "application/json";
    text = formAsJson(text);
  }
  // GitHub answers the errors of RFC 6749 s.5.2 with 200.
  const status = answer.status === 200 && method === "POST" && isErrorAnswer(text) ? 400 : answer.status;
  return new ReadResponse(text, { status, headers });
}

function isErrorAnswer(text: string): boolean {
  try {
    const answer = JSON.parse(text) as { readonly error?: unknown; readonly access_token?: unknown } | null;
    return typeof answer?.error === "string" && answer.access_token === undefined;
  } catch {
    return false;
  }
}

/** A field that is there twice is nobody's: which of them counts would be a guess. */
function formAsJson(text: string): string {
  const form = new URLSearchParams(text);
  const names = [...new Set(form.keys())].filter((name) => form.getAll(name).length === 1);
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, form.get(name)])));
}
