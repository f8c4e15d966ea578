import { type Decision, type MaybePromise, OptionFault, type RequestView, type Rule, type RuleOptions } from "./contracts/index.ts";
import { FetchRequestView } from "./frameworks/fetch/index.ts";
import { type Check, compileRule } from "./guard/index.ts";
import { sha256, recentlyUsed } from "./primitives/index.ts";

/** Compiles rules for the methods that there are, and checks requests of either kind. Throws an OptionFault for two methods of one name. */
export function createRules(check: Check, methodNames: readonly string[]) {
  checkMethodNames(methodNames);
  let rules = 0;
  const compiledRules = new WeakSet<object>();
  const rule = <Resource = RequestView>(wanted: RuleOptions<Resource> = {}): Rule => {
    const compiled = compileRule(wanted, methodNames, `rule${(rules += 1)}`);
    compiledRules.add(compiled);
    return compiled;
  };
  const byContent = recentlyUsed<Rule>(1_000);
  /** The id is made of the content, so that the counters outlive the memory of the rule. */
  const ruleOf = (wanted: RuleOptions): Rule => {
    // A function has no content: a rule with one must be built once, by the app.
    if (wanted.can !== undefined)
      throw new OptionFault("can", {
        got: wanted.can,
        allowed: "in a rule made by auth.rule(…)",
        example: "const rule = auth.rule({ can }); await auth.check(request, rule)",
      });
    const content = JSON.stringify(wanted);
    const known = byContent.get(content) ?? compileRule(wanted, methodNames, `rule:${sha256(content)}`);
    byContent.set(content, known);
    return known;
  };
  const checkAny = (request: RequestView | Request, wanted: Rule | RuleOptions): MaybePromise<Decision> =>
    isView(request)
      ? check(request, wanted as Rule)
      : check(new FetchRequestView(request), compiledRules.has(wanted) ? (wanted as Rule) : ruleOf(wanted as RuleOptions));
  return { rule, ruleOf, checkAny };
}

/** Told by what it has, not by instanceof, which asks a class of the runtime: this is on the way of every request. */
const isView = (request: RequestView | Request): request is RequestView => typeof (request as RequestView).requestId === "string";

/** A rule names methods, so no two may share a name. */
function checkMethodNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new OptionFault("methods", {
    got: `two methods called ${twice}`,
    allowed: "a name of its own for each",
    example: 'name: "github"',
  });
}
