import { readFileSync } from "node:fs";
import type { ClientOptions } from "latchkey";
import { operator } from "../acted-by.ts";
import { list, text } from "../arguments.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

export const clientCreate: Command = {
  name: "client create",
  summary: "Register an OAuth client; its secret is shown once.",
  positionals: [],
  options: [
    { name: "name", value: "NAME", describe: "what people read when they are asked for consent" },
    { name: "grant", value: "GRANT", many: true, describe: "authorization_code, refresh_token, client_credentials, …; several allowed" },
    { name: "redirect-uri", value: "URI", many: true, describe: "where codes may be sent, exactly; several allowed" },
    { name: "scope", value: "SCOPE", many: true, describe: "a scope that it may ask for; several allowed" },
    {
      name: "auth",
      value: "WAY",
      describe: "none, client_secret_basic (default), client_secret_post, private_key_jwt, tls_client_auth, …",
    },
    { name: "resource", value: "URI", many: true, describe: "an audience that its tokens may be for; left out: every configured one" },
    { name: "role", value: "ROLE", many: true, describe: "a role that it has in its own name; several allowed" },
    { name: "introspect", value: "URI", many: true, describe: "an audience whose tokens it may ask about: for an API that introspects" },
    {
      name: "jwks",
      value: "FILE",
      describe: "its public keys as a JWK set, for private_key_jwt; with x5c for self_signed_tls_client_auth",
    },
    { name: "jwks-uri", value: "URL", describe: "where its public keys are" },
    { name: "tls-subject-dn", value: "DN", describe: "the subject of its certificate, for tls_client_auth: CN=billing,O=Acme" },
    { name: "tls-san-dns", value: "NAME", describe: "or a subject alternative name of it: exactly one of these" },
    { name: "tls-san-uri", value: "URI", describe: "the same, as in spiffe://example.com/billing" },
    { name: "tls-san-ip", value: "ADDRESS", describe: "the same" },
    { name: "tls-san-email", value: "ADDRESS", describe: "the same" },
    { name: "certificate-bound", value: undefined, describe: "its tokens are bound to the certificate that it comes with" },
    { name: "backchannel-logout-uri", value: "URL", describe: "where it is told that somebody's session ended" },
    { name: "subject-type", value: "public|pairwise", describe: "pairwise: it knows people by ids of its own; public by default" },
    { name: "sector-identifier-uri", value: "URL", describe: "clients under the same host know people by the same ids" },
    { name: "token-format", value: "jwt|opaque", describe: "form of its access tokens; jwt by default" },
    { name: "id-token-alg", value: "ALG", describe: "signature of its ID tokens: ES256 (default) or RS256" },
    { name: "first-party", value: undefined, describe: "one of yours: nobody is asked for consent" },
    { name: "nonce-instead-of-pkce", value: undefined, describe: "a confidential OpenID client that sends a nonce and cannot do PKCE" },
  ],
  example:
    "latchkey client create --name Calendar --grant authorization_code --grant refresh_token --redirect-uri https://cal.example.com/cb",
  makesData: true,
  async here({ input, send }) {
    const file = text(input, "jwks");
    return send(file === undefined ? input : { ...input, jwks: readFileSync(file, "utf8") });
  },
  async run(auth, input) {
    const { client, secret } = await auth.clients.create(optionsOf(input), operator());
    return {
      client_id: client.id,
      ...(secret === undefined ? {} : { client_secret: secret }),
      name: client.name,
      grants: client.grants,
      scopes: client.scopes,
    };
  },
  print: ({ client_id, client_secret }: { client_id: string; client_secret?: string }) =>
    client_secret === undefined ? client_id : `${client_id}\n${client_secret}\n\nThe secret is not shown again.`,
};

function optionsOf(input: Parameters<typeof text>[0]): ClientOptions {
  const some = (name: string) => (list(input, name).length === 0 ? undefined : list(input, name));
  const options = {
    name: text(input, "name") ?? "",
    grants: list(input, "grant"),
    redirectUris: some("redirect-uri"),
    scopes: some("scope"),
    authentication: text(input, "auth"),
    resources: some("resource"),
    roles: some("role"),
    introspects: some("introspect"),
    jwks: keysOf(text(input, "jwks")),
    jwksUri: text(input, "jwks-uri"),
    tlsSubjectDn: text(input, "tls-subject-dn"),
    tlsSanDns: text(input, "tls-san-dns"),
    tlsSanUri: text(input, "tls-san-uri"),
    tlsSanIp: text(input, "tls-san-ip"),
    tlsSanEmail: text(input, "tls-san-email"),
    certificateBoundTokens: input["certificate-bound"] === true ? true : undefined,
    backchannelLogoutUri: text(input, "backchannel-logout-uri"),
    subjectType: text(input, "subject-type"),
    sectorIdentifierUri: text(input, "sector-identifier-uri"),
    tokenFormat: text(input, "token-format"),
    idTokenAlgorithm: text(input, "id-token-alg"),
    firstParty: input["first-party"] === true,
    requirePkce: input["nonce-instead-of-pkce"] !== true,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as ClientOptions;
}

function keysOf(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError('--jwks: the file is not JSON. It holds a JWK set, as in {"keys": […]}.');
  }
}
