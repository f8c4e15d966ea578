import type { Answer } from "../../contracts/index.ts";

/** An answer as a Response; for HEAD without its body. */
export function toResponse(answer: Answer, method: string): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (typeof value === "string") headers.set(name, value);
    else for (const line of value) headers.append(name, line);
  }
  if (answer.requestId !== undefined) headers.set("x-request-id", answer.requestId);
  const body = method === "HEAD" || answer.body === undefined ? null : answer.body;
  return new Response(body as string | Uint8Array<ArrayBuffer> | null, { status: answer.status, headers });
}
