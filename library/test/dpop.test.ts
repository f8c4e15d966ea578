import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guard } from "latchkey/express";
import { memory } from "../src/stores/memory/index.ts";
import { mintUser, testLatchkey, type TestLatchkey } from "latchkey/testing";
import { athOf, type DpopKey, dpopKey } from "./dpop-key.ts";

const issuer = "https://auth.example.com";
let auth: TestLatchkey;
let user: string;
let server: Server | undefined;

beforeEach(async () => {
  auth = await testLatchkey({ issuer, dpop: { origins: ["https://api.example.org/v1"] } });
  user = (await mintUser(auth)).id;
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await auth.close();
});

/** A proof is for `GET /whoami` unless its claims say otherwise. */
async function newKey(): Promise<{ readonly jkt: string; readonly prove: (claims?: object) => Promise<string> }> {
  const { jkt, prove } = await dpopKey(auth.clock);
  return { jkt, prove: (claims = {}) => prove({ htm: "GET", htu: `${issuer}/whoami`, ...claims }) };
}
const bound = async ({ jkt }: Pick<DpopKey, "jkt">, on = auth) =>
  (await on.tokens.issue({ subject: user, scopes: ["posts:read"], confirmation: { jkt } })).token;
const whoami = (headers: Record<string, string>, on = auth) => on.fetch(new Request(`${issuer}/whoami`, { headers }));
const codeOf = async (headers: Record<string, string>, on = auth) => {
  const answer = await whoami(headers, on);
  return answer.status === 200 ? "allowed" : on.refusals.at(-1)!.outcome;
};

describe("a token bound to a key", () => {
  test("says so, and lets in whoever proves the key", async () => {
    const key = await newKey();
    const token = await bound(key);
    expect(JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString())).toMatchObject({ cnf: { jkt: key.jkt } });
    const answer = await whoami({ authorization: `DPoP ${token}`, dpop: await key.prove({ ath: athOf(token) }) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ subject: user, method: "jwt" });
    expect(await auth.tokens.introspect(token)).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt: key.jkt } });
  });

  test("is proven on every request, however well the token is known [attack:OS-23]", async () => {
    const key = await newKey();
    const token = await bound(key);
    const authorization = `DPoP ${token}`;
    const dpop = await key.prove({ ath: athOf(token) });
    expect(await codeOf({ authorization, dpop })).toBe("allowed");
    // The token is warm now. The proof is not.
    expect(await codeOf({ authorization, dpop })).toBe("dpop.replayed");
    expect(await codeOf({ authorization })).toBe("dpop.proof-missing");
    expect(await codeOf({ authorization, dpop: await key.prove() })).toBe("dpop.wrong-token");
    expect(await codeOf({ authorization, dpop: await key.prove({ ath: athOf(token), htm: "POST" }) })).toBe("dpop.wrong-request");
    expect(await codeOf({ authorization, dpop: await (await newKey()).prove({ ath: athOf(token) }) })).toBe("dpop.wrong-key");
    expect(await codeOf({ authorization, dpop: await key.prove({ ath: athOf(token) }) })).toBe("allowed");
  });

  test("is no bearer token, warm or not [attack:OS-23]", async () => {
    const key = await newKey();
    const token = await bound(key);
    const dpop = await key.prove({ ath: athOf(token) });
    const asBearer = { authorization: `Bearer ${token}` };
    expect(await codeOf({ ...asBearer, dpop })).toBe("dpop.sent-as-bearer");
    expect(await codeOf({ authorization: `DPoP ${token}`, dpop })).toBe("allowed");
    expect(await codeOf({ ...asBearer, dpop })).toBe("dpop.sent-as-bearer");
    expect(await codeOf(asBearer)).toBe("dpop.sent-as-bearer");
  });

  test("stays bound when it is exchanged for another", async () => {
    const key = await newKey();
    const token = await bound(key);
    const exchange = `${issuer}/tokens/exchange`;
    const answer = await auth.fetch(
      new Request(exchange, {
        method: "POST",
        headers: {
          authorization: `DPoP ${token}`,
          dpop: await key.prove({ ath: athOf(token), htm: "POST", htu: exchange }),
          "content-type": "application/json",
        },
        body: JSON.stringify({ audience: issuer }),
      }),
    );
    expect(answer.status).toBe(200);
    const { access_token: other, token_type } = (await answer.json()) as { access_token: string; token_type: string };
    expect(token_type).toBe("DPoP");
    expect(await codeOf({ authorization: `Bearer ${other}` })).toBe("dpop.sent-as-bearer");
    expect(await codeOf({ authorization: `DPoP ${other}`, dpop: await key.prove({ ath: athOf(other) }) })).toBe("allowed");
  });

  test("to something that nobody checks is refused", async () => {
    const bindings: Record<string, string>[] = [{ "x5t#S999": "x" }, { jkt: "x", other: "y" }, { constructor: "x" }];
    for (const confirmation of bindings) {
      const { token } = await auth.tokens.issue({ subject: user, confirmation });
      for (const scheme of ["Bearer", "DPoP"]) expect(await codeOf({ authorization: `${scheme} ${token}` })).toBe("jwt.proof-missing");
    }
  });
});

describe("the scheme DPoP", () => {
  test("takes no token that is bound to nothing [attack:OS-23]", async () => {
    const key = await newKey();
    const { token } = await auth.tokens.issue({ subject: user });
    const dpop = await key.prove({ ath: athOf(token) });
    expect(await codeOf({ authorization: `DPoP ${token}`, dpop })).toBe("dpop.unbound-token");
    expect(await codeOf({ authorization: `Bearer ${token}` })).toBe("allowed");
    expect(await codeOf({ authorization: `DPoP ${token}`, dpop })).toBe("dpop.unbound-token");
  });

  test("is offered beside Bearer, and told what was wrong", async () => {
    const challenges = async (headers: Record<string, string> = {}) => (await whoami(headers)).headers.get("www-authenticate");
    const algs = 'algs="ES256 ES384 ES512 EdDSA PS256 RS256"';
    expect(await challenges()).toContain(`DPoP ${algs}`);
    const key = await newKey();
    const token = await bound(key);
    expect(await challenges({ authorization: `DPoP ${token}`, dpop: "x" })).toContain(`DPoP ${algs}, error="invalid_dpop_proof"`);
    const dpop = await (await newKey()).prove({ ath: athOf(token) });
    const told = await challenges({ authorization: `DPoP ${token}`, dpop });
    expect(told).toContain(`DPoP ${algs}, error="invalid_token"`);
    expect(told).toContain('Bearer realm="api",');
    expect(await challenges({ authorization: `Bearer ${token}` })).toContain('Bearer realm="api", error="invalid_token"');
    auth.clock.advance("20m");
    const late = { authorization: `DPoP ${token}`, dpop: await key.prove({ ath: athOf(token) }) };
    expect(await challenges(late)).toContain(`DPoP ${algs}, error="invalid_token", error_description="The token has expired."`);
  });

  test("tells of a missing scope in its own challenge", async () => {
    const key = await newKey();
    const token = await bound(key);
    const headers = { authorization: `DPoP ${token}`, dpop: await key.prove({ ath: athOf(token) }) };
    const decision = await auth.check(new Request(`${issuer}/whoami`, { headers }), { scopes: ["posts:write"] });
    expect(decision).toMatchObject({ allowed: false, challenges: [{ scheme: "DPoP", parameters: { error: "insufficient_scope" } }] });
  });

  test("with a nonce that the server asks for", async () => {
    const strict = await testLatchkey({ issuer, dpop: { requireNonce: true } });
    const { id } = await mintUser(strict);
    const key = await newKey();
    const { token } = await strict.tokens.issue({ subject: id, confirmation: { jkt: key.jkt } });
    const ask = async (claims: object) =>
      whoami({ authorization: `DPoP ${token}`, dpop: await key.prove({ ath: athOf(token), ...claims }) }, strict);
    const refused = await ask({});
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain('error="use_dpop_nonce"');
    expect(await refused.json()).toMatchObject({ code: "dpop.nonce-needed" });
    const nonce = refused.headers.get("dpop-nonce");
    expect((await ask({ nonce })).status).toBe(200);
    strict.clock.advance("6m");
    expect((await ask({ nonce })).headers.get("dpop-nonce")).not.toBe(nonce);
    await strict.close();
  });
});

describe("the URL that a proof is for", () => {
  const asked = async (htu: string, headers: Record<string, string> = {}) => {
    const key = await newKey();
    const token = await bound(key);
    return codeOf({ authorization: `DPoP ${token}`, dpop: await key.prove({ ath: athOf(token), htu }), ...headers });
  };

  test("is the issuer's, or one that is configured", async () => {
    expect(await asked(`${issuer}/whoami?x=1`)).toBe("allowed");
    expect(await asked("https://api.example.org/v1/whoami")).toBe("allowed");
    expect(await asked("https://api.example.org/whoami")).toBe("dpop.wrong-request");
  });

  test("is not what a request says of its own host: a proof for another is worth nothing here", async () => {
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
    expect(await asked("https://evil.example/whoami", headers)).toBe("dpop.wrong-request");
  });
});

test("a proof counts once on two nodes that share their short-lived state [attack:OS-23]", async () => {
  const ephemeral = memory({ clock: auth.clock });
  const secret = "a master secret of two nodes, of at least 32 bytes";
  const nodes = await Promise.all([1, 2].map(() => testLatchkey({ issuer, secret, ephemeral, store: auth.store, clock: auth.clock })));
  const key = await newKey();
  const token = await bound(key, nodes[0]);
  const headers = { authorization: `DPoP ${token}`, dpop: await key.prove({ ath: athOf(token) }) };
  const statuses = await Promise.all([...nodes, ...nodes].map(async (node) => (await whoami(headers, node)).status));
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 401, 401, 401]);
});

test("a route of an app is behind the same scheme, over real HTTP", async () => {
  const app = express();
  app.get("/posts", guard(auth, { scopes: ["posts:read"] }), (request, response) => void response.json(request.principal));
  server = createServer(app);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/posts?page=2`;
  const key = await newKey();
  const token = await bound(key);
  const get = async (dpop: string | undefined) =>
    fetch(url, { headers: { authorization: `DPoP ${token}`, ...(dpop === undefined ? {} : { dpop }) } });
  const good = await get(await key.prove({ ath: athOf(token), htu: `${issuer}/posts` }));
  expect(await good.json()).toMatchObject({ subject: user, confirmation: { jkt: key.jkt } });
  const refused = await get(undefined);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toContain('error="invalid_dpop_proof"');
  expect(await refused.json()).toMatchObject({ code: "dpop.invalid-proof", detail: "Send a proof in the DPoP field." });
});
