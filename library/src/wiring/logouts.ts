import { type ClientSource, createIssueLogoutToken, createLogoutSender, type Subjects } from "../methods/oauth/server/index.ts";
import { fetchPublic } from "../outbound/index.ts";
import type { OAuthWiring } from "./oauth-wiring.ts";

/** What tells apps of logouts, beside the requests. */
export interface Logouts {
  /** Begins to look for what is due. */
  start(): void;
  /** Tells everybody who is to be told now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Tells clients of logouts, at addresses of their own choice: never into our network, but for a developer's machine. */
export function wireLogouts({ settings, trail, logouts, tokens }: OAuthWiring, clients: ClientSource, subjects: Subjects): Logouts {
  const { store, clock, issuer, onFault } = settings;
  const limits = { timeoutMs: 5_000, maxBytes: 65_536, allowPrivate: issuer.startsWith("http:") };
  const headers = { "content-type": "application/x-www-form-urlencoded", "user-agent": "Latchkey-Logout/1" };
  const sender = createLogoutSender({
    store,
    clock,
    trail,
    clients,
    issue: createIssueLogoutToken({ issuer, clock, subjects, signer: tokens.signingKeys.signer }),
    post: (url, body) => fetchPublic(url, { ...limits, withoutBody: true, method: "POST", headers, body }),
    onFault,
  });
  logouts.onQueued(sender.wakeSoon);
  return {
    start: sender.start,
    async flush() {
      await sender.drain();
    },
    stop: sender.stop,
  };
}
