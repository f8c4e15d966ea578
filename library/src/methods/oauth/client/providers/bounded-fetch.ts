import { ProviderProblem } from "../provider.ts";

const mostBytes = 256 * 1024;

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Asks a provider within a time and a size, and follows no redirect: a profile is no reason to go anywhere. An answer that is
 * a form where JSON was asked for (as GitHub gives) becomes JSON. Throws a ProviderProblem of the kind `unavailable`.
 */
export function createBoundedFetch(timeoutMs: number): (url: string, request: Request) => Promise<Response> {
  return async (url, { method, headers, body }) => {
    const { origin, pathname } = new URL(url);
    const where = origin + pathname;
    try {
      const response = await fetch(url, {
        method,
        // Some ask for a name and refuse who has none (GitHub).
        headers: { "user-agent": "latchkey", ...headers },
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined || body === null ? {} : { body: body as string }),
      });
      const bytes = await readBounded(response, where);
      if (response.status >= 500) throw new ProviderProblem("unavailable", `${where} answered ${response.status}`);
      return readable(response, bytes, method);
    } catch (error) {
      if (error instanceof ProviderProblem) throw error;
      throw new ProviderProblem("unavailable", `${where} did not answer`, { cause: error });
    }
  };
}

async function readBounded(response: Response, where: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).byteLength;
    if (length > mostBytes) throw new ProviderProblem("invalid", `${where} answered with more than ${mostBytes} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function readable(response: Response, bytes: Buffer, method: string): Response {
  const headers = new Headers(response.headers);
  // What was read is no longer encoded, and as long as it is.
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  let text = bytes.toString("utf8");
  if (type === "application/x-www-form-urlencoded") {
    headers.set("content-type", "application/json");
    text = formAsJson(text);
  }
  // GitHub answers the errors of RFC 6749 s.5.2 with 200.
  const status = response.status === 200 && method === "POST" && isErrorAnswer(text) ? 400 : response.status;
  return new Response([101, 204, 205, 304].includes(status) ? null : text, { status, headers });
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
