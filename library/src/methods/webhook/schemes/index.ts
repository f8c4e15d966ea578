import type { WebhookScheme } from "../scheme.ts";
import { github } from "./github.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { standard } from "./standard.ts";
import { stripe } from "./stripe.ts";

export { hmac, type HmacForm } from "./hmac.ts";

/** The senders that need no description. */
export const namedSchemes = { standard, github, stripe, slack, shopify } as const satisfies Record<string, WebhookScheme>;
