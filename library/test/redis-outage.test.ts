import { afterAll, beforeAll, expect, test } from "vitest";
import { createLatchkey, type Ephemeral, type Latchkey } from "latchkey";
import { redis } from "latchkey/redis";
import { sqlite } from "latchkey/sqlite";
import { type Engine, startRedis } from "./engines.ts";
import { keyRequest } from "./request.ts";
import { describeWithRedisPrograms } from "./services.ts";

describeWithRedisPrograms("a Redis of its own, killed and back empty", () => {
  let engine: Engine;
  let ephemeral: Ephemeral;
  let auth: Latchkey;

  beforeAll(async () => {
    engine = await startRedis();
    ephemeral = redis(engine.url, { timeoutMs: 500 });
    auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: sqlite(":memory:"),
      ephemeral,
      secret: "a test secret of at least 32 bytes",
    });
  });
  afterAll(async () => {
    await auth.close();
    await engine.remove();
  });

  const untilBack = async (): Promise<void> => {
    for (;;) {
      try {
        await ephemeral.get("any");
        return;
      } catch {
        await new Promise((resume) => setTimeout(resume, 20));
      }
    }
  };

  test("every verb is a fault while it is away, and works by itself when it is back [attack:ST-02]", async () => {
    expect(await ephemeral.putIfAbsent("jti", "x", 60_000)).toBe(true);
    await engine.stop("SIGKILL");
    const away = { name: "Fault", code: "LATCHKEY_STORE_UNAVAILABLE" };
    await expect(ephemeral.putIfAbsent("jti", "x", 60_000)).rejects.toMatchObject(away);
    await expect(ephemeral.take("code")).rejects.toMatchObject(away);
    await expect(ephemeral.increment("count", 1, 60_000)).rejects.toMatchObject(away);
    await expect(ephemeral.get("key")).rejects.toMatchObject(away);
    await expect(ephemeral.put("key", "x", 60_000)).rejects.toMatchObject(away);
    await expect(ephemeral.publish("feed", "x")).rejects.toMatchObject(away);
    await engine.start();
    await untilBack();
    expect(await ephemeral.putIfAbsent("jti-2", "x", 60_000)).toBe(true);
  });

  test("a listener hears again after Redis was away", async () => {
    let hear: (message: string) => void = () => undefined;
    const heard = new Promise<string>((resolve) => (hear = resolve));
    await ephemeral.subscribe("feed", hear);
    await engine.stop("SIGKILL");
    await engine.start();
    await untilBack();
    const again = setInterval(() => void ephemeral.publish("feed", "again"), 20);
    expect(await heard).toBe("again");
    clearInterval(again);
  });

  test("an emptied Redis gives no one-time code again, and makes no revoked key valid [attack:ST-02]", async () => {
    await ephemeral.put("code", "value", 60_000);
    expect(await ephemeral.take("code")).toBe("value");
    await ephemeral.put("unused", "value", 60_000);
    const [revoked, good] = [await auth.apiKeys.issue({ name: "revoked" }), await auth.apiKeys.issue({ name: "good" })];
    const rule = auth.rule();
    expect(await auth.check(keyRequest(revoked.key), rule)).toMatchObject({ allowed: true });
    await auth.apiKeys.revoke(revoked.record.id);
    await engine.stop("SIGKILL");
    await engine.start();
    await untilBack();
    expect(await ephemeral.take("code")).toBeUndefined();
    // Lost with the rest: whoever holds it asks for another.
    expect(await ephemeral.take("unused")).toBeUndefined();
    expect(await auth.check(keyRequest(revoked.key), rule)).toMatchObject({ allowed: false });
    expect(await auth.check(keyRequest(good.key), rule)).toMatchObject({ allowed: true });
  });
});
