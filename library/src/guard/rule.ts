import { type CanQuestion, OptionFault, type Rule, type RuleOptions } from "../contracts/index.ts";
import { durationForm, isRoleName, isScopeToken, parseDuration, parseRate, rateForm, roleForm, scopeForm } from "../primitives/index.ts";

/** Checks a rule's options against what is configured and compiles them. Throws an OptionFault that names the option. */
export function compileRule<Resource>(options: RuleOptions<Resource>, methodNames: readonly string[], id: string): Rule {
  refuseUnknownOptions(options);
  const methods =
    options.methods === undefined
      ? undefined
      : listOf("methods", options.methods, (name) => methodNames.includes(name), {
          allowed: `names of the configured methods: ${methodNames.join(", ")}`,
          example: `["${methodNames[0] ?? "api-key"}"]`,
        });
  if (methods?.length === 0) throw new OptionFault("methods", { got: [], allowed: "at least one method", example: '["api-key"]' });
  return Object.freeze({
    id,
    methods,
    scopes: listOf("scopes", options.scopes ?? [], isScopeToken, { allowed: `scopes of ${scopeForm}`, example: '["posts:read"]' }),
    roles: listOf("roles", options.roles ?? [], isRoleName, { allowed: `names of ${roleForm}`, example: '["editor"]' }),
    permission: nameOf("permission", options.permission),
    can: canQuestion(options),
    assurance: options.assurance,
    maxAgeMs: parsed("maxAge", options.maxAge, parseDuration, { allowed: durationForm, example: '"10m"' }),
    rateLimit: parsed("rateLimit", options.rateLimit, parseRate, { allowed: rateForm, example: '"100/1m"' }),
  });
}

const known = new Set(["methods", "scopes", "roles", "permission", "can", "action", "resource", "assurance", "maxAge", "rateLimit"]);

/** A misspelt option (`scope` for `scopes`) would be an open door, so it stops the start. */
function refuseUnknownOptions(options: object): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw new OptionFault(name, { got: name, allowed: [...known].join(", "), example: '{ scopes: ["posts:read"] }' });
  }
}

function nameOf(option: string, name: string | undefined): string | undefined {
  if (name === undefined || (typeof name === "string" && isRoleName(name))) return name;
  throw new OptionFault(option, { got: name, allowed: roleForm, example: '"posts:delete"' });
}

function canQuestion<Resource>(options: RuleOptions<Resource>): CanQuestion | undefined {
  const { can, resource } = options;
  for (const [option, given] of Object.entries({ can, resource })) {
    if (given !== undefined && typeof given !== "function")
      throw new OptionFault(option, {
        got: given,
        allowed: "a function",
        example: "can: (principal, action, post) => post.author === principal.subject",
      });
  }
  const action = nameOf("action", options.action) ?? options.permission;
  if (can !== undefined) return { action, resource: resource ?? ((view) => view), may: can as CanQuestion["may"] };
  for (const option of ["action", "resource"] as const) {
    // Without `can` they would do nothing, and somebody relies on them.
    if (options[option] !== undefined)
      throw new OptionFault(option, { got: options[option], allowed: "beside can only", example: "{ can, resource }" });
  }
  return undefined;
}

type Rules = { readonly allowed: string; readonly example: string };

function listOf(option: string, list: readonly string[], isGood: (text: string) => boolean, rules: Rules): readonly string[] {
  if (!Array.isArray(list)) throw new OptionFault(option, { got: list, ...rules, allowed: `an array of ${rules.allowed}` });
  for (const entry of list) if (typeof entry !== "string" || !isGood(entry)) throw new OptionFault(option, { got: entry, ...rules });
  return Object.freeze([...list]);
}

function parsed<T>(option: string, text: string | undefined, parse: (text: string) => T | undefined, rules: Rules): T | undefined {
  if (text === undefined) return undefined;
  const value = typeof text === "string" ? parse(text) : undefined;
  if (value === undefined) throw new OptionFault(option, { got: text, ...rules });
  return value;
}
