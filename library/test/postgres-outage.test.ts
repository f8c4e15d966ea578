import { afterAll, beforeAll, expect, test } from "vitest";
import { createLatchkey, Fault, type Latchkey } from "latchkey";
import { type Engine, startPostgres } from "./engines.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { keyRequest } from "./request.ts";
import { describeWithPostgresPrograms } from "./services.ts";

describeWithPostgresPrograms("PostgreSQL of its own, restarted under load", () => {
  let engine: Engine;
  let nodes: readonly Latchkey[] = [];
  const told: unknown[] = [];

  beforeAll(async () => {
    engine = await startPostgres();
    nodes = await Promise.all([open(), open()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close().catch(() => undefined)));
    await engine.remove();
  });

  const open = (): Promise<Latchkey> =>
    createLatchkey({
      issuer: "http://localhost:3000",
      store: patientPostgres(engine.url, { connections: 5, onFault: (error) => told.push(error) }),
      secret: "a test secret of at least 32 bytes",
      // Small, so that most checks ask the database.
      cache: { entries: 2 },
      onFault: (error) => told.push(error),
    });

  // fast: SIGINT; immediate: SIGQUIT; and kill -9.
  test.each(["SIGINT", "SIGQUIT", "SIGKILL"] as const)(
    "%s: only faults while it is down, no valid key is refused, everything acknowledged holds, and it works again by itself [attack:ST-01]",
    async (signal) => {
      const steady: string[] = [];
      for (let made = 0; made < 10; made += 1) steady.push((await nodes[0]!.apiKeys.issue({ name: "before" })).key);
      const ledger = { valid: new Map<string, string>(), revoked: new Set<string>() };
      const running = { on: true };
      const refused: string[] = [];
      const faultCodes = new Set<string>();
      let [answered, faults] = [0, 0];
      const work = async (worker: number): Promise<void> => {
        const auth = nodes[worker % nodes.length]!;
        const rule = auth.rule();
        for (let turn = worker; running.on; turn += 1) {
          try {
            if (turn % 5 === 0) {
              const { key, record } = await auth.apiKeys.issue({ name: "during" });
              ledger.valid.set(key, record.id);
            } else if (turn % 7 === 0 && ledger.valid.size > 0) {
              const [key, id] = [...ledger.valid][0]!;
              ledger.valid.delete(key);
              // Acknowledged, it must hold; not acknowledged, it may or may not.
              if (await auth.apiKeys.revoke(id)) ledger.revoked.add(key);
            } else {
              const decision = await auth.check(keyRequest(steady[turn % steady.length]!), rule);
              if (!decision.allowed) refused.push(decision.refusal.code);
            }
            answered += 1;
          } catch (error) {
            faultCodes.add(error instanceof Fault ? error.code : String(error));
            faults += 1;
          }
          await new Promise((resume) => setTimeout(resume, 5));
        }
      };
      const load = Promise.all(Array.from({ length: 12 }, (_, worker) => work(worker)));
      const untilMore = async (count: () => number): Promise<void> => {
        for (const from = count(); count() < from + 20;) await new Promise((resume) => setTimeout(resume, 5));
      };

      await untilMore(() => answered);
      await engine.stop(signal);
      await untilMore(() => faults);
      await engine.start();
      await untilMore(() => answered);
      running.on = false;
      await load;
      expect(refused).toEqual([]);
      // Busy: every connection was still waiting for the server that had gone.
      expect([...faultCodes].filter((code) => code !== "LATCHKEY_STORE_BUSY")).toEqual(["LATCHKEY_STORE_UNAVAILABLE"]);

      for (const auth of nodes) {
        const rule = auth.rule();
        for (const key of [...steady, ...ledger.valid.keys()])
          expect(await auth.check(keyRequest(key), rule)).toMatchObject({ allowed: true });
        for (const key of ledger.revoked) expect(await auth.check(keyRequest(key), rule)).toMatchObject({ allowed: false });
      }
      expect(told.every((error) => error instanceof Error)).toBe(true);
    },
    180_000,
  );

  test("connections that nobody uses are lost without a word but to onFault [attack:ST-01]", async () => {
    const before = told.length;
    // Nothing is under way: what the pool holds is idle.
    await engine.stop("SIGKILL");
    await expect.poll(() => told.length).toBeGreaterThan(before);
    await engine.start();
    const [one] = nodes as [Latchkey];
    await expect
      .poll(() =>
        one.apiKeys.issue({ name: "again" }).then(
          ({ key }) => key,
          () => undefined,
        ),
      )
      .toMatch(/^lk_/);
  });

  test("the signal of a change comes again after an outage: the listener came back [attack:ST-01]", async () => {
    const store = patientPostgres(engine.url, { onFault: (error) => told.push(error) });
    let heard = 0;
    store.onCommit(() => (heard += 1));
    // Once it listens.
    await expect.poll(() => heard).toBeGreaterThan(0);
    await engine.stop("SIGKILL");
    await engine.start();
    // Once it listens again: it tells of itself then, since it may have missed something.
    const then = heard;
    await expect.poll(() => heard, { timeout: 20_000 }).toBeGreaterThan(then);
    const now = heard;
    const { record } = await nodes[0]!.apiKeys.issue({ name: "after" });
    await nodes[0]!.apiKeys.revoke(record.id);
    await expect.poll(() => heard).toBeGreaterThan(now);
    await store.close();
  });

  test("a revocation still reaches the other node", async () => {
    const [one, other] = nodes as [Latchkey, Latchkey];
    const { key, record } = await one.apiKeys.issue({ name: "after" });
    const rule = other.rule();
    expect(await other.check(keyRequest(key), rule)).toMatchObject({ allowed: true });
    await one.apiKeys.revoke(record.id);
    let decision = await other.check(keyRequest(key), rule);
    while (decision.allowed) {
      await new Promise((resume) => setTimeout(resume, 5));
      decision = await other.check(keyRequest(key), rule);
    }
    expect(decision.refusal.code).toBe("api-key.revoked");
  });
});
