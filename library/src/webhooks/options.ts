import { OptionFault, spanOption, wholeOption } from "../contracts/index.ts";

/** `webhooks` of the options: how messages are delivered. */
export interface WebhookSendOptions {
  /** Whether endpoints may lie in private networks, there also over http. Default: with an issuer on loopback (development) only. */
  readonly allowPrivate?: boolean;
  /** For one try: name, connection and answer. Default `"15s"`. */
  readonly timeout?: string;
  /** How long after each failed try the next one is made. Default: 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h: more than three days. */
  readonly retries?: readonly string[];
  /** An endpoint at which nothing has succeeded for so long is disabled. Default `"5d"`. */
  readonly disableAfter?: string;
  /** How long finished deliveries are listed. Default `"30d"`. */
  readonly keep?: string;
  /** How many tries are under way at once, of this process. Default 64. */
  readonly atOnce?: number;
  /** `false`: this process queues, and others on the database deliver. */
  readonly deliver?: boolean;
}

export interface WebhookSettings {
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly retriesMs: readonly number[];
  readonly disableAfterMs: number;
  readonly keepMs: number;
  readonly atOnce: number;
  readonly deliver: boolean;
}

const dayMs = 86_400_000;
const usualRetries = ["5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"];

/** Checks the options. Throws an OptionFault. */
export function readWebhookOptions(options: WebhookSendOptions = {}, issuer: string): WebhookSettings {
  const retries = options.retries ?? usualRetries;
  if (!Array.isArray(retries) || retries.length > 50)
    throw new OptionFault("webhooks.retries", { got: retries, allowed: "a list of at most 50 spans", example: '["5s", "5m", "1h"]' });
  return {
    allowPrivate: options.allowPrivate ?? issuer.startsWith("http:"),
    timeoutMs: spanOption("webhooks.timeout", options.timeout ?? "15s", { most: 60_000, example: '"15s"' }),
    retriesMs: retries.map((text: string) => spanOption("webhooks.retries", text, { most: 7 * dayMs, example: '["5s", "5m", "1h"]' })),
    disableAfterMs: spanOption("webhooks.disableAfter", options.disableAfter ?? "5d", { most: 365 * dayMs, example: '"5d"' }),
    keepMs: spanOption("webhooks.keep", options.keep ?? "30d", { most: 365 * dayMs, example: '"30d"' }),
    atOnce: wholeOption("webhooks.atOnce", options.atOnce ?? 64, { most: 1_000, example: "64" }),
    deliver: options.deliver ?? true,
  };
}
