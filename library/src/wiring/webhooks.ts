import { createSealer, deriveKeys } from "../primitives/index.ts";
import { createWebhooks, type WebhookRoom } from "../webhooks/index.ts";
import type { House } from "./house.ts";

/** What is sent to others, once the endpoints are read. Rejects with a Fault when the store does not answer. */
export async function wireWebhooks({ settings, outbox, trail, change, changes }: House): Promise<WebhookRoom> {
  const { store, clock, onFault, secrets } = settings;
  const sealer = createSealer(deriveKeys(secrets, "webhook-secret"));
  const webhooks = createWebhooks({ store, clock, settings: settings.webhooks, outbox, sealer, trail, change, onFault });
  changes.onChange((changedId) => webhooks.changed(changedId));
  await webhooks.start();
  return webhooks;
}
