import type { MaybePromise } from "../contracts/index.ts";
import type { Latchkey } from "../face.ts";

interface Flushed {
  flush(): Promise<void>;
}

interface Stopped {
  stop(): MaybePromise<void>;
}

interface Closed {
  close(): MaybePromise<void>;
}

interface Running {
  readonly mail: Flushed & Closed;
  readonly changes: Stopped;
  readonly webhooks: Stopped;
  readonly oauth: { readonly logouts: Flushed & Stopped };
  readonly session: Flushed & Stopped;
  readonly tokens: Stopped;
  readonly social: Closed;
  readonly audit: Flushed & Stopped;
  readonly ephemeral: Closed;
  readonly store: Closed;
}

/** What runs in the background, made durable and stopped; the stores last, since the others still write to them. */
export function createLifecycle({
  mail,
  changes,
  webhooks,
  oauth,
  session,
  tokens,
  social,
  audit,
  ephemeral,
  store,
}: Running): Pick<Latchkey, "flush" | "close"> {
  return {
    async flush() {
      await mail.flush();
      await session.flush();
      await oauth.logouts.flush();
      await audit.flush();
    },
    async close() {
      await mail.close();
      await changes.stop();
      await webhooks.stop();
      await oauth.logouts.stop();
      await session.stop();
      await tokens.stop();
      await social.close();
      await audit.stop();
      await ephemeral.close();
      await store.close();
    },
  };
}
