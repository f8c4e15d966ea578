// A program on somebody's device: signs its user in by the system's browser (OAuth with PKCE, RFC 8252), and holds no secret.
import { createServer } from "node:http";
import * as client from "openid-client";

const issuer = process.env.ISSUER ?? "http://localhost:3000";
const config = await client.discovery(new URL(issuer), process.env.CLIENT_ID, undefined, client.None(), {
  // For a server on this machine. Anywhere else it is https.
  execute: issuer.startsWith("http:") ? [client.allowInsecureRequests] : [],
});
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();

/** Where the browser comes back to: a port that is free now (RFC 8252 s.7.3). */
const server = createServer((request, response) => {
  const here = new URL(request.url, redirectUri);
  if (here.pathname !== "/callback") return void response.writeHead(404).end();
  const failed = (error) => {
    response.writeHead(400).end("That did not work. Go back to the program.\n");
    console.error(error.message);
  };
  void finish(here, response)
    .catch(failed)
    .finally(() => server.close());
});

async function finish(here, response) {
  const tokens = await client.authorizationCodeGrant(config, here, { pkceCodeVerifier, expectedState });
  const answer = await fetch(`${issuer}/whoami`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  console.log(await answer.text());
  response.end("You are signed in. Go back to the program.\n");
}

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const redirectUri = `http://127.0.0.1:${server.address().port}/callback`;
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: "openid posts:read",
  state: expectedState,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
});
console.log(`Open ${url.href}`);
