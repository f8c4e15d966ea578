import type { Answer } from "./answer.ts";
import type { Decision } from "./decision.ts";
import type { MaybePromise } from "./promise.ts";
import type { RequestView } from "./request.ts";
import type { Rule, RuleOptions } from "./rule.ts";

/** What decides about requests, as adapters see it: a Latchkey over its stores, or the guard of an API elsewhere. */
export interface Gate {
  /** Checks and compiles what a route asks. Build it once per route: its counters belong to it. Throws an OptionFault. */
  rule<Resource = RequestView>(options?: RuleOptions<Resource>): Rule;
  /**
   * The guard, free of any framework: who sends this request, and may they? Synchronous for a warm credential. Rejects
   * with a Fault when it cannot know: answer 503, let nobody in.
   */
  check(view: RequestView, rule: Rule): MaybePromise<Decision>;
  /**
   * The same for a web-standard request. Options instead of a compiled rule are compiled once for each content, so that
   * an object written in the handler keeps one counter. Throws an OptionFault for options that cannot be used.
   */
  check(request: Request, rule: Rule | RuleOptions): MaybePromise<Decision>;
  /** Answers a request for one of its own endpoints (`/whoami`, `/keys`, …); undefined: it is for somebody else. */
  handle(view: RequestView): MaybePromise<Answer | undefined>;
  /**
   * The same for a web-standard request; 404 for any other path, 503 for a fault. Never rejects. `peerAddress` is that of
   * the connection, where the runtime tells it.
   */
  fetch(request: Request, known?: { readonly peerAddress?: string | undefined }): Promise<Response>;
  /**
   * Tells `onFault` what went wrong while this request was answered. The adapters call it for every 503 of theirs; whoever
   * calls `check` or `handle` without an adapter does so too. Never throws.
   */
  report(error: unknown, requestId: string): void;
}
