import { fetchPublic, OutboundError } from "../outbound/index.ts";
import type { Message } from "./event.ts";
import { signedHeaders } from "./secret.ts";

/** What came of one try. */
export type Tried =
  | { readonly delivered: true; readonly status: number }
  | {
      readonly delivered: false;
      readonly status: number | undefined;
      /** For the operator; says nothing of what was answered but its status. */
      readonly error: string;
      /** How long the endpoint asks to be left alone. */
      readonly waitMs: number;
    };

interface AttemptParts {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly at: number;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

/** An answer's body is of no interest: a longer one is cut off with the connection, and its status counts all the same. */
const mostAnswer = 64 * 1024;
const longestWaitMs = 86_400_000;

/**
 * Sends a message once, signed for this moment: to a public address only, without following a redirect, within the time.
 * Delivered is what was answered 2xx. Never rejects: whatever goes wrong is a failed try.
 */
export async function attempt({ id, body }: Message, { url, secrets, at, timeoutMs, allowPrivate }: AttemptParts): Promise<Tried> {
  try {
    const headers = {
      "content-type": "application/json",
      "user-agent": "Latchkey-Webhooks/1",
      ...signedHeaders({ id, body }, at, secrets),
    };
    const answer = await fetchPublic(url, {
      method: "POST",
      headers,
      body,
      timeoutMs,
      maxBytes: mostAnswer,
      withoutBody: true,
      allowPrivate,
    });
    const { status } = answer;
    if (status >= 200 && status < 300) return { delivered: true, status };
    return {
      delivered: false,
      status,
      error: `answered ${status}`,
      waitMs: status === 429 || status === 503 ? askedWaitMs(answer.headers["retry-after"]) : 0,
    };
  } catch (error) {
    const told = error instanceof OutboundError ? `${error.problem}: ${error.message}` : "the try could not be made";
    return { delivered: false, status: undefined, error: told.slice(0, 300), waitMs: 0 };
  }
}

function askedWaitMs(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text) * 1_000, longestWaitMs) : 0;
}
