import { isRefusal, OptionFault, type Refusal, type Rule, type RuleOptions } from "../../contracts/index.ts";
import { signInPage } from "./options.ts";
import { forwardAuthRefusals } from "./refusals.ts";
import { recentlyUsed } from "../../primitives/index.ts";

/** What a proxy asks, and in which form it understands the answer. */
export interface Question {
  readonly rule: Rule;
  /** nginx knows 401 and 403 only, and makes 500 of every other refusal. */
  readonly nginx: boolean;
  /** Where a browser that is not signed in is sent; undefined: nowhere. */
  readonly signIn: URL | undefined;
}

interface QuestionParts {
  readonly compile: (options: RuleOptions) => Rule;
  /** Methods whose verdict depends on the credential alone: the only ones that can be judged without the request's body. */
  readonly methods: readonly string[];
  readonly issuer: string;
  readonly origins: readonly string[];
  readonly signIn: URL | undefined;
}

const longestQuery = 2_000;
const remembered = 1_000;
const known = new Set(["scope", "role", "method", "redirect", "proxy"]);

/**
 * Reads the query of a proxy's configuration into a rule. It is the same for every request of a route, so that what was
 * once read is remembered. A parameter that nobody knows is refused: a misspelt `scopes` would be an open door.
 */
export function questionReader(parts: QuestionParts): (query: string) => Question | Refusal {
  const cache = recentlyUsed<Question>(remembered);
  return (query) => {
    const before = cache.get(query);
    if (before !== undefined) return before;
    const question = readQuestion(query, parts);
    if (!isRefusal(question)) cache.set(query, question);
    return question;
  };
}

function readQuestion(query: string, parts: QuestionParts): Question | Refusal {
  if (query.length > longestQuery) return invalid(`the query is longer than ${longestQuery} characters`);
  const asked = new URLSearchParams(query);
  for (const name of asked.keys()) if (!known.has(name)) return invalid(`${JSON.stringify(name.slice(0, 40))} is not a parameter`);
  const methods = wordsOf(asked, "method");
  for (const method of methods) if (!parts.methods.includes(method)) return invalid(`method: only ${parts.methods.join(", ")}`);
  const proxy = asked.getAll("proxy");
  if (proxy.length > 1 || (proxy.length === 1 && proxy[0] !== "nginx")) return invalid("proxy: only nginx");
  const redirect = asked.getAll("redirect");
  const signIn = redirect.length === 1 ? signInPage(redirect[0]!, parts.issuer, parts.origins) : parts.signIn;
  if (redirect.length > 1 || (redirect.length === 1 && signIn === undefined))
    return invalid(`redirect: a path, or a URL on ${parts.origins.join(" or ")}`);
  try {
    const options = {
      methods: methods.length === 0 ? parts.methods : methods,
      scopes: wordsOf(asked, "scope"),
      roles: wordsOf(asked, "role"),
    };
    return { rule: parts.compile(options), nginx: proxy.length === 1, signIn };
  } catch (error) {
    if (!(error instanceof OptionFault)) throw error;
    return invalid(error.message);
  }
}

/** `?scope=a&scope=b` and `?scope=a+b` are the same. An empty one asks for something that is not there, so it is refused. */
function wordsOf(asked: URLSearchParams, name: string): readonly string[] {
  return [...new Set(asked.getAll(name).flatMap((value) => value.split(" ")))];
}

function invalid(problem: string): Refusal {
  return forwardAuthRefusals["rule-invalid"]({ detail: problem, hint: `${problem}.` });
}
