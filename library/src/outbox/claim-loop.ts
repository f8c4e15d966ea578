interface ClaimLoopParts<Row> {
  /** Takes on rows that are due and that no other process has, at most `room`. Never asked again before it has answered. */
  readonly claim: (room: number, underWay: readonly Row[]) => Promise<readonly Row[]>;
  /** Makes one try, and writes down what came of it. */
  readonly attempt: (row: Row) => Promise<void>;
  /** How many tries may be under way at once. */
  readonly atOnce: number;
  /** How often to look for what another process queued, or left when it died. */
  readonly pollMs: number;
  readonly onFault: (error: unknown) => void;
}

export interface ClaimLoop {
  /** Looks for what is due from now on, by a timer that does not keep the process alive. */
  start(): void;
  /** Begins tries for what is due, as many as there is room for; each that ends makes room for the next. */
  wake(): void;
  /** Wakes in a moment: the transaction in which a row was put has ended by then. */
  wakeSoon(): void;
  /** Tries until nothing is due and nothing under way, and answers how many tries that took. Rejects when a claim does. */
  drain(): Promise<number>;
  /** Begins nothing new, and resolves when what is under way has ended. */
  stop(): Promise<void>;
}

const soonMs = 10;

/** Works on the rows of an outbox, some at a time. What a claim or a try throws is a fault, and ends nothing but itself. */
export function createClaimLoop<Row extends object>({ claim, attempt, atOnce, pollMs, onFault }: ClaimLoopParts<Row>): ClaimLoop {
  const underWay = new Map<Row, Promise<void>>();
  let claiming: Promise<number> | undefined;
  let again = false;
  let begun = 0;
  let stopped = false;
  let poll: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;

  async function claimMore(): Promise<number> {
    const room = atOnce - underWay.size;
    if (stopped || room < 1) return 0;
    const rows = await claim(room, [...underWay.keys()]);
    for (const row of rows) begin(row);
    return rows.length;
  }

  function begin(row: Row): void {
    begun += 1;
    const trying = attempt(row)
      .catch(onFault)
      .finally(() => {
        underWay.delete(row);
        wake();
      });
    underWay.set(row, trying);
  }

  /** One claim at a time: two would take the same room for granted. */
  function claimOnce(): Promise<number> {
    claiming ??= claimMore().finally(() => {
      claiming = undefined;
      const wanted = again;
      again = false;
      if (wanted) wake();
    });
    return claiming;
  }

  function wake(): void {
    // Room or rows that come while a claim is under way are for the next one.
    if (claiming !== undefined) again = true;
    else if (!stopped) claimOnce().catch(onFault);
  }

  return {
    start: () => void (poll ??= setInterval(wake, pollMs).unref()),
    wake,
    wakeSoon: () => void (soon ??= setTimeout(() => ((soon = undefined), wake()), soonMs).unref()),
    async drain() {
      const before = begun;
      // A claim that is under way may have looked before the last row was there.
      await claiming?.catch(() => undefined);
      for (;;) {
        const claimed = await claimOnce();
        if (underWay.size > 0) await Promise.race(underWay.values());
        else if (claimed === 0 && claiming === undefined) return begun - before;
      }
    },
    async stop() {
      stopped = true;
      clearInterval(poll);
      clearTimeout(soon);
      await claiming?.catch(() => undefined);
      await Promise.all(underWay.values());
    },
  };
}
