// What must hold wherever sessions are kept: in SQLite, in PostgreSQL, in Redis, in memory.
import express from "express";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLatchkey, Fault, type Latchkey, type LatchkeyOptions, OptionFault } from "latchkey";
import { guard, sessionData } from "latchkey/express";
import { redis } from "latchkey/redis";
import { sqlite } from "latchkey/sqlite";
import { memory } from "../src/stores/memory/index.ts";
import { weakPasswords } from "./accounts-house.ts";
import { browser, json } from "./browser.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, describeWithRedis, emptyRedis, postgresForEach } from "./services.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";

type Where = () => Promise<Pick<LatchkeyOptions, "store" | "ephemeral" | "sessions">>;

describe("sessions in SQLite", () => {
  suite(async () => ({ store: sqlite(":memory:") }));
});
describe("sessions in memory", () => {
  suite(async () => ({ store: sqlite(":memory:"), sessions: { store: "ephemeral" } }));
});
describeWithPostgres("sessions in PostgreSQL", () => {
  const empty = postgresForEach();
  suite(async () => ({ store: patientPostgres(await empty()) }));
});
describeWithRedis("sessions in Redis", () =>
  suite(async () => {
    const { url, prefix } = emptyRedis();
    return { store: sqlite(":memory:"), ephemeral: redis(url, { prefix }), sessions: { store: "ephemeral" } };
  }),
);

function suite(where: Where): void {
  let now: number;
  let auth: Latchkey;
  let ada: string;

  beforeEach(async () => {
    now = Date.now();
    const place = await where();
    auth = await createLatchkey({
      issuer: "http://localhost:3000",
      secret: "a test secret of at least 32 bytes",
      clock: { now: () => now },
      passwords: weakPasswords,
      ...place,
    });
    ada = (await auth.users.create({ email, password })).id;
  });
  afterEach(() => auth.close());

  const begin = async () => {
    const issued = await auth.sessions.create({ user: ada });
    return { ...issued, id: issued.record.id, person: browser(auth, new Map([["latchkey", issued.token]])) };
  };

  test("let in from the sign-in to the sign-out, and not after", async () => {
    const person = browser(auth);
    expect(await person.ask("POST", "/login", { body: { email, password } })).toMatchObject({ status: 200 });
    expect(await person.codeFor(auth.rule())).toBe("allowed");
    const kept = browser(auth, person.cookies);
    expect(await person.ask("POST", "/logout")).toMatchObject({ status: 204 });
    expect(await kept.codeFor(auth.rule())).toMatch(/^session\.(?:revoked|unknown)$/);
    expect(await auth.sessions.list(ada)).toEqual([]);
  });

  test("are listed, ended one by one and all but one", async () => {
    const [one, two, three] = [await begin(), await begin(), await begin()];
    expect((await auth.sessions.list(ada)).map(({ id }) => id).toSorted()).toEqual([one.id, two.id, three.id].toSorted());
    expect(await auth.sessions.revoke(one.id)).toBe(true);
    expect(await auth.sessions.revoke(one.id)).toBe(false);
    expect(await auth.sessions.revokeOthers(ada, two.id)).toBe(1);
    expect(await one.person.codeFor(auth.rule())).not.toBe("allowed");
    expect(await three.person.codeFor(auth.rule())).not.toBe("allowed");
    expect(await two.person.codeFor(auth.rule())).toBe("allowed");
    expect(await auth.sessions.revokeAll(ada)).toBe(1);
    expect(await two.person.codeFor(auth.rule())).not.toBe("allowed");
  });

  test("get a new secret under the same id, with what the app kept, and the old one is dead [attack:SE-02]", async () => {
    const { id, person } = await begin();
    await auth.sessions.data.update(id, () => ({ cart: ["book"] }));
    expect(await person.codeFor(auth.rule())).toBe("allowed");
    const renewed = await auth.sessions.rotate(id);
    expect(await person.codeFor(auth.rule())).toBe("session.unknown");
    expect(await browser(auth, new Map([["latchkey", renewed!.token]])).codeFor(auth.rule())).toBe("allowed");
    expect((await auth.sessions.data.read(id))?.values).toEqual({ cart: ["book"] });
  });

  test("renewed and ended at once are dead in the end, or ended with their new secret", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id, token } = await begin();
      const [renewed] = await Promise.all([auth.sessions.rotate(id), auth.sessions.revoke(id)]);
      for (const secret of [token, renewed?.token ?? token]) {
        expect(await browser(auth, new Map([["latchkey", secret]])).codeFor(auth.rule())).not.toBe("allowed");
      }
    }
  });

  test("live on while they are used, and end when they are not", async () => {
    const { person } = await begin();
    for (let used = 0; used < 3; used += 1) {
      now += 20 * 3_600_000;
      expect(await person.codeFor(auth.rule())).toBe("allowed");
      await auth.flush();
    }
    expect((await auth.sessions.list(ada))[0]).toMatchObject({ lastSeenAt: now });
    now += 24 * 3_600_000 + 1_000;
    expect(await person.codeFor(auth.rule())).toMatch(/^session\.(?:idle|unknown)$/);
    expect(await auth.sessions.list(ada)).toEqual([]);
  });

  test("stay dead when a slow request saves what it kept after the sign-out [attack:SE-03]", async () => {
    const { id, person } = await begin();
    expect(await person.codeFor(auth.rule())).toBe("allowed");
    const slow = (await auth.sessions.data.read(id))!;
    expect(await person.ask("POST", "/logout")).toMatchObject({ status: 204 });
    expect(await auth.sessions.data.write(id, slow.version, { cart: ["late"] })).toBe(false);
    expect(await auth.sessions.data.update(id, () => ({ cart: ["later"] }))).toBeUndefined();
    await auth.flush();
    expect(await person.codeFor(auth.rule())).not.toBe("allowed");
    expect(await auth.sessions.find(id)).toBeUndefined();
  });

  test("lose no write of parallel requests", async () => {
    const { id } = await begin();
    const count = (values: Readonly<Record<string, unknown>>) => ({ ...values, n: Number(values.n ?? 0) + 1 });
    await Promise.all(Array.from({ length: 8 }, () => auth.sessions.data.update(id, count)));
    expect(await auth.sessions.data.read(id)).toEqual({ version: 8, values: { n: 8 } });
    expect(await auth.sessions.data.write(id, 7, { n: 0 })).toBe(false);
    await expect(auth.sessions.data.write(id, 8, { text: "x".repeat(70_000) })).rejects.toBeInstanceOf(OptionFault);
  });

  test("are told to the audit, with who and from where", async () => {
    const person = browser(auth);
    await person.ask("POST", "/login", { body: { email, password }, address: "203.0.113.7" });
    const { credentialId } = json(await person.ask("GET", "/whoami"));
    await person.ask("POST", "/logout");
    const events = (await auth.audit.list({})).filter((event) => event.action.startsWith("session."));
    expect(events.map(({ action }) => action).toSorted()).toEqual(["session.created", "session.ended"]);
    expect(events.find(({ action }) => action === "session.created")).toMatchObject({
      actor: ada,
      subject: ada,
      credentialId,
      address: "203.0.113.7",
      outcome: "done",
    });
  });
}

describe("what an app keeps for a session", () => {
  test("is there for an Express route behind a guard, and two requests at once lose nothing", async () => {
    const auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: sqlite(":memory:"),
      secret: "a test secret of at least 32 bytes",
    });
    const { id: user } = await auth.users.create({ email });
    const { token } = await auth.sessions.create({ user });
    const { key } = await auth.apiKeys.issue({ name: "ci" });
    const app = express();
    app.use(guard(auth), sessionData(auth));
    app.get("/cart", (request, response) => void response.json(request.sessionData?.values ?? null));
    app.post("/cart/:item", async (request, response) => {
      const add = (values: Readonly<Record<string, unknown>>) => ({ items: [...((values.items as string[]) ?? []), request.params.item] });
      response.json(await request.sessionData!.update(add));
    });
    app.put("/cart", async (request, response) => {
      const saves = [await request.sessionData!.save({ items: [] }), await request.sessionData!.save({ items: ["again"] })];
      await auth.sessions.data.update(request.sessionData!.id, (values) => ({ ...values, other: true }));
      response.json([...saves, await request.sessionData!.save({ items: ["lost"] })]);
    });
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { cookie: `latchkey=${token}`, origin: "http://localhost:3000" };
    await Promise.all(["a", "b", "c"].map((item) => fetch(`${site}/cart/${item}`, { method: "POST", headers })));
    const cart = (await (await fetch(`${site}/cart`, { headers })).json()) as { items: string[] };
    expect(cart.items.toSorted()).toEqual(["a", "b", "c"]);
    expect(await (await fetch(`${site}/cart`, { method: "PUT", headers })).json()).toEqual([true, true, false]);
    expect(await (await fetch(`${site}/cart`, { headers: { "x-api-key": key } })).json()).toBeNull();
    server.closeAllConnections();
    server.close();
    await auth.close();
  });
});

describe("sessions in short-lived state that is lost", () => {
  test("are not ended with a good answer: 503, and tried again [attack:SE-04]", async () => {
    let failing = false;
    const real = memory();
    const ephemeral = new Proxy(real, {
      get: (target, name: keyof typeof real) =>
        failing && name !== "close" && name !== "increment"
          ? () => Promise.reject(new Fault("LATCHKEY_STORE_UNAVAILABLE", "away"))
          : target[name],
    });
    const auth = await createLatchkey({
      issuer: "http://localhost:3000",
      store: sqlite(":memory:"),
      secret: "a test secret of at least 32 bytes",
      ephemeral,
      sessions: { store: "ephemeral" },
    });
    const { id: user } = await auth.users.create({ email });
    const { token } = await auth.sessions.create({ user });
    const person = browser(auth, new Map([["latchkey", token]]));
    const kept = browser(auth, person.cookies);
    failing = true;
    expect(await person.ask("POST", "/logout")).toMatchObject({ status: 503 });
    expect(person.cookies.size).toBe(0);
    failing = false;
    await auth.flush();
    expect(await kept.codeFor(auth.rule())).toBe("session.unknown");
    await auth.close();
  });
});
