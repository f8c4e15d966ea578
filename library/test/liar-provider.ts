// An OpenID provider that says whatever a test wants: for answers that no honest one gives.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { exportJWK, type JWK, SignJWT } from "jose";

export interface LiarProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Merged into its metadata. */
  metadata: Record<string, unknown>;
  /** Merged into the claims of the ID token; undefined takes one out. */
  claims: Record<string, unknown>;
  /** Makes the ID token of its claims; undefined: signed with its key. */
  sign: ((claims: Record<string, unknown>) => string | Promise<string>) | undefined;
  /** Merged into the token answer; undefined takes a member out. */
  token: Record<string, unknown>;
  userinfo: Record<string, unknown> | undefined;
  /** Answers in place of the usual one, by path. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Parameters of the answer at the callback, in place of code and state. */
  answer: ((usual: URLSearchParams) => URLSearchParams) | undefined;
  /** Bodies of the requests to the token endpoint. */
  readonly redeemed: URLSearchParams[];
  /** What the last authorization request asked. */
  last: URLSearchParams;
  /** Signs with its own key. */
  honest(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export async function liarProvider(at: () => number): Promise<LiarProvider> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const nonces = new Map<string, string>();
  let codes = 0;
  const liar: LiarProvider = {
    issuer,
    clientId: "latchkey",
    clientSecret: "a client secret of the provider",
    metadata: {},
    claims: {},
    sign: undefined,
    token: {},
    userinfo: undefined,
    instead: new Map(),
    answer: undefined,
    redeemed: [],
    last: new URLSearchParams(),
    honest: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "ES256", kid: "one", ...header })
        .sign(createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }))),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return liar;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url!, issuer);
    const instead = liar.instead.get(target.pathname);
    if (instead !== undefined) return instead(request, response);
    switch (target.pathname) {
      case "/.well-known/openid-configuration":
        return json(response, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ["ES256"],
          ...liar.metadata,
        });
      case "/keys":
        return json(response, { keys: [jwk] });
      case "/authorize":
        return authorize(target, response);
      case "/token":
        return token(await bodyOf(request), response);
      case "/userinfo":
        return json(response, liar.userinfo ?? { sub: "person-1" });
      default:
        return void response.writeHead(404).end();
    }
  }

  function authorize({ searchParams }: URL, response: ServerResponse): void {
    liar.last = searchParams;
    const code = `code${(codes += 1)}`;
    nonces.set(code, searchParams.get("nonce") ?? "");
    const usual = new URLSearchParams({ code, state: searchParams.get("state")! });
    const back = liar.answer?.(usual) ?? usual;
    response.writeHead(302, { location: `${searchParams.get("redirect_uri")}?${back.toString()}` }).end();
  }

  async function token(form: URLSearchParams, response: ServerResponse): Promise<void> {
    liar.redeemed.push(form);
    const seconds = Math.floor(at() / 1_000);
    const claims = without({
      iss: issuer,
      sub: "person-1",
      aud: liar.clientId,
      iat: seconds,
      exp: seconds + 300,
      nonce: nonces.get(form.get("code") ?? ""),
      email: "ada@example.com",
      email_verified: true,
      name: "Ada Lovelace",
      ...liar.claims,
    });
    const idToken = await (liar.sign ?? liar.honest)(claims);
    json(response, without({ access_token: "an access token", token_type: "Bearer", expires_in: 3600, id_token: idToken, ...liar.token }));
  }
}

/** Members that are undefined are not there. */
function without(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
