import type { Answer } from "../contracts/index.ts";

/** On every answer: nothing of ours may be cached by anyone, or sniffed into another type. */
const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;
const ofJson: Answer["headers"] = Object.freeze({ "content-type": "application/json; charset=utf-8", ...always });

export function jsonAnswer(status: number, value: unknown, headers?: Answer["headers"]): Answer {
  return { status, headers: headers === undefined ? ofJson : { ...ofJson, ...headers }, body: JSON.stringify(value) };
}

export function emptyAnswer(status = 204, headers: Answer["headers"] = {}): Answer {
  return { status, headers: { ...always, ...headers }, body: undefined };
}

export function textAnswer(status: number, text: string, contentType: string): Answer {
  return { status, headers: { "content-type": contentType, ...always }, body: text };
}

/** The same answer with the id of its request. */
export function withRequestId({ status, headers, body }: Answer, requestId: string): Answer {
  return { status, headers, body, requestId };
}

/** The same answer with further headers. */
export function withHeaders(answer: Answer, headers: Answer["headers"]): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
