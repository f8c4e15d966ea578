/**
 * Hashes that Node's thread pool computes: imported ones of other kinds, and argon2 where it has no thread of its own. One
 * thread of the pool stays free, because the log of SQLite is synced in it, files are read and names looked up.
 */
export async function inThreadPool<Result>(job: () => Promise<Result>): Promise<Result> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resume) => waiting.push(resume));
  try {
    return await job();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
}

/** As many as libuv makes of it: four, unless the environment says otherwise. */
const poolSize = Number(process.env["UV_THREADPOOL_SIZE"] ?? 4) || 4;

// One count for the process, as the pool is. The queue before it bounds how many wait.
let free = Math.max(1, Math.min(poolSize, 1_024) - 1);
const waiting: (() => void)[] = [];
