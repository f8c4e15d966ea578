/** `latchkey/webhook`: messages signed by their sender. The last rows of the guide's table. */
export { webhook, type WebhookOptions } from "./method.ts";
export { signWebhook, verifyWebhookMessage } from "./message.ts";
export { webhookRefusals } from "./refusals.ts";
export type { HmacForm } from "./schemes/index.ts";
