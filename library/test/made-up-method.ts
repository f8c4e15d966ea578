import {
  defineRefusals,
  type MaybePromise,
  type Method,
  principal,
  type Refusal,
  type RequestView,
  type Verified,
} from "../src/contracts/index.ts";
import { Secret } from "../src/primitives/index.ts";

export const madeUpRefusals = defineRefusals("made-up", {
  malformed: { status: 400, title: "It has a comma." },
  bad: { status: 401, title: "It is bad.", bearerError: "invalid_token" },
});

export interface MadeUpOptions {
  readonly name?: string;
  /** The header whose whole value is the credential. */
  readonly header?: string;
  readonly ambient?: boolean;
  readonly reusable?: boolean;
  /** The scheme of its challenge; undefined: it invites nobody. */
  readonly scheme?: string;
  /** Default: `bad…` is refused, everything else is the user of that name. */
  readonly verify?: (text: string, at: number, view: RequestView) => MaybePromise<Verified | Refusal>;
}

/** A second way to authenticate, by the contract that every method fulfils; what it was asked can be counted. */
export function madeUpMethod(options: MadeUpOptions = {}) {
  const { name = "made-up", header = "x-made-up" } = options;
  const asked: string[] = [];
  const method: Method = {
    name,
    ambient: options.ambient ?? false,
    reusable: options.reusable ?? true,
    queryParameters: [`${name}-token`],
    read(view) {
      const value = view.header(header);
      if (value === undefined) return undefined;
      if (typeof value !== "string" || value.includes(",")) return madeUpRefusals.malformed();
      return { method: name, secret: new Secret(value), scheme: undefined, hint: `${value.slice(0, 2)}…` };
    },
    verify(credential, attempt) {
      const text = credential.secret.reveal();
      asked.push(text);
      if (options.verify !== undefined) return options.verify(text, attempt.at, attempt.view);
      return text.startsWith("bad") ? madeUpRefusals.bad({ detail: "as its name says" }) : verifiedAs(text, attempt.at);
    },
    challenge: () => (options.scheme === undefined ? undefined : { scheme: options.scheme, parameters: {} }),
  };
  return { method: () => method, asked };
}

export function verifiedAs(credentialId: string, at: number, facts: Partial<Verified> = {}): Verified {
  return {
    principal: principal({ subject: `usr_${credentialId}`, kind: "user", method: "made-up", credentialId, authenticatedAt: at }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: at + 60_000,
    allowedAddresses: undefined,
    rateLimit: undefined,
    ...facts,
  };
}
