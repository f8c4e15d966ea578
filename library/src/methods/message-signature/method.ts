import { type Method, type MethodFactory, OptionFault, spanOption, wholeOption } from "../../contracts/index.ts";
import { createHolders, type MessageKey } from "./keys.ts";
import { checkOrigins } from "./place.ts";
import { readSignature, type SignatureCredential } from "./read.ts";
import { checkComponents, defaultComponents } from "./required.ts";
import { verifySignature } from "./verify.ts";

export interface MessageSignatureOptions {
  /** The origins by which clients know this API, `"https://api.example.com"`: a signature for another host is none for here. */
  readonly origins: readonly string[];
  /** Keys of programs that are known here. */
  readonly keys?: readonly MessageKey[];
  /** Whether clients of OAuth sign with the keys of their registration (`jwks`, `jwks_uri`); keyid `<client_id>#<kid>`. Default: no. */
  readonly clients?: boolean;
  /** What a signature has to cover, beside the digest of a body. Default `@method` and `@target-uri`, or what says as much. */
  readonly components?: readonly string[];
  /** Only signatures with this tag are meant for here. Default: those without. */
  readonly tag?: string;
  /** How far in the future `created` may lie. Default `"30s"`; at most an hour. */
  readonly tolerance?: string;
  /** How old a signature may be. Default `"5m"`; at most an hour. */
  readonly maxAge?: string;
  /** Whether each request needs a nonce. One that is sent is good once in any case. Default: yes. */
  readonly requireNonce?: boolean;
  /** Longest body. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

const hourMs = 3_600_000;
const name = "message-signature";

/**
 * Requests that their sender signs (RFC 9421), as a method of the gate.
 *
 *     createLatchkey({ methods: [messageSignature({ origins: ["https://api.example.com"], keys: [{ keyid, alg: "ed25519", key, as: "svc_billing" }] })], … });
 *
 * Throws an OptionFault for options that cannot be used.
 */
export function messageSignature(options: MessageSignatureOptions): MethodFactory {
  const { keys = [], clients = false, tag, requireNonce = true, bodyLimitBytes = 1_048_576 } = options;
  const origins = checkOrigins(options.origins);
  const components = checkComponents(options.components ?? defaultComponents);
  const toleranceMs = spanOption("tolerance", options.tolerance ?? "30s", { most: hourMs, example: '"30s"' });
  const maxAgeMs = spanOption("maxAge", options.maxAge ?? "5m", { most: hourMs, example: '"5m"' });
  checkWhose(keys, clients);
  checkTag(tag);
  wholeOption("bodyLimitBytes", bodyLimitBytes, { most: 104_857_600, example: "1048576" });
  createHolders(keys, undefined);
  const asked = challengeOf(components, tag);
  return ({ ephemeral, clientKeys }): Method => {
    if (clients && clientKeys === undefined)
      throw new OptionFault("clients", { got: true, allowed: "true only beside clients of its own: createLatchkey", example: "false" });
    const findHolder = createHolders(keys, clients ? clientKeys : undefined);
    const parts = { name, origins, components, toleranceMs, maxAgeMs, requireNonce, bodyLimitBytes, findHolder, ephemeral };
    return {
      name,
      ambient: false,
      // A signature is over one request.
      reusable: false,
      queryParameters: [],
      read: (view) => readSignature(view, name, tag),
      verify: (credential, attempt) => verifySignature(credential as SignatureCredential, attempt, parts),
      // No scheme of RFC 9110: RFC 9421 s.5.1 asks by a field of its own.
      challenge: () => undefined,
      challengeFields: { "accept-signature": asked },
    };
  };
}

/** Accept-Signature (RFC 9421 s.5.1): what a signature has to be like. */
function challengeOf(components: readonly string[], tag: string | undefined): string {
  const list = components.map((one) => `"${one}"`).join(" ");
  return `sig=(${list});created${tag === undefined ? "" : `;tag="${tag}"`}`;
}

function checkWhose(keys: readonly MessageKey[], clients: boolean): void {
  if (Array.isArray(keys) && (keys.length > 0 || clients === true)) return;
  throw new OptionFault("keys", {
    got: keys,
    allowed: "a list of keys, or clients: true",
    example: '[{ keyid, alg: "ed25519", key, as }]',
  });
}

function checkTag(tag: string | undefined): void {
  if (tag === undefined || (typeof tag === "string" && /^[A-Za-z0-9._:/-]{1,100}$/.test(tag))) return;
  throw new OptionFault("tag", { got: tag, allowed: "1 to 100 letters, digits and . _ : / -", example: '"billing-api"' });
}
