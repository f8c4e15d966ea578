import {
  type Allowed,
  type Answer,
  type Clock,
  type Decision,
  type Endpoint,
  type Exchange,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Principal,
  type Refusal,
  type RequestView,
  type Rule,
  type RuleOptions,
} from "../contracts/index.ts";
import {
  compileRoutes,
  deniedAnswer,
  httpRefusals,
  type Match,
  rateLimitFields,
  refusalAnswer,
  withHeaders,
  withRequestId,
} from "../http/index.ts";

/** Answers a request that is for one of the endpoints; undefined: it is for somebody else. Rejects with a Fault. */
export type Router = (view: RequestView) => MaybePromise<Answer | undefined>;

interface RouterParts {
  readonly endpoints: readonly Endpoint[];
  readonly compile: (options: RuleOptions) => Rule;
  readonly check: (view: RequestView, rule: Rule) => MaybePromise<Decision>;
  readonly clientAddress: (view: RequestView) => string;
  readonly clock: Clock;
}

export function createRouter({ endpoints, compile, check, clientAddress, clock }: RouterParts): Router {
  const match = compileRoutes(endpoints);
  const rules = new Map(
    endpoints.flatMap((endpoint) => (endpoint.rule === undefined ? [] : [[endpoint, compile(endpoint.rule)] as const])),
  );

  function route(view: RequestView): MaybePromise<Answer | undefined> {
    const end = view.target.indexOf("?");
    const found = match(view.method, end === -1 ? view.target : view.target.slice(0, end));
    if (found.found === "nothing") return undefined;
    if (found.found === "path") return refusalAnswer(httpRefusals["method-not-allowed"](), view.requestId, { allow: found.allow });
    const rule = rules.get(found.endpoint);
    if (rule === undefined) return handle(found, view, undefined);
    const decision = check(view, rule);
    return isPromise(decision) ? decision.then((made) => decided(found, view, made)) : decided(found, view, decision);
  }

  function decided(found: FoundEndpoint, view: RequestView, decision: Decision): MaybePromise<Answer> {
    if (!decision.allowed) return deniedAnswer(decision, view.requestId);
    const answer = handle(found, view, decision);
    if (decision.rateLimit === undefined) return answer;
    const fields = rateLimitFields(decision.rateLimit);
    return isPromise(answer) ? answer.then((made) => withHeaders(made, fields)) : withHeaders(answer, fields);
  }

  function handle({ endpoint, parameters }: FoundEndpoint, view: RequestView, caller: Allowed | undefined): MaybePromise<Answer> {
    const result = endpoint.handle(new RequestExchange(view, clock, clientAddress, parameters, caller));
    return isPromise(result) ? result.then((made) => finish(made, view)) : finish(result, view);
  }

  return route;
}

type FoundEndpoint = Extract<Match, { found: "endpoint" }>;

function finish(result: Answer | Refusal, view: RequestView): Answer {
  return isRefusal(result) ? refusalAnswer(result, view.requestId) : withRequestId(result, view.requestId);
}

/** Works out the time, the address and the query only for endpoints that ask. */
class RequestExchange implements Exchange {
  readonly view: RequestView;
  readonly parameters: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  #at: number | undefined;
  readonly #clientAddress: (view: RequestView) => string;
  readonly #caller: Allowed | undefined;

  constructor(
    view: RequestView,
    clock: Clock,
    clientAddress: (view: RequestView) => string,
    parameters: Readonly<Record<string, string>>,
    caller: Allowed | undefined,
  ) {
    this.view = view;
    this.#clock = clock;
    this.#clientAddress = clientAddress;
    this.parameters = parameters;
    this.#caller = caller;
  }

  get at(): number {
    return (this.#at ??= this.#clock.now());
  }

  get address(): string {
    return this.#clientAddress(this.view);
  }

  get query(): URLSearchParams {
    const start = this.view.target.indexOf("?");
    return new URLSearchParams(start === -1 ? "" : this.view.target.slice(start + 1));
  }

  get principal(): Principal {
    if (this.#caller === undefined) throw new Error("This endpoint has no rule, so nobody was authenticated.");
    return this.#caller.principal;
  }

  get remembered(): boolean {
    return this.#caller?.remembered === true;
  }
}
