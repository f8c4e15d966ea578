import { Webhooks } from "@octokit/webhooks";
import { verifySlackRequest } from "@slack/bolt";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, type Latchkey, type RequestView } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { testRequest } from "latchkey/testing";
import { webhook } from "latchkey/webhook";

const start = Date.parse("2026-11-24T00:00:00Z");
const standardSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const laterSecret = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
const textSecret = "It's a Secret to Everybody";
const body = '{"type":"invoice.paid","amount":100}';

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const publicText = `whpk_${publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64")}`;

let now = start;
let auth: Latchkey;

beforeEach(async () => {
  now = start;
  auth = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    methods: [
      webhook({ name: "billing", scheme: "standard", secrets: [standardSecret, laterSecret, publicText], scopes: ["invoices:write"] }),
      webhook({ name: "other-billing", scheme: "standard", secrets: [laterSecret] }),
      webhook({ name: "github", scheme: "github", secrets: [textSecret] }),
      webhook({ name: "stripe", scheme: "stripe", secrets: [textSecret] }),
      webhook({ name: "slack", scheme: "slack", secrets: [textSecret] }),
      webhook({ name: "shopify", scheme: "shopify", secrets: [textSecret] }),
      webhook({
        name: "own",
        scheme: {
          header: "X-Signature",
          prefix: "hmac=",
          algorithm: "sha512",
          encoding: "base64",
          signed: "{id}/{timestamp}/{body}/end",
          timestampHeader: "X-Time",
          idHeader: "X-Id",
        },
        secrets: [textSecret],
      }),
    ],
  });
});

afterEach(() => auth.close());

type Headers = Readonly<Record<string, string | readonly string[]>>;
let requests = 0;

/** Each from an address of its own, so that the limit of bad credentials stays out of it. */
function post(headers: Headers, content: string = body): RequestView {
  requests += 1;
  return testRequest({ method: "POST", target: "/hooks", headers, body: content, peerAddress: `10.0.${requests >> 8}.${requests & 255}` });
}

const check = (view: RequestView, method: string) => auth.check(view, auth.rule({ methods: [method] }));

async function outcome(view: RequestView, method: string): Promise<string> {
  const decision = await check(view, method);
  return decision.allowed ? "allowed" : decision.refusal.code;
}

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

function standardHeaders(id = "msg_1", at = now, secret = standardSecret, content = body): Record<string, string> {
  return { "webhook-id": id, "webhook-timestamp": seconds(at), "webhook-signature": new Webhook(secret).sign(id, new Date(at), content) };
}

const hmacOf = (text: string, encoding: "hex" | "base64", hash = "sha256"): string =>
  createHmac(hash, textSecret).update(text).digest(encoding);

const githubHeaders = (): Headers => ({ "x-hub-signature-256": `sha256=${hmacOf(body, "hex")}` });

describe("what a sender's own library signs", () => {
  test("Standard Webhooks: is let in as a service with its scopes and the id of the message", async () => {
    const decision = await check(post(standardHeaders()), "billing");
    expect(decision).toMatchObject({
      allowed: true,
      principal: { subject: "billing", kind: "service", method: "billing", scopes: ["invoices:write"], claims: { messageId: "msg_1" } },
    });
  });

  test("Standard Webhooks by Ed25519 is let in", async () => {
    const signature = sign(null, Buffer.from(`msg_2.${seconds(now)}.${body}`), privateKey).toString("base64");
    const headers = { "webhook-id": "msg_2", "webhook-timestamp": seconds(now), "webhook-signature": `v1a,${signature}` };
    expect(await outcome(post(headers), "billing")).toBe("allowed");
  });

  test("GitHub's library signs what is let in here, and verifies the same", async () => {
    const library = new Webhooks({ secret: textSecret });
    const signature = await library.sign(body);
    expect(await library.verify(body, signature)).toBe(true);
    expect(await outcome(post({ "x-hub-signature-256": signature }), "github")).toBe("allowed");
  });

  test("Stripe's library signs what is let in here", async () => {
    const header = new Stripe("sk_test_1").webhooks.generateTestHeaderString({
      payload: body,
      secret: textSecret,
      timestamp: Math.floor(now / 1000),
    });
    expect(await outcome(post({ "stripe-signature": header }), "stripe")).toBe("allowed");
  });

  test("Slack's library verifies what is let in here, and refuses what is refused", async () => {
    const at = Math.floor(now / 1000);
    const slack = (signature: string) =>
      verifySlackRequest({
        signingSecret: textSecret,
        body,
        headers: { "x-slack-signature": signature, "x-slack-request-timestamp": at },
        nowMilliseconds: now,
      });
    const good = `v0=${hmacOf(`v0:${at}:${body}`, "hex")}`;
    const bad = `v0=${hmacOf(`v0:${at}:${body} `, "hex")}`;
    expect(() => slack(good)).not.toThrow();
    expect(() => slack(bad)).toThrow("signature mismatch");
    expect(await outcome(post({ "x-slack-signature": good, "x-slack-request-timestamp": String(at) }), "slack")).toBe("allowed");
    expect(await outcome(post({ "x-slack-signature": bad, "x-slack-request-timestamp": String(at) }), "slack")).toBe(
      "webhook.wrong-signature",
    );
  });

  test("Shopify's form is let in", async () => {
    expect(await outcome(post({ "x-shopify-hmac-sha256": hmacOf(body, "base64") }), "shopify")).toBe("allowed");
  });

  test("a form of one's own is let in", async () => {
    const signature = `hmac=${hmacOf(`m$&1/${seconds(now)}/${body}/end`, "base64", "sha512")}`;
    expect(await outcome(post({ "x-signature": signature, "x-time": seconds(now), "x-id": "m$&1" }), "own")).toBe("allowed");
  });
});

describe("a message that was changed", () => {
  test.each([
    ["one byte", body.replace("100", "101")],
    ["spaces", JSON.stringify(JSON.parse(body), undefined, 1)],
    ["order", '{"amount":100,"type":"invoice.paid"}'],
    ["escapes", body.replace("i", "\\u0069")],
    ["a final line feed", `${body}\n`],
    ["nothing left", ""],
  ])("is refused: %s [attack:WH-01]", async (_, changed) => {
    expect(await outcome(post(standardHeaders(), changed), "billing")).toBe("webhook.wrong-signature");
    expect(await outcome(post(githubHeaders(), changed), "github")).toBe("webhook.wrong-signature");
  });

  test("is refused under another id or time than the signed ones", async () => {
    expect(await outcome(post({ ...standardHeaders(), "webhook-id": "msg_9" }), "billing")).toBe("webhook.wrong-signature");
    expect(await outcome(post({ ...standardHeaders(), "webhook-timestamp": seconds(now + 1000) }), "billing")).toBe(
      "webhook.wrong-signature",
    );
  });

  test("is refused of one sender at the door of another", async () => {
    expect(await outcome(post(githubHeaders()), "billing")).toBe("request.method-not-accepted");
    expect(await outcome(post(standardHeaders()), "other-billing")).toBe("webhook.wrong-signature");
    expect(await outcome(post(standardHeaders("msg_5", now, laterSecret)), "other-billing")).toBe("allowed");
  });
});

describe("a message that comes again", () => {
  test("is refused at once, and until its time has passed [attack:WH-02]", async () => {
    const headers = standardHeaders();
    expect(await outcome(post(headers), "billing")).toBe("allowed");
    expect(await outcome(post(headers), "billing")).toBe("webhook.replayed");
    now = start + 299_000;
    expect(await outcome(post(headers), "billing")).toBe("webhook.replayed");
    now = start + 301_000;
    expect(await outcome(post(headers), "billing")).toBe("webhook.out-of-time");
  });

  test("under the same id but a new time is refused too [attack:WH-02]", async () => {
    expect(await outcome(post(standardHeaders("msg_1", now)), "billing")).toBe("allowed");
    now += 10_000;
    expect(await outcome(post(standardHeaders("msg_1", now)), "billing")).toBe("webhook.replayed");
  });

  test("is refused without an id or time, by its signature", async () => {
    expect(await outcome(post(githubHeaders()), "github")).toBe("allowed");
    now += 86_400_000;
    expect(await outcome(post(githubHeaders()), "github")).toBe("webhook.replayed");
    expect(await outcome(post({ "x-hub-signature-256": `sha256=${hmacOf(body, "hex").toUpperCase()}` }), "github")).toBe(
      "webhook.replayed",
    );
  });

  test("lets one of a hundred parallel deliveries in", async () => {
    const headers = standardHeaders();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(post(headers), "billing")));
    expect(outcomes.filter((one) => one === "allowed")).toHaveLength(1);
  });

  test("is let in when the route answered the first time with a failure, and not after a success", async () => {
    for (const status of [500, 404, 302]) {
      const decision = await check(post(standardHeaders()), "billing");
      expect(decision.allowed).toBe(true);
      if (decision.allowed) decision.answered?.(status);
    }
    const last = await check(post(standardHeaders()), "billing");
    if (last.allowed) last.answered?.(204);
    expect(await outcome(post(standardHeaders()), "billing")).toBe("webhook.replayed");
  });
});

describe("the time of a message", () => {
  test.each([299, -299])("is accepted %i seconds away [attack:WH-02]", async (away) => {
    expect(await outcome(post(standardHeaders("msg_1", now - away * 1000)), "billing")).toBe("allowed");
  });

  test.each([301, -301])("is refused %i seconds away [attack:WH-02]", async (away) => {
    expect(await outcome(post(standardHeaders("msg_1", now - away * 1000)), "billing")).toBe("webhook.out-of-time");
  });

  test.each(["", "NaN", "1e3", "-1", "+1", "1.5", " 1", "0x10", "Infinity", "999999999999999"])(
    "is refused when it is %j [attack:WH-02]",
    async (text) => {
      expect(await outcome(post({ ...standardHeaders(), "webhook-timestamp": text }), "billing")).toBe("webhook.malformed");
      expect(await outcome(post({ "x-slack-signature": "v0=00", "x-slack-request-timestamp": text }), "slack")).toBe("webhook.malformed");
      expect(await outcome(post({ "stripe-signature": `t=${text},v1=00` }), "stripe")).toBe("webhook.malformed");
    },
  );

  test("in milliseconds is out of time [attack:WH-02]", async () => {
    expect(await outcome(post({ ...standardHeaders(), "webhook-timestamp": String(now).slice(0, 11) }), "billing")).toBe(
      "webhook.out-of-time",
    );
  });

  test("is refused when it is missing or there are two [attack:WH-02]", async () => {
    const { "webhook-timestamp": time, ...rest } = standardHeaders();
    expect(await outcome(post(rest), "billing")).toBe("webhook.malformed");
    expect(await outcome(post({ ...rest, "webhook-timestamp": [time!, time!] }), "billing")).toBe("webhook.malformed");
    expect(await outcome(post({ "stripe-signature": `t=1,t=${seconds(now)},v1=00` }), "stripe")).toBe("webhook.malformed");
  });
});

describe("a list of signatures", () => {
  const list = (make: (good: string) => string): Headers => {
    const headers = standardHeaders();
    return { ...headers, "webhook-signature": make(headers["webhook-signature"]!) };
  };

  test("is enough when one of three fits [attack:WH-04]", async () => {
    expect(await outcome(post(list((good) => `v1,${Buffer.alloc(32).toString("base64")} v9,x ${good}`)), "billing")).toBe("allowed");
  });

  test.each([
    ["empty", () => ""],
    ["nothing after the version", () => "v1,"],
    ["an unknown version", (good: string) => good.replace("v1,", "v2,")],
    ["the version of the other kind", (good: string) => good.replace("v1,", "v1a,")],
    ["hexadecimal", (good: string) => `v1,${Buffer.from(good.slice(3), "base64").toString("hex")}`],
    ["too short", (good: string) => `v1,${Buffer.from(good.slice(3), "base64").subarray(0, 16).toString("base64")}`],
    ["no padding", (good: string) => good.replace(/=+$/, "")],
    ["commas between", (good: string) => `v2,x,${good}`],
  ])("is refused without a fault: %s [attack:WH-04]", async (_, make) => {
    expect(await outcome(post(list(make)), "billing")).toBe("webhook.wrong-signature");
  });

  test("is refused beyond the most that is read [attack:WH-04]", async () => {
    expect(await outcome(post(list((good) => `${"v2,x ".repeat(16)}${good}`)), "billing")).toBe("webhook.malformed");
    expect(await outcome(post(list((good) => `${"v2,x ".repeat(10_000)}${good}`)), "billing")).toBe("webhook.malformed");
  });

  test("is refused when the header came twice", async () => {
    const { "webhook-signature": good, ...rest } = standardHeaders();
    expect(await outcome(post({ ...rest, "webhook-signature": [good!, good!] }), "billing")).toBe("webhook.malformed");
  });
});

describe("secrets", () => {
  test("fit old and new while both are given, and the old one not once it is gone [attack:WH-05]", async () => {
    expect(await outcome(post(standardHeaders("a", now, standardSecret)), "billing")).toBe("allowed");
    expect(await outcome(post(standardHeaders("b", now, laterSecret)), "billing")).toBe("allowed");
    expect(await outcome(post(standardHeaders("c", now, standardSecret)), "other-billing")).toBe("webhook.wrong-signature");
  });

  test.each([
    "whsec_%%%",
    "whsec_",
    `whsec_${Buffer.alloc(23).toString("base64")}`,
    `whsec_${Buffer.alloc(65).toString("base64")}`,
    "whpk_AAAA",
  ])("are refused when built: %s [attack:WH-05]", (secret) => {
    expect(() => webhook({ scheme: "standard", secrets: [secret] })).toThrow(expect.objectContaining({ option: "secrets" }));
    expect(() => webhook({ scheme: "standard", secrets: [secret] })).not.toThrow(secret.length > 6 ? secret : "whsec_%");
  });

  test.each([
    ["secrets", { scheme: "github", secrets: [] }],
    ["secrets", { scheme: "github", secrets: ["short"] }],
    ["secrets", { scheme: "github", secrets: [undefined] }],
    ["scheme", { scheme: "gitlub", secrets: [textSecret] }],
    ["scheme", { scheme: "constructor", secrets: [textSecret] }],
    ["tolerance", { scheme: "github", secrets: [textSecret], tolerance: "2h" }],
    ["tolerance", { scheme: "github", secrets: [textSecret], tolerance: "-5m" }],
    ["scopes", { scheme: "github", secrets: [textSecret], scopes: ["a b"] }],
    ["name", { scheme: "github", secrets: [textSecret], name: "Git Hub" }],
    ["bodyLimitBytes", { scheme: "github", secrets: [textSecret], bodyLimitBytes: -1 }],
    ["scheme.header", { scheme: { header: "X Signature" }, secrets: [textSecret] }],
    ["scheme.signed", { scheme: { header: "X-S", signed: "{timestamp}.{body}" }, secrets: [textSecret] }],
    ["scheme.signed", { scheme: { header: "X-S", timestampHeader: "X-T" }, secrets: [textSecret] }],
    ["scheme.algorithm", { scheme: { header: "X-S", algorithm: "md5" }, secrets: [textSecret] }],
  ])("and other options that cannot be used name %s", (option, options) => {
    expect(() => webhook(options as never)).toThrow(expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID", option }));
  });

  test("two methods of one name are refused", async () => {
    const method = webhook({ scheme: "github", secrets: [textSecret] });
    const made = createLatchkey({
      issuer: "http://localhost:3000",
      store: sqlite(":memory:"),
      secret: "a test secret of at least 32 bytes",
      methods: [method, method],
    });
    await expect(made).rejects.toMatchObject({ option: "methods" });
  });
});

test("a body beyond the limit is refused", async () => {
  const small = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    methods: [webhook({ scheme: "github", secrets: [textSecret], bodyLimitBytes: 10 })],
  });
  const request = new Request("http://localhost/", {
    method: "POST",
    body,
    headers: { "x-hub-signature-256": `sha256=${hmacOf(body, "hex")}` },
  });
  expect(await small.check(request, {})).toMatchObject({ allowed: false, refusal: { code: "webhook.too-large", status: 413 } });
  await small.close();
});

test("a store of messages that fails lets nobody in", async () => {
  const broken = { putIfAbsent: () => Promise.reject(new Error("gone")) };
  const failing = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => now },
    methods: [(parts) => webhook({ scheme: "github", secrets: [textSecret] })({ ...parts, ephemeral: { ...parts.ephemeral, ...broken } })],
  });
  await expect(Promise.resolve(failing.check(post(githubHeaders()), failing.rule()))).rejects.toThrow("gone");
  await failing.close();
});
