import { fieldRefusal, type Refusal } from "latchkey/endpoints";
import * as z from "zod/mini";

/** Checks a query or a body. The refusal names the first field that is wrong, and what is allowed. */
export function readParts(schema: z.ZodMiniObject | undefined, given: unknown, part: "query" | "body"): Record<string, unknown> | Refusal {
  const result = z.safeParse(schema ?? z.strictObject({}), given);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  return fieldRefusal(issue.path.join(".") || part, ruleOf(issue, schema));
}

/** The rule that was broken, in words: never what was sent, which may be a secret in the wrong place. */
function ruleOf(issue: z.core.$ZodIssue, schema: z.ZodMiniObject | undefined): string {
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = Object.keys(schema?.shape ?? {});
      return `there is no ${issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(", ")} here; allowed: ${known.join(", ") || "nothing"}`;
    }
    case "invalid_type":
      return `it must be a ${issue.expected === "array" ? "list" : issue.expected}`;
    case "too_small":
      return `it must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `it must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_value":
      return `allowed: ${issue.values.join(", ")}`;
    default:
      return issue.message === "Invalid input" ? "it is not of an allowed form" : issue.message;
  }
}

function unitOf(origin: string): string {
  return origin === "string" ? " characters long" : origin === "array" ? " entries long" : "";
}
