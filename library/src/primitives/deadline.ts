/**
 * Runs somebody else's function, which may throw, reject or never answer. Rejects with what it threw, or when it took
 * longer; what it does after that is lost.
 */
export async function within<T>(ms: number, ask: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([Promise.resolve().then(ask), late]);
  } finally {
    clearTimeout(timer);
  }
}
