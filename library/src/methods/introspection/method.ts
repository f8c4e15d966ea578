import { type Challenge, type Credential, type Method, type Refusal, type RequestView } from "../../contracts/index.ts";
import { authorizationOf, isToken68, Secret } from "../../primitives/index.ts";
import type { Introspector } from "./introspect.ts";
import { introspectionRefusals } from "./refusals.ts";
import { type Expected, judgeIntrospection } from "./verify.ts";

interface IntrospectedParts extends Expected {
  readonly introspect: Introspector;
  /** Further parameters of the challenge, e.g. `resource_metadata` (RFC 9728 s.5.1). */
  readonly challenge: Readonly<Record<string, string>>;
  /** Schemes beside Bearer by which a token may come. */
  readonly challenges: readonly Challenge[];
}

interface Reading {
  readonly name: string;
  readonly queryParameters: readonly string[];
  read(view: RequestView): Credential | Refusal | undefined;
  /** Why a text cannot be one at all, before anybody is asked. */
  impossible?(token: string): string | undefined;
}

/** A method whose credentials are read here and judged by the issuer. Its verdict is reused for a moment only. */
export function introspectedMethod({ impossible, ...reading }: Reading, parts: IntrospectedParts): Method {
  const offered = [{ scheme: "Bearer", parameters: { realm: "api", ...parts.challenge } }, ...parts.challenges];
  return {
    ...reading,
    ambient: false,
    reusable: true,
    async verify(credential, { at }) {
      const token = credential.secret.reveal();
      // Nothing that a token cannot hold is sent to anybody.
      const problem = token.length > longest || !isToken68(token) ? "too long, or characters that no token has" : impossible?.(token);
      if (problem !== undefined) return introspectionRefusals.malformed({ detail: problem });
      const told = await parts.introspect(token);
      return judgeIntrospection(told, reading.name, parts, at);
    },
    challenge: () => offered,
  };
}

/** Longest token that is asked about. */
const longest = 4_096;

/** Bearer tokens that are no JWT and belong to no other method. */
export function opaqueTokenMethod(othersPrefixes: readonly string[], parts: IntrospectedParts): Method {
  const name = "opaque-token";
  return introspectedMethod(
    {
      name,
      queryParameters: ["access_token"],
      read(view) {
        const authorization = view.header("authorization");
        if (typeof authorization !== "string") return undefined;
        const bearer = authorizationOf(authorization, "bearer");
        const token = bearer ?? authorizationOf(authorization, "dpop");
        if (token === undefined || token === "" || token.includes(",") || othersPrefixes.some((prefix) => token.startsWith(prefix)))
          return undefined;
        const dot = token.indexOf(".");
        const looksLikeJwt = dot !== -1 && token.includes(".", dot + 1);
        return looksLikeJwt
          ? undefined
          : { method: name, secret: new Secret(token), scheme: bearer === undefined ? "DPoP" : "Bearer", hint: `…${token.slice(-4)}` };
      },
    },
    parts,
  );
}
