import type { IncomingMessage } from "node:http";
import { ProviderProblem } from "../provider.ts";
import { createWays, type Way } from "./ways.ts";

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

export interface BoundedFetch {
  (url: string, request: Request): Promise<Response>;
  /** Ends the connections that are kept for the next request; that one makes a new one. */
  close(): void;
}

/**
 * Asks a provider within a time and a size, and follows no redirect: a profile is no reason to go anywhere. An answer that is
 * a form where JSON was asked for (as GitHub gives) becomes JSON. Throws a ProviderProblem. By node:http and its kept
 * connections: half of what fetch costs, of which a sign-in has up to three.
 */
export function createBoundedFetch(timeoutMs: number): BoundedFetch {
  const ways = createWays();
  const ask = async (url: string, request: Request) => {
    const target = new URL(url);
    return readable(await exchange(await ways.to(target), target, request, timeoutMs), request.method);
  };
  return Object.assign(ask, { close: ways.close });
}

async function exchange(way: Way, url: URL, asked: Request, timeoutMs: number): Promise<Answer> {
  const where = url.origin + url.pathname;
  const silent = (cause?: unknown): ProviderProblem => new ProviderProblem("unavailable", `${where} did not answer`, { cause });
  // For all of it: name, connections, answer.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const answer = await send(way, url, asked, late.signal).catch((error: unknown) => {
      if (error instanceof ClosedMeanwhile) return send({ ...way, agent: false }, url, asked, late.signal);
      throw error;
    });
    if (answer.status >= 500) throw new ProviderProblem("unavailable", `${where} answered ${answer.status}`);
    return answer;
  } catch (error) {
    throw error instanceof ProviderProblem ? error : silent(error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The provider closed a kept connection at the moment at which it was used again, and nothing of an answer had come. Such a request
 * is sent once more, on a connection of its own: nearly always the first one was read by nobody. RFC 9110 s.9.2.2 allows it for
 * a POST where repeating it does what doing it once does, and so it is here: a code and a refresh token are good once (RFC 6749
 * s.4.1.2, RFC 9700 s.4.14.2). Where the first one was read all the same, the second is refused, and with it ends what came of the
 * first: tokens that nobody got, and which without a second request would be lost as well.
 */
class ClosedMeanwhile extends Error {}

function send({ request: open, agent }: Way, url: URL, { method, headers, body }: Request, signal: AbortSignal): Promise<Answer> {
  const where = url.origin + url.pathname;
  const text = body instanceof URLSearchParams ? body.toString() : undefined;
  return new Promise((resolve, reject) => {
    let heard = false;
    const request = open(url, {
      method,
      agent,
      signal,
      headers: {
        // Some ask for a name and refuse who has none (GitHub).
        "user-agent": "latchkey",
        ...headers,
        "accept-encoding": "identity",
        ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
      },
    });
    function fail(problem: Error): void {
      reject(problem);
      request.destroy();
    }
    request.on("socket", (socket) => {
      const hear = (): void => void (heard = true);
      socket.once("data", hear);
      request.once("close", () => socket.off("data", hear));
    });
    request.on("error", (cause: NodeJS.ErrnoException) => {
      const closed = request.reusedSocket && !heard && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
      fail(closed ? new ClosedMeanwhile(`${where} closed the connection`, { cause }) : cause);
    });
    request.on("response", (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const encoding = answered["content-encoding"] ?? "identity";
      if (encoding.toLowerCase() !== "identity")
        return fail(new ProviderProblem("invalid", `${where} answered compressed, which nobody asked for`));
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("error", fail);
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > mostBytes) fail(new ProviderProblem("invalid", `${where} answered with more than ${mostBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on("end", () => resolve({ status, headers: answered, text: Buffer.concat(chunks).toString("utf8") }));
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
