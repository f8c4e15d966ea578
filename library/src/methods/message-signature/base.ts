import { type InnerList, type Item, readDictionary, writeMember } from "../../primitives/index.ts";

/** A request as its signature sees it. */
export interface SignedMessage {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** `https://api.example.com`: scheme and authority, in lower case and without a default port. */
  readonly origin: string;
  readonly header: (name: string) => string | readonly string[] | undefined;
}

/** What stands in the way of a base; never a value of the request. */
export interface BaseProblem {
  readonly problem: string;
}

/**
 * The text that is signed (RFC 9421 s.2.5), as latin1: fields are bytes. A component that is not there, is named twice, or has a parameter
 * that is not spoken here (`sf`, `bs`, `tr`, `req`) is a problem.
 */
export function signatureBase(message: SignedMessage, input: InnerList): string | BaseProblem {
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const component of input.items) {
    const identifier = writeMember(component);
    if (seen.has(identifier)) return { problem: `${identifier} is covered twice` };
    seen.add(identifier);
    const value = valueOf(message, component, identifier);
    if (typeof value !== "string") return value;
    // A line more would be a component more.
    if (/[\r\n]/.test(value)) return { problem: `${identifier} has a line break` };
    lines.push(`${identifier}: ${value}`);
  }
  lines.push(`"@signature-params": ${writeMember(input)}`);
  return lines.join("\n");
}

function valueOf(message: SignedMessage, { item, parameters }: Item, identifier: string): string | BaseProblem {
  if (item.kind !== "string") return { problem: "a component that is no string" };
  const name = item.value;
  if (name === "@query-param") return queryParam(message.target, parameters, identifier);
  if (name.startsWith("@")) {
    const derived = Object.hasOwn(derivations, name) ? derivations[name] : undefined;
    if (derived === undefined || parameters.size > 0) return { problem: `${identifier} is not spoken here` };
    return derived(message);
  }
  // Token of RFC 9110 s.5.6.2, in lower case (RFC 9421 s.2.1).
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return { problem: `${identifier} is no field in lower case` };
  const field = message.header(name);
  if (field === undefined) return { problem: `${identifier} is not in the request` };
  const text = joined(field);
  if (parameters.size === 0) return text;
  const key = parameters.get("key");
  if (parameters.size > 1 || key?.kind !== "string") return { problem: `${identifier} has a parameter other than key` };
  const member = readDictionary(text)?.get(key.value);
  return member === undefined ? { problem: `${identifier} is no member of a dictionary` } : writeMember(member);
}

/** Lines of one field as one value (RFC 9421 s.2.1). */
export function joined(field: string | readonly string[]): string {
  const lines = typeof field === "string" ? [field] : field;
  return lines.map((line) => line.replace(/^[ \t]+|[ \t]+$/g, "")).join(", ");
}

const derivations: Readonly<Record<string, (message: SignedMessage) => string>> = {
  "@method": ({ method }) => method,
  "@target-uri": ({ origin, target }) => origin + target,
  "@authority": ({ origin }) => origin.slice(origin.indexOf("//") + 2),
  "@scheme": ({ origin }) => origin.slice(0, origin.indexOf(":")),
  "@request-target": ({ target }) => target,
  "@path": ({ target }) => target.split("?", 1)[0]!,
  "@query": ({ target }) => queryOf(target),
};

function queryOf(target: string): string {
  const start = target.indexOf("?");
  return start === -1 ? "?" : target.slice(start);
}

/** One parameter of the query (RFC 9421 s.2.2.8): read as a form, written with percent signs, and there once only. */
function queryParam(target: string, parameters: Item["parameters"], identifier: string): string | BaseProblem {
  const name = parameters.get("name");
  if (parameters.size !== 1 || name?.kind !== "string") return { problem: `${identifier} needs a name and nothing else` };
  const found = [...new URLSearchParams(queryOf(target))].filter(([key]) => encoded(key) === name.value);
  if (found.length !== 1) return { problem: `${identifier} stands ${found.length} times in the query` };
  return encoded(found[0]![1]);
}

/** The percent-encode set of forms (WHATWG URL), a space as %20. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed?.() ?? text).replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
