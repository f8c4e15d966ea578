import {
  type Answer,
  type Clock,
  type Decision,
  type Denied,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Principal,
  type RequestView,
  type Rule,
  type RuleOptions,
} from "../../contracts/index.ts";
import { deniedAnswer, emptyAnswer, rateLimitFields, refusalAnswer, withHeaders, withRequestId } from "../../http/index.ts";
import { identityAnswers, type InternalToken } from "./identity.ts";
import type { ForwardAuthSettings } from "./options.ts";
import type { OriginalView } from "./original.ts";
import { type Question, questionReader } from "./question.ts";
import { originalReader } from "./read-original.ts";
import { protoOf, signInLocation } from "./sign-in.ts";

/** Answers a request for `/forward-auth`; undefined: it is for somebody else. Rejects with a Fault. */
export type ForwardAuth = (view: RequestView) => MaybePromise<Answer | undefined>;

interface ForwardAuthParts extends Pick<Parameters<typeof originalReader>[0], "trusted" | "onWarning"> {
  readonly settings: ForwardAuthSettings;
  readonly issuer: string;
  readonly clock: Clock;
  /** The methods that can be asked for: those whose verdict depends on the credential alone. */
  readonly methods: readonly string[];
  /** A rule of the same content has the same counters. Throws an OptionFault. */
  readonly compile: (options: RuleOptions) => Rule;
  readonly check: (view: RequestView, rule: Rule) => MaybePromise<Decision>;
  readonly issue: (principal: Principal) => MaybePromise<InternalToken>;
}

const path = "/forward-auth";
/** In it Envoy says the rule, since the query of its question is the client's. */
const ruleHeader = "x-auth-rule";

/**
 * `ANY /forward-auth`: any credential in; out 200 with who it is, or 401 or 403. Synchronous for a warm credential. The rule
 * is what the configuration of the proxy asks; everything else about the original request, the proxy tells.
 */
export function createForwardAuth(parts: ForwardAuthParts): ForwardAuth {
  const { settings, issuer, check } = parts;
  const questionOf = questionReader({
    compile: parts.compile,
    methods: parts.methods,
    issuer,
    origins: settings.origins,
    signIn: settings.signIn,
  });
  const originalOf = originalReader(parts);
  const identityOf = identityAnswers({ clock: parts.clock, lifeMs: settings.lifeMs, issue: parts.issue });

  function answer(decision: Decision, original: OriginalView, question: Question): MaybePromise<Answer> {
    if (!decision.allowed) return denied(decision, original, question);
    const made = identityOf(decision.principal);
    return isPromise(made) ? made.then((one) => finish(one, decision, original)) : finish(made, decision, original);
  }

  function denied(decision: Denied, original: OriginalView, question: Question): Answer {
    const plain = deniedAnswer(decision, original.requestId);
    const location =
      plain.status === 401 && question.signIn !== undefined
        ? signInLocation(original, question.signIn, settings.origins, protoOf(original))
        : undefined;
    if (question.nginx) return forNginx(plain, location);
    return location === undefined ? plain : withRequestId(emptyAnswer(302, { location }), original.requestId);
  }

  return (view) => {
    const { target } = view;
    if (!target.startsWith(path)) return undefined;
    const next = target.charCodeAt(path.length);
    // `?`, `/` or the end: else it is another path that begins alike.
    if (target.length > path.length && next !== 63 && next !== 47) return undefined;
    const rest = next === 47 ? target.slice(path.length) : undefined;
    const original = originalOf(view, rest);
    if (isRefusal(original)) return refusalAnswer(original, view.requestId);
    const question = questionOf(rest === undefined ? target.slice(path.length + 1) : ruleText(view));
    if (isRefusal(question)) return refusalAnswer(question, view.requestId);
    const decision = check(original, question.rule);
    return isPromise(decision) ? decision.then((made) => answer(made, original, question)) : answer(decision, original, question);
  };
}

/** Two lines of it are no rule that anybody knows, so they are refused as one. */
function ruleText(view: RequestView): string {
  const text = view.header(ruleHeader) ?? "";
  return typeof text === "string" ? text : text.join(",");
}

function finish(answer: Answer, { rateLimit }: Decision, { requestId }: OriginalView): Answer {
  const named = withRequestId(answer, requestId);
  return rateLimit === undefined ? named : withHeaders(named, rateLimitFields(rateLimit));
}

/** 401 and 403 are all that `auth_request` understands. What it was, and where to sign in, its configuration reads in two headers. */
function forNginx(answer: Answer, location: string | undefined): Answer {
  const told = { "x-auth-status": String(answer.status), ...(location === undefined ? {} : { "x-auth-redirect": location }) };
  return { ...answer, status: answer.status === 401 ? 401 : 403, headers: { ...answer.headers, ...told } };
}
