import { createPrivateKey, createSecretKey, KeyObject } from "node:crypto";
import { OptionFault, systemClock } from "../../contracts/index.ts";
import { type BareItem, type InnerList, type Item, randomOctets, signingKey, writeMember } from "../../primitives/index.ts";
import { isMessageAlgorithm, jwsAlgorithmOf, type MessageAlgorithm, messageAlgorithms } from "./algorithms.ts";
import { signatureBase } from "./base.ts";
import { contentDigest } from "./digest.ts";

export interface SignOptions {
  readonly keyid: string;
  readonly alg: MessageAlgorithm;
  /** A private key as PEM or KeyObject; for `hmac-sha256` the bytes that both sides keep. */
  readonly key: string | Uint8Array | KeyObject;
  /** What is covered, beside the digest of a body. Default `@method` and `@target-uri`. */
  readonly components?: readonly string[];
  readonly tag?: string;
  /** After how many seconds it ends. Default: it has no end of its own. */
  readonly expiresInSeconds?: number;
  /** Now, in milliseconds since the epoch. Default: the clock of the machine. */
  readonly at?: number;
}

/** What is signed of a request. */
export interface RequestToSign {
  readonly method: string;
  readonly url: string | URL;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The fields to add to a request: `signature-input`, `signature`, and with a body `content-digest`. Throws an OptionFault. */
export function signRequest(request: RequestToSign, options: SignOptions): Readonly<Record<string, string>> {
  const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
  const digest: Record<string, string> = body === undefined || body.length === 0 ? {} : { "content-digest": contentDigest(body) };
  const headers = { ...request.headers, ...digest };
  const names = [...new Set([...(options.components ?? ["@method", "@target-uri"]), ...Object.keys(digest)])];
  const input: InnerList = { kind: "list", items: names.map(component), parameters: parametersOf(options) };
  const url = new URL(request.url);
  const header = (name: string) => (Object.hasOwn(headers, name) ? headers[name] : undefined);
  const base = signatureBase({ method: request.method, target: url.pathname + url.search, origin: url.origin, header }, input);
  if (typeof base !== "string")
    throw new OptionFault("components", { got: base.problem, allowed: "what is in the request", example: '["@method", "@target-uri"]' });
  const signature = keyOf(options).sign(Buffer.from(base, "latin1")).toString("base64");
  return { ...digest, "signature-input": `sig=${writeMember(input)}`, signature: `sig=:${signature}:` };
}

/**
 * A `fetch` that signs what it sends, and otherwise does what its options say. A body is read whole, for its digest. A redirect is not
 * followed, or an error where that was asked for: the signature is for one place.
 */
export function signingFetch(options: Omit<SignOptions, "at">, send: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    // A copy with other options forgets these two.
    const { method, url, redirect, referrer, referrerPolicy } = request;
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const added = signRequest({ method, url, headers: Object.fromEntries(request.headers), body }, options);
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(added)) headers.set(name, value);
    const rest = {
      headers,
      referrer,
      referrerPolicy,
      redirect: redirect === "error" ? redirect : "manual",
      ...(body.length === 0 ? {} : { body }),
    } as const;
    return send(new Request(request, rest));
  };
}

const component = (name: string): Item => ({ kind: "item", item: { kind: "string", value: name }, parameters: new Map() });

function parametersOf({ keyid, alg, tag, expiresInSeconds, at = systemClock.now() }: SignOptions): ReadonlyMap<string, BareItem> {
  const created = Math.floor(at / 1_000);
  const parameters = new Map<string, BareItem>([["created", { kind: "integer", value: created }]]);
  if (expiresInSeconds !== undefined) parameters.set("expires", { kind: "integer", value: created + Math.floor(expiresInSeconds) });
  parameters.set("nonce", { kind: "string", value: randomOctets(18).toString("base64url") });
  parameters.set("keyid", { kind: "string", value: keyid });
  parameters.set("alg", { kind: "string", value: alg });
  if (tag !== undefined) parameters.set("tag", { kind: "string", value: tag });
  return parameters;
}

function keyOf({ alg, key }: SignOptions) {
  if (!isMessageAlgorithm(alg)) throw new OptionFault("alg", { got: alg, allowed: messageAlgorithms.join(", "), example: '"ed25519"' });
  const made = key instanceof KeyObject ? key : alg === "hmac-sha256" ? createSecretKey(Buffer.from(key)) : createPrivateKey(key as string);
  return signingKey(jwsAlgorithmOf(alg), made);
}
