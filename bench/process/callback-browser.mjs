// The browsers of a sign-in and the provider, in one process: so it knows how much of a callback was the provider's own time.
import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { createAsker } from "./ask.mjs";

process.on("disconnect", () => process.exit());

/** Somebody for each sign-in at a time, and more: who comes again is known. */
const people = 100;
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** An ID token as a provider makes it for each. */
function idToken(claims) {
  const text = `${base64({ alg: "ES256", kid: "one" })}.${base64(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const issuer = () => `http://localhost:${server.address().port}`;
const emailOf = (person) => `person${person}@example.com`;

/** A code says whose it is and which nonce belongs to it: `7.NONCE`. So does an access token, which is the code. */
const answers = {
  "/.well-known/openid-configuration": () => ({
    issuer: issuer(),
    authorization_endpoint: `${issuer()}/authorize`,
    token_endpoint: `${issuer()}/oidc-token`,
    jwks_uri: `${issuer()}/keys`,
    id_token_signing_alg_values_supported: ["ES256"],
  }),
  "/keys": () => ({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "ES256", use: "sig" }] }),
  "/token": (code) => ({ access_token: code, token_type: "bearer", scope: "read:user,user:email" }),
  "/oidc-token": (code) => {
    const [person, nonce] = code.split(".");
    const now = Math.floor(Date.now() / 1_000);
    const who = { sub: person, email: emailOf(person), email_verified: true, name: "Somebody" };
    return {
      access_token: code,
      token_type: "bearer",
      id_token: idToken({ iss: issuer(), aud: "bench", iat: now, exp: now + 300, nonce, ...who }),
    };
  },
  "/user": (code) => ({ id: Number(code.split(".")[0]), login: "somebody", name: "Somebody", email: null }),
  "/user/emails": (code) => [{ email: emailOf(code.split(".")[0]), verified: true, primary: true, visibility: "private" }],
};

/** By person, the time that the provider spent on requests of theirs since it was last asked. */
const spentMs = new Map();

const server = createServer((request, response) => {
  const startedAt = performance.now();
  let text = "";
  request.on("data", (chunk) => (text += chunk));
  request.on("end", () => {
    const code = new URLSearchParams(text).get("code") ?? request.headers.authorization?.slice("Bearer ".length) ?? "";
    const body = JSON.stringify(answers[request.url](code));
    response.writeHead(200, { "content-type": "application/json" }).end(body);
    const person = code.split(".")[0];
    spentMs.set(person, (spentMs.get(person) ?? 0) + performance.now() - startedAt);
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

/** Begins one: what its callback will be sent. */
async function begin(ask, provider, turn) {
  const person = String(turn % people);
  if (provider === "bare") return { person, path: `/?code=${person}.x`, headers: {} };
  const { headers: got, status, text } = await ask({ path: `/login/${provider}` });
  if (status !== 303) throw new Error(`/login/${provider} was answered ${status}: ${text}`);
  const { searchParams } = new URL(got.location);
  const answer = new URLSearchParams({ state: searchParams.get("state"), code: `${person}.${searchParams.get("nonce") ?? ""}` });
  return { person, path: `/login/${provider}/callback?${answer.toString()}`, headers: { Cookie: got["set-cookie"][0].split(";")[0] } };
}

let turn = 0;
let begun = [];

/** Begins so many, or completes those that were begun; `atOnce` at a time. */
async function run({ port, provider, begin: count, complete, atOnce }) {
  const { ask, close } = createAsker(port, atOnce ?? 8);
  if (complete === undefined) {
    begun = [];
    for (let index = 0; index < count; index += 1) begun.push(await begin(ask, provider, (turn += 1)));
    close();
    return {};
  }
  const figures = [];
  const left = begun.values();
  const startedAt = performance.now();
  const browser = async () => {
    for (const { person, path, headers } of left) {
      spentMs.set(person, 0);
      const { status, text, ms } = await ask({ path, headers });
      if (status !== 303) throw new Error(`A callback was answered ${status}: ${text}`);
      figures.push({ ms, providerMs: spentMs.get(person) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, browser));
  const tookMs = performance.now() - startedAt;
  close();
  return { figures, tookMs };
}

process.on("message", (message) => void run(message).then((answer) => process.send(answer)));
process.send({ provider: issuer() });
