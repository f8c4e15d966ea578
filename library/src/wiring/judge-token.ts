import {
  isPromise,
  type Attempt,
  type MaybePromise,
  type Method,
  type Refusal,
  type RequestView,
  type Rule,
  type Verified,
  isRefusal,
} from "../contracts/index.ts";
import { sha256 } from "../primitives/index.ts";

/** Judges a token outside a request of its holder; undefined: not mine. */
export type JudgeToken = (token: string, at: number) => MaybePromise<Verified | Refusal | undefined>;

/** No rule: what a token may do is for whoever asked to decide. */
const noRule: Rule = {
  id: "introspection",
  methods: undefined,
  scopes: [],
  roles: [],
  permission: undefined,
  can: undefined,
  assurance: undefined,
  maxAgeMs: undefined,
  rateLimit: undefined,
};

/** Asks a method of the gate about a bearer token that stands in no request: what its holder would be told by `verify`. */
export function judgeBearer(method: Method): JudgeToken {
  return (token, at) => {
    const view = bearerView(token);
    const credential = method.read(view);
    if (credential === undefined || isRefusal(credential)) return credential;
    const attempt: Attempt = { view, rule: noRule, at, address: "", credential, digest: sha256(token) };
    return method.verify(credential, attempt);
  };
}

/** The first of several that knows the form of a token. */
export function judgeAny(judges: readonly JudgeToken[]): JudgeToken {
  return (token, at) => {
    for (const judge of judges) {
      const verdict = judge(token, at);
      // A verdict that is still being made is of somebody who knew the form.
      if (isPromise(verdict) || verdict !== undefined) return verdict;
    }
    return undefined;
  };
}

function bearerView(token: string): RequestView {
  return {
    method: "GET",
    target: "/",
    requestId: "introspection",
    peerAddress: "",
    encrypted: true,
    header: (name) => (name === "authorization" ? `Bearer ${token}` : undefined),
    body: () => Promise.resolve(new Uint8Array()),
  };
}
