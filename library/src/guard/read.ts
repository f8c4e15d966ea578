import { type Credential, isRefusal, type Method, type Refusal, type RequestView } from "../contracts/index.ts";
import { requestRefusals } from "./refusals.ts";

/**
 * Finds the one credential of a request. Every configured method reads, also those that the route does not accept, so
 * that a second credential cannot hide. An explicit credential wins over the ambient cookie; two explicit ones are
 * refused, and so is an Authorization header that nobody knows. Undefined: there is none. One header that two methods read
 * (two senders who sign alike) is one credential: of the method that the route accepts.
 */
export function readCredential(
  view: RequestView,
  methods: readonly Method[],
  accepted?: readonly string[],
): Credential | Refusal | undefined {
  let explicit: Credential | undefined;
  let ambient: Credential | Refusal | undefined;
  for (const method of methods) {
    const found = method.read(view);
    if (found === undefined) continue;
    if (method.ambient) {
      ambient ??= found;
      continue;
    }
    if (isRefusal(found)) return found;
    if (explicit !== undefined && sameHeader(explicit, found)) {
      if (accepted?.includes(found.method) === true) explicit = found;
      continue;
    }
    if (explicit !== undefined) {
      return requestRefusals["several-credentials"]({ detail: `${explicit.method} and ${found.method} were both sent` });
    }
    explicit = found;
  }
  if (explicit !== undefined) {
    const unread = explicit.scheme === undefined && view.header("authorization") !== undefined;
    return unread ? requestRefusals["several-credentials"]({ detail: `${explicit.method} beside an Authorization header` }) : explicit;
  }
  if (view.header("authorization") !== undefined) return unknownAuthorization(view);
  return ambient;
}

function sameHeader(one: Credential, other: Credential): boolean {
  return one.scheme === undefined && other.scheme === undefined && one.secret.reveal() === other.secret.reveal();
}

function unknownAuthorization(view: RequestView): Refusal {
  const value = view.header("authorization");
  if (typeof value !== "string") return requestRefusals["several-credentials"]({ detail: "two Authorization lines" });
  // A comma can only come from two credentials in one line: no scheme that is accepted here has one.
  if (value.includes(",")) return requestRefusals["several-credentials"]({ detail: "a comma in Authorization" });
  return requestRefusals["unknown-credential"]({ detail: "no method reads this Authorization header" });
}

/** What was seen, for `explain`: the method, and what may be shown of its credential. */
export function describeSeen(view: RequestView, methods: readonly Method[]): string[] {
  return methods.flatMap((method) => {
    const found = method.read(view);
    if (found === undefined) return [];
    return [isRefusal(found) ? `${method.name} (malformed)` : `${method.name} ${found.hint}`];
  });
}
