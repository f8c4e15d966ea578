import { afterAll, beforeAll, expect, test } from "vitest";
import { clearPostgres, describeWithPostgres, describeWithRedis, emptyPostgres, emptyRedis } from "../../library/test/services.ts";
import { build, type Served, served } from "./program.ts";

describeWithPostgres("the server on PostgreSQL", () => {
  let url: string;
  let server: Served | undefined;
  beforeAll(async () => {
    build();
    url = await emptyPostgres();
    server = await served({ LATCHKEY_DATABASE_URL: url });
  }, 90_000);
  afterAll(async () => {
    await server?.stop();
    await clearPostgres(url);
  });

  test("issues a key, lets it in, and refuses it on the next request after it was revoked", async () => {
    const { id, key } = await server!.makeKey();
    expect((await server!.whoami(key)).status).toBe(200);
    expect(await server!.latchkey("key", "revoke", id)).toMatchObject({ exitCode: 0 });
    expect((await server!.whoami(key)).status).toBe(401);
  });

  test("is reached by commands over the database where no server runs", async () => {
    const { id } = await server!.makeKey();
    await server!.program.stop();
    const { stdout } = await server!.latchkey("key", "list", "--json");
    expect((JSON.parse(stdout) as { keys: { id: string }[] }).keys.map((key) => key.id)).toContain(id);
  });

  test("names the database that does not answer, without its password, and ends with code 3", async () => {
    const answer = await server!.latchkey("key", "list", "--database", "postgres://ada:hunter22@127.0.0.1:1/none");
    expect(answer.exitCode).toBe(3);
    expect(answer.stderr).toContain("LATCHKEY_STORE_UNAVAILABLE");
    expect(answer.stderr).not.toContain("hunter22");
  });
});

describeWithRedis("the server with Redis", () => {
  test("counts failed attempts there, and on this node alone while it does not answer: good keys are let in, the log tells", async () => {
    build();
    const lost = await served({ LATCHKEY_REDIS_URL: "redis://127.0.0.1:1" });
    const { key } = await lost.makeKey();
    expect((await lost.whoami(key)).status).toBe(200);
    await lost.program.until(/LATCHKEY_STORE_UNAVAILABLE/);
    await lost.stop();
    const found = await served({ LATCHKEY_REDIS_URL: emptyRedis().url });
    const { key: good } = await found.makeKey();
    expect((await found.whoami(good)).status).toBe(200);
    await found.stop();
  });
});
