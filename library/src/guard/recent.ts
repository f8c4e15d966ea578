/** The digests of secrets that were good a moment ago. */
export interface RecentDigests {
  find(secret: string): string | undefined;
  keep(secret: string, digest: string): void;
}

/** Hardly longer than the text of a request lies in memory anyway, until the collector comes. */
const keptMs = 1_000;
const most = 1_000;

/**
 * To hash a secret costs 3 µs in a server at work, whose caches the kernel empties between two requests: more than all
 * other checks of a warm credential. So those that come again and again are known by their text, at most a thousand for at
 * most a second. Only what the digest is, never what it is worth. Not for what people choose: a password is worth more
 * than the time.
 */
export function createRecentDigests(): RecentDigests {
  const digests = new Map<string, string>();
  return {
    find: (secret) => digests.get(secret),
    keep(secret, digest) {
      if (digests.size >= most) return;
      if (digests.size === 0) setTimeout(() => digests.clear(), keptMs).unref();
      digests.set(secret, digest);
    },
  };
}
