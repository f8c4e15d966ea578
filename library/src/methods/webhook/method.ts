import { type Method, type MethodFactory, OptionFault, spanOption, wholeOption } from "../../contracts/index.ts";
import { isScopeToken, scopeForm } from "../../primitives/index.ts";
import { readWebhook, type WebhookCredential } from "./read.ts";
import type { WebhookScheme } from "./scheme.ts";
import { hmac, type HmacForm, namedSchemes } from "./schemes/index.ts";
import { verifyWebhook } from "./verify.ts";

export interface WebhookOptions {
  /** The sender, or the form in which it signs. */
  readonly scheme: keyof typeof namedSchemes | HmacForm;
  /** What it signs with. Several while it rotates: any one fits. */
  readonly secrets: readonly string[];
  /** What a rule calls it, and the principal's subject; a name of its own for each sender. Default `webhook`. */
  readonly name?: string;
  /** What its messages may. Default: nothing but what its route asks no scope for. */
  readonly scopes?: readonly string[];
  /** How old, or how far in the future, a message may be. Default `"5m"`; at most an hour. */
  readonly tolerance?: string;
  /** How long a message is remembered, where the scheme has no time. Default `"3d"`, longer than senders try. */
  readonly remember?: string;
  /** Longest body. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

const hourMs = 3_600_000;

/**
 * Signed webhooks, as a method of the gate: the route runs once for each message, with the sender as its principal.
 *
 *     createLatchkey({ methods: [webhook({ name: "github", scheme: "github", secrets: [secret] })], … });
 *     app.post("/hooks/github", guard(auth, { methods: ["github"] }), handler);
 *
 * Throws an OptionFault for options that cannot be used.
 */
export function webhook(options: WebhookOptions): MethodFactory {
  const name = checkName(options.name ?? "webhook");
  const scheme = schemeOf(options.scheme);
  const keys = checkSecrets(options.secrets).map((secret) => scheme.key(secret));
  const toleranceMs = spanOption("tolerance", options.tolerance ?? "5m", { most: hourMs, example: '"5m"' });
  const rememberMs = spanOption("remember", options.remember ?? "3d", { most: 30 * 24 * hourMs, example: '"3d"' });
  const scopes = checkScopes(options.scopes ?? []);
  const bodyLimitBytes = wholeOption("bodyLimitBytes", options.bodyLimitBytes ?? 1_048_576, { most: 104_857_600, example: "1048576" });
  return ({ ephemeral, onFault }): Method => {
    const parts = { name, keys, scopes, toleranceMs, rememberMs, bodyLimitBytes, ephemeral, onFault };
    return {
      name,
      ambient: false,
      reusable: false,
      queryParameters: [],
      read: (view) => readWebhook(view, name, scheme),
      verify: (credential, attempt) => verifyWebhook(credential as WebhookCredential, attempt, parts),
      // A signature is not a scheme of RFC 9110: there is nothing to ask for by WWW-Authenticate.
      challenge: () => undefined,
    };
  };
}

function schemeOf(wanted: WebhookOptions["scheme"]): WebhookScheme {
  if (typeof wanted === "object" && wanted !== null) return hmac(wanted);
  if (typeof wanted === "string" && Object.hasOwn(namedSchemes, wanted)) return namedSchemes[wanted];
  const names = Object.keys(namedSchemes).join(", ");
  throw new OptionFault("scheme", {
    got: wanted,
    allowed: `${names}, or the form of an HMAC`,
    example: '"github" or { header: "X-Signature" }',
  });
}

function checkName(name: string): string {
  if (typeof name === "string" && /^[a-z][a-z0-9-]{0,39}$/.test(name)) return name;
  throw new OptionFault("name", { got: name, allowed: "1 to 40 lower-case letters, digits and dashes", example: '"github"' });
}

function checkSecrets(secrets: readonly string[]): readonly string[] {
  if (Array.isArray(secrets) && secrets.length > 0 && secrets.length <= 10) return secrets;
  throw new OptionFault("secrets", { got: secrets, allowed: "a list of 1 to 10 secrets", example: "[process.env.GITHUB_WEBHOOK_SECRET]" });
}

function checkScopes(scopes: readonly string[]): readonly string[] {
  const bad = scopes.find((scope) => !isScopeToken(scope));
  if (bad === undefined) return Object.freeze([...scopes]);
  throw new OptionFault("scopes", { got: bad, allowed: scopeForm, example: '["orders:read"]' });
}
