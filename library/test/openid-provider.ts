// A real OpenID provider on loopback: npm's oidc-provider, with one person at it who allows everything.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface OpenIdProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is signed in there. */
  readonly person: { sub: string; email: string; email_verified: boolean; name: string };
  close(): Promise<void>;
}

/** `redirectUri`: where it may send people back to. `form`: it answers by a form that the browser posts. */
export async function openIdProvider(redirectUris: readonly string[]): Promise<OpenIdProvider> {
  const { Provider } = await import("oidc-provider");
  let answer: RequestListener = (_, response) => void response.end();
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const person = { sub: "person-1", email: "ada@example.com", email_verified: true, name: "Ada Lovelace" };
  const client = { client_id: "latchkey", client_secret: "a client secret of the provider", redirect_uris: redirectUris };
  const provider = new Provider(issuer, {
    clients: [{ ...client, token_endpoint_auth_method: "client_secret_post", grant_types: ["authorization_code", "refresh_token"] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // Claims stand in the ID token too, as with most who are asked for them.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["a key for the cookies of the tests"] },
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ ...person, sub: id }) }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
  });
  const callback = provider.callback();
  answer = (request, response) => {
    if (request.url!.startsWith("/interaction/")) void consent(provider, person.sub, request, response);
    else callback(request, response);
  };
  return {
    issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    person,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Interaction {
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{
    prompt: { name: string; details: { missingOIDCScope?: string[] } };
    params: { client_id: string };
    session?: { accountId: string };
    grantId?: string;
  }>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: unknown, options: unknown): Promise<void>;
  Grant: new (facts: { accountId: string; clientId: string }) => { addOIDCScope(scope: string): void; save(): Promise<string> };
}

/** The person signs in and allows what is asked, without a page. */
async function consent(provider: unknown, accountId: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { interactionDetails, interactionFinished, Grant } = bound(provider);
  const { prompt, params } = await interactionDetails(request, response);
  if (prompt.name === "login") return interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
  const grant = new Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope("openid email profile offline_access");
  return interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

function bound(provider: unknown): Interaction {
  const one = provider as Interaction;
  return {
    interactionDetails: one.interactionDetails.bind(one),
    interactionFinished: one.interactionFinished.bind(one),
    Grant: one.Grant,
  };
}
