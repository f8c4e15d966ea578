import { type JsonObject, parseJsonObject } from "../../primitives/index.ts";

const timeoutMs = 5_000;
const mostBytes = 512 * 1024;

/**
 * Fetches a JSON object over https (or http on loopback): five seconds, half a mebibyte, no redirects, so that a provider's
 * open redirect leads nowhere. Rejects with an Error that says what was wrong.
 */
export async function fetchJson(url: string): Promise<JsonObject> {
  const bytes = await fetchBytes(url, "application/json");
  const value = parseJsonObject(bytes);
  if (value === undefined) throw new Error(`${url} did not answer with a JSON object`);
  return value;
}

export async function fetchBytes(url: string, accept: string): Promise<Buffer> {
  const response = await ask(url, { headers: { accept } }, timeoutMs);
  if (response.status !== 200) throw await refused(url, response);
  return readBody(url, response, mostBytes);
}

interface ChangedSince {
  readonly accept: string;
  /** Of the answer that is at hand; undefined: there is none. */
  readonly etag: string | undefined;
  readonly mostBytes: number;
  readonly timeoutMs: number;
}

/**
 * The same, but undefined where nothing has changed since that ETag (RFC 9110 s.13.1.2). No cache on the way may answer
 * without asking (`no-cache`).
 */
export async function fetchIfChanged(
  url: string,
  { accept, etag, ...limits }: ChangedSince,
): Promise<{ readonly bytes: Buffer; readonly etag: string | undefined } | undefined> {
  const headers = { accept, "cache-control": "no-cache", ...(etag === undefined ? {} : { "if-none-match": etag }) };
  const response = await ask(url, { headers }, limits.timeoutMs);
  if (response.status === 304 && etag !== undefined) {
    await response.body?.cancel();
    return undefined;
  }
  if (response.status !== 200) throw await refused(url, response);
  return { bytes: await readBody(url, response, limits.mostBytes), etag: response.headers.get("etag") ?? undefined };
}

/** Sends a form to an endpoint of configuration or metadata, and reads the JSON object that it answers. */
export async function postForm(url: string, form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>) {
  const body = new URLSearchParams(form).toString();
  const all = { accept: "application/json", "content-type": "application/x-www-form-urlencoded", ...headers };
  const response = await ask(url, { method: "POST", body, headers: all }, timeoutMs);
  if (response.status !== 200) throw await refused(url, response);
  const value = parseJsonObject(await readBody(url, response, mostBytes));
  if (value === undefined) throw new Error(`${url} did not answer with a JSON object`);
  return value;
}

function ask(url: string, request: RequestInit, withinMs: number): Promise<Response> {
  if (!isSafeUrl(url)) return Promise.reject(new Error(`${url} is neither https nor http on loopback`));
  return fetch(url, { ...request, redirect: "manual", signal: AbortSignal.timeout(withinMs) });
}

async function refused(url: string, response: Response): Promise<Error> {
  await response.body?.cancel();
  return new Error(`${url} answered ${response.status}`);
}

async function readBody(url: string, response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > most) throw new Error(`${url} answered with more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** https anywhere, http on loopback only, nobody's name and password in it. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return false;
  const loopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && loopback);
}
