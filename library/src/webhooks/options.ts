import { OptionFault } from "../contracts/index.ts";
import { durationForm, parseDuration } from "../primitives/index.ts";

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
  const { atOnce = 64 } = options;
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > 1_000)
    throw new OptionFault("webhooks.atOnce", { got: atOnce, allowed: "a whole number from 1 to 1000", example: "64" });
  return {
    allowPrivate: options.allowPrivate ?? issuer.startsWith("http:"),
    timeoutMs: span("timeout", options.timeout ?? "15s", 60_000),
    retriesMs: retries.map((text: string) => span("retries", text, 7 * dayMs)),
    disableAfterMs: span("disableAfter", options.disableAfter ?? "5d", 365 * dayMs),
    keepMs: span("keep", options.keep ?? "30d", 365 * dayMs),
    atOnce,
    deliver: options.deliver ?? true,
  };
}

function span(option: string, text: string, mostMs: number): number {
  const ms = typeof text === "string" ? parseDuration(text) : undefined;
  if (ms !== undefined && ms <= mostMs) return ms;
  throw new OptionFault(`webhooks.${option}`, { got: text, allowed: `${durationForm}, at most ${mostMs}ms`, example: '"15s"' });
}
