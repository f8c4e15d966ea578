import { Fault, type MaybePromise, type Principal, type RequestView, type Rule, type RuleOptions } from "../contracts/index.ts";
import type { Latchkey } from "../face.ts";
import { FetchRequestView } from "../frameworks/fetch/index.ts";
import { type Check, compileRule } from "../guard/index.ts";
import { inAddressRanges, parseAddressRange } from "../primitives/index.ts";
import { believingCheck, type RolePermissions } from "./believing-check.ts";

/** A gate that believes what the test says. */
export interface PretendedLatchkey extends Latchkey {
  /** Who sends every request from now on; undefined: nobody, so that guarded routes answer 401. */
  become(principal: Principal | undefined): void;
}

/**
 * A gate that takes every request for one of this principal, whatever credential it holds or lacks, so that a route is
 * tested without a store. The rest is real: what the rule asks is asked of the principal, and a missing scope is a 403.
 *
 *     const app = makeApp(actAs(testPrincipal({ scopes: ["posts:read"] })));
 *
 * `permissions` says what the roles of rules with a `permission` may do: `{ editor: ["posts:delete"] }`.
 *
 * It throws unless a test runs: always with NODE_ENV=production, else where neither NODE_ENV=test nor the variable of a
 * test runner is set. And a request that did not come from this machine ends in a Fault.
 */
export function actAs(principal: Principal | undefined, permissions: RolePermissions = {}): PretendedLatchkey {
  refuseOutsideTests(process.env);
  let check = believingCheck(principal, permissions);
  let rules = 0;
  const compiled = new WeakSet<object>();
  const rule = <Resource = RequestView>(options: RuleOptions<Resource> = {}): Rule => {
    // Every name of a method will do: which ones are configured is known to the real gate only.
    const made = compileRule(options, options.methods ?? [], `rule${(rules += 1)}`);
    compiled.add(made);
    return made;
  };
  return withoutTheRest({
    issuer: "http://localhost:3000",
    rule,
    check: (request: RequestView | Request, wanted: Rule | RuleOptions): ReturnType<Check> =>
      check(fromThisMachine(request), compiled.has(wanted) ? (wanted as Rule) : rule(wanted as RuleOptions)),
    handle: (): MaybePromise<undefined> => undefined,
    fetch: () => Promise.resolve(new Response(null, { status: 404 })),
    explain: () => Promise.resolve(undefined),
    report: () => undefined,
    ping: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
    become: (next: Principal | undefined) => void (check = believingCheck(next, permissions)),
  });
}

/** A test runner that says so, and nobody who says the contrary. */
export function refuseOutsideTests(environment: Readonly<Record<string, string | undefined>>): void {
  const runs = ["VITEST", "JEST_WORKER_ID", "NODE_TEST_CONTEXT"].some((name) => environment[name] !== undefined);
  if (environment.NODE_ENV === "test" || (runs && environment.NODE_ENV !== "production")) return;
  throw new Fault(
    "LATCHKEY_TESTS_ONLY",
    "actAs lets every request in and is for tests only. Set NODE_ENV=test where no test runner is known, and never in production.",
  );
}

const thisMachine = ["127.0.0.0/8", "::1"].map((text) => parseAddressRange(text)!);

function fromThisMachine(request: RequestView | Request): RequestView {
  const view = request instanceof Request ? new FetchRequestView(request) : request;
  if (view.peerAddress === "" || inAddressRanges(view.peerAddress, thisMachine)) return view;
  throw new Fault("LATCHKEY_TESTS_ONLY", `actAs believes requests from this machine only; this one came from ${view.peerAddress}.`);
}

/** Rooms that a pretended gate does not have say so when they are asked for, by name. */
function withoutTheRest(pretended: object): PretendedLatchkey {
  return new Proxy(pretended, {
    get(target, name, receiver) {
      // Promise and inspection machinery ask for names that no gate has.
      if (Reflect.has(target, name) || typeof name === "symbol" || name === "then" || name === "toJSON") {
        return Reflect.get(target, name, receiver) as unknown;
      }
      throw new Fault("LATCHKEY_TESTS_ONLY", `A gate of actAs has no ${name}: it knows one principal only. Use testLatchkey.`);
    },
  }) as PretendedLatchkey;
}
