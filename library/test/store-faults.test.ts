import { afterEach, beforeEach, expect, test } from "vitest";
import { createLatchkey, type Latchkey } from "latchkey";
import { patientPostgres } from "./patient-postgres.ts";
import { keyRequest } from "./request.ts";
import { runSql } from "./run-sql.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";
import { type TcpProxy, tcpProxy } from "./tcp-proxy.ts";

/** The statement as it goes over the wire. */
const commit = "commit\0";

describeWithPostgres("writes that PostgreSQL refuses or whose answer is lost", () => {
  let url: string;
  let proxy: TcpProxy;
  let auth: Latchkey;

  beforeEach(async () => {
    url = await emptyPostgres();
    const direct = new URL(url);
    proxy = await tcpProxy(direct.hostname || "127.0.0.1", Number(direct.port || 5432));
    const through = new URL(url);
    through.hostname = "127.0.0.1";
    through.port = String(proxy.port);
    auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: patientPostgres(through.href),
      secret: "a test secret of at least 32 bytes",
    });
  });
  afterEach(async () => {
    await auth.close();
    await proxy.close();
  });

  const codeFor = async (key: string): Promise<string> => {
    const decision = await auth.check(keyRequest(key), auth.rule());
    return decision.allowed ? "allowed" : decision.refusal.code;
  };

  /** Lets the change of a key fail as a real conflict does, in the database itself; a sequence counts past the rollbacks. */
  const failRevocations = (times: number, sqlState: string): Promise<unknown> =>
    runSql(
      url,
      `create sequence failures;
       create function fail() returns trigger language plpgsql as $$ begin
         if nextval('failures') <= ${times} then raise exception 'injected' using errcode = '${sqlState}'; end if;
         return new;
       end $$;
       create trigger fail before insert on latchkey_change for each row execute function fail()`,
    );

  test.each([
    ["a serialization failure", "40001"],
    ["a deadlock", "40P01"],
  ])("a revocation is tried again after %s, and holds [attack:ST-05]", async (_, sqlState) => {
    const { key, record } = await auth.apiKeys.issue({ name: "ci" });
    expect(await codeFor(key)).toBe("allowed");
    await failRevocations(3, sqlState);
    expect(await auth.apiKeys.revoke(record.id)).toBe(true);
    expect(await codeFor(key)).toBe("api-key.revoked");
  });

  test.each(["40001", "40P01", "58030", "57014"])(
    "a revocation that keeps failing with %s is a fault and 503, never a success, and works later [attack:ST-05]",
    async (sqlState) => {
      const { key, record } = await auth.apiKeys.issue({ name: "ci", scopes: ["keys:manage"] });
      await failRevocations(1_000, sqlState);
      const code = sqlState.startsWith("40") ? "LATCHKEY_STORE_BUSY" : "LATCHKEY_STORE_UNAVAILABLE";
      const request = new Request(`http://localhost:3000/keys/${record.id}`, { method: "DELETE", headers: { "x-api-key": key } });
      // Side by side: each tries for seconds.
      const [answer] = await Promise.all([
        auth.fetch(request),
        expect(auth.apiKeys.revoke(record.id)).rejects.toMatchObject({ name: "Fault", code }),
      ]);
      expect(await codeFor(key)).toBe("allowed");
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).not.toBeNull();
      await runSql(url, "drop trigger fail on latchkey_change");
      expect(await auth.apiKeys.revoke(record.id)).toBe(true);
      expect(await codeFor(key)).toBe("api-key.revoked");
    },
  );

  test("a revocation that was committed while its answer was lost is a fault, holds, and may be tried again [attack:ST-04]", async () => {
    const { key, record } = await auth.apiKeys.issue({ name: "ci" });
    expect(await codeFor(key)).toBe("allowed");
    proxy.loseAnswerTo(commit);
    await expect(auth.apiKeys.revoke(record.id)).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE" });
    proxy.loseAnswerTo(undefined);
    // Nothing is left to do: it had been committed.
    expect(await auth.apiKeys.revoke(record.id)).toBe(false);
    // This node learns of it as of another's: by the signal.
    let code = await codeFor(key);
    while (code === "allowed") {
      await new Promise((resume) => setTimeout(resume, 5));
      code = await codeFor(key);
    }
    expect(code).toBe("api-key.revoked");
  });

  test("a key whose issue was committed while its answer was lost is told to nobody, and another can be made [attack:ST-04]", async () => {
    proxy.loseAnswerTo(commit);
    await expect(auth.apiKeys.issue({ name: "lost" })).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE" });
    proxy.loseAnswerTo(undefined);
    const { key } = await auth.apiKeys.issue({ name: "again" });
    expect(await codeFor(key)).toBe("allowed");
    expect((await auth.apiKeys.list()).map(({ name }) => name)).toEqual(["again", "lost"]);
  });
});
