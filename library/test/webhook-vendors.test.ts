// Each sender's own library beside our method: what it signs is let in here, and what it refuses is refused here.
import { Webhooks } from "@octokit/webhooks";
import { verifySlackRequest } from "@slack/bolt";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testClock, testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";
import { webhook } from "latchkey/webhook";

type Headers = Readonly<Record<string, string>>;

interface Vendor {
  readonly scheme: "standard" | "github" | "stripe" | "slack";
  readonly secret: string;
  readonly other: string;
  /** Where the signature is, and where the time is if it is not there too. */
  readonly signature: string;
  readonly time?: string;
  /** What is before a signature, and what another kind would have there. */
  readonly labels: readonly [string, string];
  sign(body: string, atMs: number, secret: string): Headers | Promise<Headers>;
  /** Throws, or answers false, for what it refuses. */
  verify(body: string, headers: Headers): unknown;
}

const start = Date.parse("2026-11-30T12:00:00Z");
const text = "a secret that sender and receiver have";
const stripe = new Stripe("sk_test_1");
const seconds = (ms: number) => Math.floor(ms / 1_000);

const vendors: readonly Vendor[] = [
  {
    scheme: "standard",
    secret: `whsec_${Buffer.alloc(32, 1).toString("base64")}`,
    other: `whsec_${Buffer.alloc(32, 2).toString("base64")}`,
    signature: "webhook-signature",
    time: "webhook-timestamp",
    labels: ["v1,", "v2,"],
    sign: (body, at, secret) => ({
      "webhook-id": "msg_1",
      "webhook-timestamp": String(seconds(at)),
      "webhook-signature": new Webhook(secret).sign("msg_1", new Date(at), body),
    }),
    verify: (body, headers) => new Webhook(vendors[0]!.secret).verify(body, headers),
  },
  {
    scheme: "github",
    secret: text,
    other: `${text}!`,
    signature: "x-hub-signature-256",
    labels: ["sha256=", "sha1="],
    sign: async (body, _at, secret) => ({ "x-hub-signature-256": await new Webhooks({ secret }).sign(body) }),
    verify: (body, headers) => new Webhooks({ secret: text }).verify(body, headers["x-hub-signature-256"]!),
  },
  {
    scheme: "stripe",
    secret: text,
    other: `${text}!`,
    signature: "stripe-signature",
    labels: ["v1=", "v0="],
    sign: (payload, at, secret) => ({
      "stripe-signature": stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: seconds(at) }),
    }),
    verify: (body, headers) => stripe.webhooks.constructEvent(body, headers["stripe-signature"]!, text),
  },
  {
    scheme: "slack",
    secret: text,
    other: `${text}!`,
    signature: "x-slack-signature",
    time: "x-slack-request-timestamp",
    labels: ["v0=", "v1="],
    // Slack's library verifies only.
    sign: (body, at, secret) => ({
      "x-slack-request-timestamp": String(seconds(at)),
      "x-slack-signature": `v0=${createHmac("sha256", secret)
        .update(`v0:${seconds(at)}:${body}`)
        .digest("hex")}`,
    }),
    verify: (body, headers) =>
      verifySlackRequest({
        signingSecret: text,
        body,
        headers: {
          "x-slack-signature": headers["x-slack-signature"]!,
          "x-slack-request-timestamp": Number(headers["x-slack-request-timestamp"]),
        },
      }),
  },
];

interface Message {
  readonly body: string;
  readonly headers: Headers;
}
type Change = (vendor: Vendor, message: Message) => Message | Promise<Message>;

const body = '{"type":"invoice.paid","amount":100}';
const signed = async (vendor: Vendor, at = start, secret = vendor.secret): Promise<Message> => ({
  body,
  headers: await vendor.sign(body, at, secret),
});
const signature =
  (change: (value: string, vendor: Vendor) => string): Change =>
  (vendor, { body: sent, headers }) => ({
    body: sent,
    headers: { ...headers, [vendor.signature]: change(headers[vendor.signature]!, vendor) },
  });
const without = ({ body: sent, headers }: Message, name: string | undefined): Message => ({
  body: sent,
  headers: Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name)),
});
const content =
  (change: (value: string) => string): Change =>
  (_vendor, { body: sent, headers }) => ({ body: change(sent), headers });

const changes: Readonly<Record<string, Change>> = {
  "a byte of the body changed": content((sent) => sent.replace("100", "900")),
  "a line feed added": content((sent) => `${sent}\n`),
  "the body written anew": content((sent) => JSON.stringify(JSON.parse(sent), undefined, 1)),
  "no body": content(() => ""),
  "another secret": (vendor) => signed(vendor, start, vendor.other),
  "an hour ago": (vendor) => signed(vendor, start - 3_600_000),
  "six minutes ago": (vendor) => signed(vendor, start - 360_000),
  "no signature": (vendor, message) => without(message, vendor.signature),
  "an empty signature": signature(() => ""),
  "a label without its signature": signature((value, { labels }) => value.slice(0, value.indexOf(labels[0]) + labels[0].length)),
  "a signature cut by a character": signature((value) => value.slice(0, -1)),
  "a signature with a character more": signature((value) => `${value}0`),
  "a character of it changed": signature((value) => value.replace(/.{5}$/, (end) => (end.startsWith("a") ? "b" : "a") + end.slice(1))),
  "a label of another kind": signature((value, { labels: [own, other] }) => value.replace(own, other)),
  "another time than the signed one": (vendor, { body: sent, headers }) => ({
    body: sent,
    headers:
      vendor.time === undefined
        ? { ...headers, [vendor.signature]: headers[vendor.signature]!.replace(/t=\d+/, `t=${seconds(start) + 1}`) }
        : { ...headers, [vendor.time]: String(seconds(start) + 1) },
  }),
  "a time that is no number": (vendor, { body: sent, headers }) => ({
    body: sent,
    headers:
      vendor.time === undefined
        ? { ...headers, [vendor.signature]: headers[vendor.signature]!.replace(/t=\d+/, "t=now") }
        : { ...headers, [vendor.time]: "now" },
  }),
  "no time": (vendor, message) =>
    vendor.time === undefined ? signature((value) => value.replace(/t=\d+,/, ""))(vendor, message) : without(message, vendor.time),
};

let auth: TestLatchkey;
beforeEach(async () => {
  // Their libraries ask the clock of the machine.
  vi.useFakeTimers({ toFake: ["Date"], now: start });
  auth = await testLatchkey({
    clock: testClock(new Date(start).toISOString()),
    methods: vendors.map(({ scheme, secret }) => webhook({ name: scheme, scheme, secrets: [secret] })),
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await auth.close();
});

const isTakenHere = async ({ scheme }: Vendor, sent: Message) => {
  const view = testRequest({ method: "POST", target: "/hook", headers: sent.headers, body: sent.body });
  return (await auth.check(view, auth.rule({ methods: [scheme] }))).allowed;
};
const isTakenThere = async (vendor: Vendor, sent: Message) => {
  try {
    return (await vendor.verify(sent.body, sent.headers)) !== false;
  } catch {
    return false;
  }
};

/** What no library of theirs looks at: GitHub signs no time. */
const timeless = ["an hour ago", "six minutes ago", "another time than the signed one", "a time that is no number", "no time"];

describe.each(vendors.map((vendor) => [vendor.scheme, vendor] as const))("%s", (scheme, vendor) => {
  test("what its library signs, and takes, is let in", async () => {
    const message = await signed(vendor);
    expect([await isTakenThere(vendor, message), await isTakenHere(vendor, message)]).toEqual([true, true]);
  });

  test.each(Object.entries(changes))("what its library refuses is refused: %s", async (name, change) => {
    const message = await change(vendor, await signed(vendor));
    const there = await isTakenThere(vendor, message);
    expect(there).toBe(scheme === "github" && timeless.includes(name));
    expect(await isTakenHere(vendor, message)).toBe(there);
  });
});
