/** Webhooks sent: endpoints of others that are told what happens here, signed, until they have taken it. */
export { createWebhookOutbox, type WebhookOutbox } from "./outbox.ts";
export { readWebhookOptions, type WebhookSendOptions, type WebhookSettings } from "./options.ts";
export type { WebhookDelivery, WebhookEndpoint } from "./record.ts";
export { webhookTables } from "./table.ts";
export type { WebhookEvent } from "./event.ts";
export type { EndpointOptions } from "./endpoint-options.ts";
export { createWebhooks, type WebhookRoom, type Webhooks } from "./webhooks.ts";
