import type { MaybePromise } from "./promise.ts";
import type { Principal } from "./principal.ts";
import type { Refusal } from "./refusal.ts";
import type { RequestView } from "./request.ts";
import type { RuleOptions } from "./rule.ts";

/** An HTTP answer, before an adapter writes it in its framework's way. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. Several lines of one name (`set-cookie`) are an array. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | undefined;
  /** Of the request that it answers, for `X-Request-Id`; the router sets it on every answer. Beside the headers, so that they need not be copied. */
  readonly requestId?: string;
}

/** One HTTP endpoint of a room: data, from which routing, `Allow`, guarding and the reference are made. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** `/keys/:id/rotate`. */
  readonly path: string;
  /** What the caller must be; undefined: anyone may call. */
  readonly rule: RuleOptions | undefined;
  /** An answer, or a refusal that becomes a problem document. */
  handle(exchange: Exchange): MaybePromise<Answer | Refusal>;
}

/** What an endpoint is given. */
export interface Exchange {
  readonly view: RequestView;
  readonly at: number;
  /** The client's address, through trusted proxies only. */
  readonly address: string;
  /** Values of the `:names` in the path, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The caller. Throws on an endpoint without a rule, so that a forgotten rule is not an open door. */
  readonly principal: Principal;
  /** Whether it was verified for an earlier request already: what is made of it may then be worth keeping. */
  readonly remembered: boolean;
}
