import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from "node:http";
import type { LookupFunction } from "node:net";
import { checkedAddresses, type Resolved, type ResolveName } from "./addresses.ts";
import { OutboundError } from "./outbound-error.ts";

export interface OutboundRequest {
  /** Most bytes of the answer's body. */
  readonly maxBytes: number;
  /** Only status and headers count: what is wrong with the body, too much in it, or slow about it, is no matter, and it is not waited for. */
  readonly withoutBody?: boolean;
  /** For all of it: name, connection, answer. */
  readonly timeoutMs: number;
  readonly accept?: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For development and private networks: addresses inside too, there also over http. Never link-local ones, where clouds keep their keys. */
  readonly allowPrivate?: boolean;
  /** Default: the machine's resolver. */
  readonly resolve?: ResolveName;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Asks a URL that somebody else chose: https only, to public addresses only, which are checked and then connected to; no
 * redirect is followed (the answer is its 3xx), nothing is decompressed, and size and time are limited. An answer of any
 * status resolves. Rejects with an OutboundError; what it says is for the operator.
 */
export async function fetchPublic(url: string, wanted: OutboundRequest): Promise<OutboundAnswer> {
  const target = readUrl(url, wanted.allowPrivate === true);
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new OutboundError("timeout", `${target.hostname} did not answer within ${wanted.timeoutMs} ms`)),
    wanted.timeoutMs,
  );
  try {
    const addresses = await orAborted(checkedAddresses(target, wanted), late.signal);
    // TLS is loaded for whoever needs it, which spares every start.
    const send = target.protocol === "https:" ? (await import("node:https")).request : plainRequest;
    return await exchange(send, target, addresses, wanted, late.signal);
  } finally {
    clearTimeout(timer);
  }
}

function readUrl(text: string, allowPrivate: boolean): URL {
  if (!URL.canParse(text)) throw new OutboundError("url", "not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowPrivate))
    throw new OutboundError("url", `${url.protocol} is not https:`);
  if (url.username !== "" || url.password !== "") throw new OutboundError("url", "a name or password in the URL");
  return url;
}

/** What takes too long is left alone: the name server's answer is of no interest then. */
function orAborted<T>(job: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    job.then(resolve, reject);
  });
}

function exchange(
  send: typeof plainRequest,
  url: URL,
  addresses: readonly Resolved[],
  wanted: OutboundRequest,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const { method = "GET", accept, headers, body } = wanted;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(signal.aborted ? (signal.reason as Error) : error instanceof OutboundError ? error : broken(url, error));
    try {
      const request = send(url, {
        method,
        signal,
        // A connection of its own each time: a kept one would lead to an address that was checked for something else.
        agent: false,
        lookup: pinnedTo(addresses),
        headers: {
          ...(accept === undefined ? {} : { accept }),
          ...headers,
          "accept-encoding": "identity",
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        },
      });
      request.on("error", fail);
      request.on("response", (response) => {
        // What breaks from now on breaks the answer too, which tells of it.
        request.off("error", fail).on("error", () => undefined);
        readAnswer(response, url, wanted).then(resolve, fail);
      });
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

/** Answers with what was checked, whatever the name means by now. */
function pinnedTo(addresses: readonly Resolved[]): LookupFunction {
  return (_name, options, answer) => {
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, addresses[0]!.address, addresses[0]!.family);
  };
}

/** Many a server takes a connection that ends before its answer does for a failure; longer than this it has no right to one. */
const courtesyMs = 1_000;

async function readAnswer(
  response: IncomingMessage,
  url: URL,
  { withoutBody = false, maxBytes }: OutboundRequest,
): Promise<OutboundAnswer> {
  const { headers } = response;
  const status = response.statusCode!;
  const courtesy = withoutBody ? setTimeout(() => response.destroy(), courtesyMs) : undefined;
  try {
    return { status, headers, body: await readBody(response, url, maxBytes) };
  } catch (error) {
    if (withoutBody) return { status, headers, body: Buffer.alloc(0) };
    throw error;
  } finally {
    clearTimeout(courtesy);
    response.destroy();
  }
}

async function readBody(response: IncomingMessage, url: URL, maxBytes: number): Promise<Buffer> {
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") throw new OutboundError("encoding", `${url.hostname} answered in ${encoding.slice(0, 20)}`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new OutboundError("too-large", `${url.hostname} answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function broken(url: URL, cause: unknown): OutboundError {
  return new OutboundError("network", `${url.hostname} could not be asked, or did not answer in full`, { cause });
}
