/** What the admin API says when it does not do something: a problem document (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** Which part was wrong, and what is allowed. */
  readonly detail: string | undefined;
  readonly requestId: string | undefined;

  constructor(facts: {
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly detail?: string;
    readonly requestId?: string;
  }) {
    super(facts.title);
    this.name = "Problem";
    this.status = facts.status;
    this.code = facts.code;
    this.detail = facts.detail;
    this.requestId = facts.requestId;
  }

  /** Nobody is signed in any more, or never was. */
  get signedOut(): boolean {
    return this.status === 401 && this.code !== "authorization.sign-in-too-old";
  }

  /** It is a weighty thing, and the sign-in is too old for it. */
  get wantsFreshSignIn(): boolean {
    return this.code === "authorization.sign-in-too-old";
  }
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** The values of a query; what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Asks the admin API. Rejects with a Problem. */
export async function ask<Answer>(
  method: Method,
  path: string,
  given: { readonly query?: Query; readonly body?: unknown } = {},
): Promise<Answer> {
  const answer = await send(method, path, given);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

/** The same, for an answer that is no JSON. */
export async function send(
  method: Method,
  path: string,
  { query = {}, body }: { readonly query?: Query; readonly body?: unknown } = {},
): Promise<Response> {
  const values = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = values.length === 0 ? "" : `?${new URLSearchParams(values as [string, string][])}`;
  let answer: Response;
  try {
    answer = await fetch(`/admin/api${path}${search}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem({ status: 0, code: "unreachable", title: "The server does not answer." });
  }
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return new Problem((await answer.json()) as ConstructorParameters<typeof Problem>[0]);
  } catch {
    return new Problem({ status: answer.status, code: "unknown", title: `The server answered ${answer.status}.` });
  }
}

/** An id or name as a part of a path. */
export const part = (text: string): string => encodeURIComponent(text);
