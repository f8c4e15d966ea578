import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign as rawSign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { httpbis } from "http-message-signatures";
import { parseDictionary } from "structured-headers";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { messageSignature, type RequestToSign, signingFetch, signRequest, type SignOptions } from "latchkey/message-signature";
import { memory } from "../src/stores/memory/index.ts";
import { sqlite } from "latchkey/sqlite";
import { testClock, testRequest } from "latchkey/testing";
import { signatureBase } from "../src/methods/message-signature/base.ts";
import { type InnerList, readDictionary, verificationKey } from "../src/primitives/index.ts";

const ed = generateKeyPairSync("ed25519");
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const shared = Buffer.alloc(32, 7);
const origin = "https://api.example.com";
const clock = testClock("2026-11-24T00:00:00Z");

const signers = {
  ed: { keyid: "ed", alg: "ed25519", key: ed.privateKey },
  ec: { keyid: "ec", alg: "ecdsa-p256-sha256", key: ec.privateKey },
  rsa: { keyid: "rsa", alg: "rsa-pss-sha512", key: rsa.privateKey },
  hmac: { keyid: "hmac", alg: "hmac-sha256", key: shared },
} as const satisfies Readonly<Record<string, SignOptions>>;

let auth: Latchkey;
beforeEach(async () => {
  clock.set("2026-11-24T00:00:00Z");
  auth = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock,
    limits: { credentialAddress: "off" },
    methods: [
      messageSignature({
        origins: [origin],
        clients: true,
        bodyLimitBytes: 1_000,
        keys: [
          { keyid: "ed", alg: "ed25519", key: ed.publicKey, as: "svc_ed", scopes: ["orders:read"] },
          { keyid: "ec", alg: "ecdsa-p256-sha256", key: ec.publicKey, as: "svc_ec" },
          { keyid: "rsa", alg: "rsa-pss-sha512", key: rsa.publicKey, as: "svc_rsa" },
          { keyid: "hmac", alg: "hmac-sha256", key: shared, as: "svc_hmac" },
        ],
      }),
    ],
  });
});
afterEach(() => auth.close());

let requests = 0;
type Sent = Omit<RequestToSign, "url"> & { readonly target: string };
const post: Sent = { method: "POST", target: "/orders?page=2", headers: { "content-type": "application/json" }, body: '{"a":1}' };

function fields(sent: Sent, options: Partial<SignOptions> & Pick<SignOptions, "keyid" | "alg" | "key">): Record<string, string> {
  return { ...sent.headers, ...signRequest({ ...sent, url: origin + sent.target }, { at: clock.now(), ...options }) };
}

/** Each from an address of its own, so that the limit of bad credentials stays out of it. */
function ask(sent: Sent, headers: Readonly<Record<string, string | readonly string[]>>, host = "api.example.com") {
  requests += 1;
  const peerAddress = `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests & 255}`;
  const { body, ...rest } = sent;
  const view = testRequest({ ...rest, headers: { host, ...headers }, peerAddress, ...(body === undefined ? {} : { body }) });
  return auth.check(view, auth.rule({ methods: ["message-signature"] }));
}

const codeOf = async (decision: ReturnType<typeof ask>) => {
  const made = await decision;
  return made.allowed ? "allowed" : made.refusal.code;
};

test.each(Object.entries(signers))("a request signed by %s is its sender's", async (name, signer) => {
  expect(await ask(post, fields(post, signer))).toMatchObject({
    allowed: true,
    principal: { subject: `svc_${name}`, kind: "service", method: "message-signature" },
  });
});

const good = () => fields(post, signers.ed);
const base = (headers: Record<string, string>, from: string, to: string) => ({
  ...headers,
  "signature-input": headers["signature-input"]!.replace(from, to),
});

test.each<[string, string, () => Promise<string>]>([
  ["another method", "message-signature.wrong-signature", () => codeOf(ask({ ...post, method: "PUT" }, good()))],
  ["another path", "message-signature.wrong-signature", () => codeOf(ask({ ...post, target: "/users?page=2" }, good()))],
  ["another query", "message-signature.wrong-signature", () => codeOf(ask({ ...post, target: "/orders?page=3" }, good()))],
  ["another host", "message-signature.elsewhere", () => codeOf(ask(post, good(), "other.example.com"))],
  ["a host twice", "message-signature.elsewhere", () => codeOf(ask(post, { ...good(), host: ["api.example.com", "other.example.com"] }))],
  ["another body", "message-signature.wrong-digest", () => codeOf(ask({ ...post, body: '{"a":2}' }, good()))],
  ["a body that was taken away", "message-signature.wrong-digest", () => codeOf(ask({ ...post, body: "" }, good()))],
  ["a body put to a request without", "message-signature.uncovered", () => codeOf(ask(post, fields({ ...post, body: "" }, signers.ed)))],
  [
    "too long a body",
    "message-signature.too-large",
    () => codeOf(ask({ ...post, body: "x".repeat(1_001) }, fields({ ...post, body: "x".repeat(1_001) }, signers.ed))),
  ],
  ["a component taken out", "message-signature.uncovered", () => codeOf(ask(post, base(good(), '"@method" ', "")))],
  [
    "a component that is asked for with a parameter only",
    "message-signature.malformed",
    () => codeOf(ask(post, base(good(), '"@method"', '"@method" "@method";req'))),
  ],
  ["a part of a component only", "message-signature.uncovered", () => codeOf(ask(post, base(good(), '"@method"', '"@method";req')))],
  ["a component twice", "message-signature.malformed", () => codeOf(ask(post, base(good(), '"@method"', '"@method" "@method"')))],
  ["what only a response has", "message-signature.malformed", () => codeOf(ask(post, base(good(), '"@method"', '"@method" "@status"')))],
  ["a field that is not there", "message-signature.malformed", () => codeOf(ask(post, base(good(), '"@method"', '"@method" "x-none"')))],
  ["a field in capitals", "message-signature.malformed", () => codeOf(ask(post, base(good(), '"@method"', '"@method" "Content-Type"')))],
  [
    "a label twice",
    "message-signature.malformed",
    () => codeOf(ask(post, { ...good(), signature: `${good()["signature"]}, ${good()["signature"]}` })),
  ],
  [
    "two signatures for here",
    "message-signature.malformed",
    () => {
      const both = good();
      both["signature-input"] += `, b=${both["signature-input"]!.slice("sig=".length)}`;
      both["signature"] += `, b=${both["signature"]!.slice("sig=".length)}`;
      return codeOf(ask(post, both));
    },
  ],
  ["no signature", "message-signature.malformed", () => codeOf(ask(post, { ...good(), signature: "" }))],
  ["an unknown key", "message-signature.unknown-key", () => codeOf(ask(post, base(good(), 'keyid="ed"', 'keyid="nobody"')))],
  ["the keyid of another", "message-signature.wrong-algorithm", () => codeOf(ask(post, base(good(), 'keyid="ed"', 'keyid="ec"')))],
  ["an unknown algorithm", "message-signature.wrong-algorithm", () => codeOf(ask(post, base(good(), 'alg="ed25519"', 'alg="none"')))],
  [
    "the public key as a secret",
    "message-signature.wrong-algorithm",
    () => codeOf(ask(post, fields(post, { keyid: "ed", alg: "hmac-sha256", key: ed.publicKey.export({ format: "der", type: "spki" }) }))),
  ],
  ["no time", "message-signature.uncovered", () => codeOf(ask(post, base(good(), "created=", "created-not=")))],
  ["no nonce", "message-signature.uncovered", () => codeOf(ask(post, base(good(), "nonce=", "once=")))],
  ["another nonce", "message-signature.wrong-signature", () => codeOf(ask(post, base(good(), 'nonce="', 'nonce="x')))],
  ["a far future", "message-signature.out-of-time", () => codeOf(ask(post, fields(post, { ...signers.ed, at: clock.now() + 31_000 })))],
  ["long ago", "message-signature.out-of-time", () => codeOf(ask(post, fields(post, { ...signers.ed, at: clock.now() - 301_000 })))],
  [
    "over",
    "message-signature.out-of-time",
    () => codeOf(ask(post, fields(post, { ...signers.ed, at: clock.now() - 10_000, expiresInSeconds: 10 }))),
  ],
  ["huge fields", "message-signature.malformed", () => codeOf(ask(post, base(good(), "(", `(${'"a" '.repeat(10_000)}`)))],
  ["an absolute target", "message-signature.malformed", () => codeOf(ask({ ...post, target: "http://x/" }, good()))],
])("%s is refused as %s [asvs:V4.1.5]", async (_, code, refused) => expect(await refused()).toBe(code));

test("a nonce is good once, and a wrong signature does not use it up", async () => {
  const headers = good();
  expect(await codeOf(ask({ ...post, method: "PUT" }, headers))).toBe("message-signature.wrong-signature");
  expect(await codeOf(ask(post, headers))).toBe("allowed");
  expect(await codeOf(ask(post, headers))).toBe("message-signature.replayed");
});

test("a signature beside an Authorization header or an API key is two credentials", async () => {
  const { key } = await auth.apiKeys.issue({ name: "ci" });
  expect(await codeOf(ask(post, { ...good(), authorization: "Foo bar" }))).toBe("request.several-credentials");
  expect(await codeOf(ask(post, { ...good(), "x-api-key": key }))).toBe("request.several-credentials");
});

test("who comes without is asked by Accept-Signature", async () => {
  const decision = await ask(post, {});
  expect(decision).toMatchObject({ allowed: false, refusal: { headers: { "accept-signature": 'sig=("@method" "@target-uri");created' } } });
});

test("a signature with another tag, of a proxy say, is none for here", async () => {
  expect(await codeOf(ask(post, fields(post, { ...signers.ed, tag: "proxy" })))).toBe("request.no-credential");
  const both = good();
  both["signature-input"] += ', proxy=("@method");created=1;keyid="p";tag="proxy"';
  both["signature"] += ", proxy=:AAAA:";
  expect(await codeOf(ask(post, both))).toBe("allowed");
});

describe("a fetch that signs", () => {
  const sent: Request[] = [];
  const send = signingFetch(signers.ed, async (input) => {
    sent.push(input as Request);
    return new Response();
  });
  const lastHeaders = () => Object.fromEntries(sent.at(-1)!.headers);

  test("keeps what it was told about the request, whichever way", async () => {
    const told = { method: "PUT", cache: "no-store", credentials: "include", integrity: "sha256-AAAA", keepalive: true } as const;
    const kept = { ...told, referrerPolicy: "no-referrer", mode: "same-origin", redirect: "error" } as const;
    const ending = new AbortController();
    const given = { ...kept, headers: { "x-own": "1" }, body: "{}", signal: ending.signal };
    for (const call of [() => send(`${origin}/orders`, given), () => send(new Request(`${origin}/orders`, given))]) {
      await call();
      const request = sent.at(-1)!;
      expect(request).toMatchObject(kept);
      expect(await request.text()).toBe("{}");
      expect(lastHeaders()).toMatchObject({ "x-own": "1", signature: expect.any(String), "content-digest": expect.any(String) });
      expect(request.signal.aborted).toBe(false);
    }
    ending.abort();
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  test("signs a body that is a stream, and follows no redirect unasked", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('{"a"'));
        controller.enqueue(Buffer.from(":1}"));
        controller.close();
      },
    });
    await send(`${origin}${post.target}`, { method: "POST", body, duplex: "half" });
    expect(lastHeaders()).toMatchObject({ "content-digest": signRequest({ ...post, url: origin }, signers.ed)["content-digest"] });
    expect(sent.at(-1)!.redirect).toBe("manual");
    expect(await sent.at(-1)!.text()).toBe(post.body);
  });
});

describe("clients of OAuth", () => {
  const keyset = (key: KeyObject, kid: string) => ({ keys: [{ ...key.export({ format: "jwk" }), kid, use: "sig" }] });

  test("sign with the keys of their registration, and no more once they are deleted", async () => {
    const { client } = await auth.clients.create({
      name: "billing",
      grants: ["client_credentials"],
      scopes: ["orders:read"],
      authentication: "private_key_jwt",
      jwks: keyset(ec.publicKey, "k1"),
    });
    const signer = { ...signers.ec, keyid: `${client.id}#k1` };
    expect(await ask(post, fields(post, signer))).toMatchObject({
      allowed: true,
      principal: { subject: client.id, kind: "client", scopes: ["orders:read"] },
    });
    expect(await codeOf(ask(post, fields(post, { ...signer, key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey })))).toBe(
      "message-signature.wrong-signature",
    );
    expect(await codeOf(ask(post, fields(post, { ...signer, keyid: `${client.id}#k2` })))).toBe("message-signature.unknown-key");
    await auth.clients.delete(client.id);
    expect(await codeOf(ask(post, fields(post, signer)))).toBe("message-signature.unknown-key");
  });

  test("sign with the keys that they publish, and with another one once it is there", async () => {
    const published = { keys: [...keyset(ec.publicKey, "k1").keys] };
    const keys = createServer((_request, response) => response.end(JSON.stringify(published)));
    await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
    try {
      const { client } = await auth.clients.create({
        name: "billing",
        grants: ["client_credentials"],
        authentication: "private_key_jwt",
        jwksUri: `http://localhost:${(keys.address() as AddressInfo).port}/jwks.json`,
      });
      const first = { ...signers.ec, keyid: `${client.id}#k1` };
      expect(await codeOf(ask(post, fields(post, first)))).toBe("allowed");
      const next = { ...signers.ed, keyid: `${client.id}#k2` };
      expect(await codeOf(ask(post, fields(post, next)))).toBe("message-signature.unknown-key");
      published.keys = keyset(ed.publicKey, "k2").keys;
      clock.advance("10m");
      expect(await codeOf(ask(post, fields(post, next)))).toBe("allowed");
      expect(await codeOf(ask(post, fields(post, first)))).toBe("message-signature.unknown-key");
    } finally {
      keys.close();
      keys.closeAllConnections();
    }
  });
});

test("an implementation from elsewhere signs what is taken here, and takes what is signed here", async () => {
  const request = { method: "POST", url: origin + post.target, headers: { "content-type": "text/plain" } as Record<string, string> };
  request.headers["content-digest"] = `sha-512=:${createHash("sha512")
    .update(post.body as string)
    .digest("base64")}:`;
  const signed = await httpbis.signMessage(
    {
      key: { id: "ed", alg: "ed25519", sign: (data: Buffer) => Promise.resolve(rawSign(null, data, ed.privateKey)) },
      fields: ["@method", "@authority", "@path", "@query", "content-digest", "content-type"],
      params: ["created", "keyid", "alg", "nonce"],
      paramValues: { created: new Date(clock.now()), nonce: "abc" },
    },
    request,
  );
  const lower = Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]));
  expect(await codeOf(ask(post, lower))).toBe("allowed");

  const ours = { ...request, headers: fields(post, { ...signers.ed, at: Date.now() }) };
  const { verify } = await import("node:crypto");
  const key = {
    id: "ed",
    algs: ["ed25519"],
    verify: (data: Buffer, bytes: Buffer) => Promise.resolve(verify(null, data, ed.publicKey, bytes)),
  };
  expect(await httpbis.verifyMessage({ keyLookup: () => Promise.resolve(key) }, ours)).toBe(true);
});

describe("RFC 9421 B.2, requests", () => {
  const pss = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`);
  const edRfc = createPublicKey(
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----",
  );
  const secret = Buffer.from("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==", "base64");
  const headers = {
    host: "example.com",
    date: "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
    "content-length": "18",
  };
  const method = messageSignature({
    origins: ["https://example.com"],
    // What these vectors cover is less than what is asked for elsewhere: only the signature is looked at.
    components: ["content-digest"],
    requireNonce: false,
    keys: [
      { keyid: "test-key-rsa-pss", alg: "rsa-pss-sha512", key: pss, as: "svc_1" },
      { keyid: "test-key-ed25519", alg: "ed25519", key: edRfc, as: "svc_2" },
      { keyid: "test-shared-secret", alg: "hmac-sha256", key: secret, as: "svc_3" },
    ],
  });
  const tagged = messageSignature({
    origins: ["https://example.com"],
    components: ["content-digest"],
    tag: "header-example",
    requireNonce: false,
    keys: [{ keyid: "test-key-rsa-pss", alg: "rsa-pss-sha512", key: pss, as: "svc_1" }],
  });

  const vectors: readonly [string, typeof method, string, string, string][] = [
    [
      "B.2.2",
      tagged,
      `sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"`,
      "sig-b22=:LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==:",
      "allowed",
    ],
    [
      "B.2.3",
      method,
      `sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"`,
      "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:",
      "allowed",
    ],
    // Good signatures that cover too little, which the body tells: refused after the signature was judged.
    [
      "B.2.1",
      method,
      `sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"`,
      "sig-b21=:d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==:",
      "message-signature.uncovered",
    ],
    [
      "B.2.5",
      method,
      `sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`,
      "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
      "message-signature.uncovered",
    ],
    [
      "B.2.6",
      method,
      `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
      "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
      "message-signature.uncovered",
    ],
  ];

  test("B.2.1, which covers nothing and is refused at the gate: its signature is good", () => {
    const [, , input, signature] = vectors.find(([name]) => name === "B.2.1")!;
    const covered = readDictionary(input)!.get("sig-b21") as InnerList;
    const message = { method: "POST", target: "/foo?param=Value&Pet=dog", origin: "https://example.com", header: () => undefined };
    const bytes = Buffer.from(signature.slice("sig-b21=:".length, -1), "base64");
    const text = Buffer.from(signatureBase(message, covered) as string, "latin1");
    expect(verificationKey("PS512", pss).verify(text, bytes)).toBe(true);
  });

  async function judge(factory: typeof method, input: string, signature: string): Promise<string> {
    const parts = { clock, ephemeral: memory({ clock }), onFault: () => undefined };
    const made = factory(parts);
    const view = testRequest({
      method: "POST",
      target: "/foo?param=Value&Pet=dog",
      headers: { ...headers, "signature-input": input, signature },
      body: '{"hello": "world"}',
    });
    const credential = made.read(view);
    if (credential === undefined || "refused" in credential) return credential?.code ?? "none";
    const verdict = await made.verify(credential, {
      view,
      rule: undefined as never,
      at: 1_618_884_473_000,
      address: "",
      credential,
      digest: "",
    });
    return "refused" in verdict ? verdict.code : "allowed";
  }

  test.each(vectors)("%s", async (_, factory, input, signature, verdict) => {
    // Where the vector covers no digest, the rule asks for no more than the vector has, so that its signature is judged.
    const covering = input.includes("content-digest");
    const own = messageSignature({
      origins: ["https://example.com"],
      components: [input.includes('"date"') ? "date" : "content-digest"],
      requireNonce: false,
      keys: [
        { keyid: "test-key-rsa-pss", alg: "rsa-pss-sha512", key: pss, as: "svc_1" },
        { keyid: "test-key-ed25519", alg: "ed25519", key: edRfc, as: "svc_2" },
        { keyid: "test-shared-secret", alg: "hmac-sha256", key: secret, as: "svc_3" },
      ],
    });
    const used = covering ? factory : own;
    expect(await judge(used, input, signature)).toBe(verdict);
    const other = signature.replace(/=:(.)/, (_all, first: string) => `=:${first === "A" ? "B" : "A"}`);
    const wrong = await judge(used, input, other);
    expect(wrong).toBe(input.startsWith("sig-b21") ? "message-signature.uncovered" : "message-signature.wrong-signature");
  });
});

describe("structured fields", () => {
  test("any dictionary that is taken here is taken by an implementation from elsewhere, with the same names", () => {
    const piece = fc.constantFrom("a", "b", "=", "(", ")", '"x"', ";", ",", " ", ":AA==:", "?1", "12", "1.5", "\t", "\\", "é", "*t");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
        ),
        (text) => {
          const ours = readDictionary(text);
          return ours === undefined || [...ours.keys()].join() === [...parseDictionary(text).keys()].join();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("whatever stands in the fields, the answer is a decision", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(good()["signature-input"]!, good()["signature"]!, 'sig=("@method");created=1;keyid="ed"', "sig=:AAAA:"),
    );
    await fc.assert(
      fc.asyncProperty(text, text, text, async (input, signature, digest) => {
        const code = await codeOf(ask(post, { "signature-input": input, signature, "content-digest": digest }));
        expect(code).not.toBe("allowed");
      }),
      { numRuns: 500 },
    );
  });
});
