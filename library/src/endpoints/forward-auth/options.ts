import { OptionFault, spanOption } from "../../contracts/index.ts";

/** `forwardAuth` of the options. */
export interface ForwardAuthOptions {
  /** `aud` of the internal JWTs: what the APIs behind the proxy accept, and nobody else. Default: `ISSUER/forward-auth`. */
  readonly audience?: string;
  /** Life of an internal JWT, from 20 s to 1 h. Default `"2m"`. */
  readonly expiresIn?: string;
  /** Where browsers that are not signed in are sent, without `?redirect=` too: a URL on the issuer's origin or one of `origins`. */
  readonly signIn?: string;
  /** Further origins of sign-in pages, and those to which one may be sent back. Default: none but the issuer's. */
  readonly origins?: readonly string[];
}

export interface ForwardAuthSettings {
  readonly audience: string;
  /** As `tokens.issue` takes it. */
  readonly expiresIn: string;
  readonly lifeMs: number;
  readonly signIn: URL | undefined;
  /** The issuer's first. */
  readonly origins: readonly string[];
}

/** Checks the options. Throws an OptionFault. `false` turns the endpoint off. */
export function readForwardAuthOptions(given: ForwardAuthOptions | false | undefined, issuer: string): ForwardAuthSettings | undefined {
  if (given === false) return undefined;
  const options = given ?? {};
  const audience = options.audience ?? `${issuer}/forward-auth`;
  if (typeof audience !== "string" || !/^[\x21-\x7e]{1,500}$/.test(audience))
    throw new OptionFault("forwardAuth.audience", {
      got: audience,
      allowed: "1 to 500 printable characters without spaces",
      example: '"https://orders.internal"',
    });
  const expiresIn = options.expiresIn ?? "2m";
  const lifeMs = spanOption("forwardAuth.expiresIn", expiresIn, { least: 20_000, most: 3_600_000, example: '"2m"' });
  const origins = [new URL(issuer).origin, ...(options.origins ?? []).map(checkOrigin)];
  return { audience, expiresIn, lifeMs, origins, signIn: checkSignIn(options.signIn, issuer, origins) };
}

function checkSignIn(signIn: string | undefined, issuer: string, origins: readonly string[]): URL | undefined {
  if (signIn === undefined) return undefined;
  const url = signInPage(signIn, issuer, origins);
  if (url !== undefined) return url;
  throw new OptionFault("forwardAuth.signIn", {
    got: signIn,
    allowed: `a URL or path on ${origins.join(" or ")}`,
    example: `"${issuer}/login"`,
  });
}

/** A page that a browser may be sent to: a path of the issuer's origin or a URL on an allowed one; undefined for anything else. */
export function signInPage(text: string, issuer: string, origins: readonly string[]): URL | undefined {
  if (text === "") return new URL(`${issuer}/login`);
  if (text.length > 2_000 || !/^(?:\/(?![/\\])|https?:\/\/)[!-~]*$/.test(text) || text.includes("\\")) return undefined;
  const url = URL.canParse(text, issuer) ? new URL(text, issuer) : undefined;
  return url !== undefined && url.username + url.password + url.hash === "" && origins.includes(url.origin) ? url : undefined;
}

function checkOrigin(origin: string): string {
  const url = typeof origin === "string" && URL.canParse(origin) ? new URL(origin) : undefined;
  if (url !== undefined && (url.protocol === "https:" || url.protocol === "http:") && url.origin === origin) return origin;
  throw new OptionFault("forwardAuth.origins", {
    got: origin,
    allowed: "origins: a scheme, a host and perhaps a port",
    example: '["https://app.example.com"]',
  });
}
