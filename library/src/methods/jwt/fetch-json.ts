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
  if (!isSafeUrl(url)) throw new Error(`${url} is neither https nor http on loopback`);
  const response = await fetch(url, { headers: { accept }, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > mostBytes) throw new Error(`${url} answered with more than ${mostBytes} bytes`);
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
