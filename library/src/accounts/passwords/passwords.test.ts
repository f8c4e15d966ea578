import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AccountsHouse, openAccounts } from "../../../test/accounts-house.ts";
import { kindsApart } from "../../../test/ranks.ts";
import { createHashQueue } from "./queue.ts";
import { countCharacters, readPassword } from "./text.ts";

let house: AccountsHouse;
beforeEach(async () => {
  house = await openAccounts({ passwords: { memoryKiB: 8, passes: 1, weakForTests: true, words: ["Rocketeer"] } });
});
afterEach(() => house.close());

const codeOf = async (password: unknown, email = "ada.lovelace@example.com") =>
  (await house.accounts.passwords.judge(password, email))?.code;

describe("a new password", () => {
  test("has 8 to 256 characters, counted as code points [attack:PW-02] [asvs:V6.2.1] [asvs:V6.2.9]", async () => {
    expect(await codeOf("zq7!kxw")).toBe("password.too-short");
    expect(await codeOf("zq7!kxwm")).toBeUndefined();
    expect(await codeOf("")).toBe("password.too-short");
    const long = "correct horse battery staple ".repeat(9).slice(0, 256);
    expect(await codeOf(long)).toBeUndefined();
    expect(await codeOf(`${long}x`)).toBe("password.too-long");
    // Seven faces are seven characters, though fourteen UTF-16 units; 256 of them are 1024 bytes.
    expect(await codeOf("😀😁😂😃😄😅😆")).toBe("password.too-short");
    expect(await codeOf("😀😁🤣😃🥸😅🤖🦊".repeat(32))).toBeUndefined();
    expect(await codeOf("x".repeat(10 * 1024 * 1024))).toBe("password.too-long");
  });

  test("may be made of anything, spaces and one script included [asvs:V6.2.5]", async () => {
    for (const fine of ["jumps over lazy moons", "правильная лошадь батарея", "84610293758201", "      ...  . ..x  q "]) {
      expect(await codeOf(fine)).toBeUndefined();
    }
  });

  test.each(["password", "12345678", "qwertyuiop", "iloveyou1", "P@ssw0rd", "aaaaaaaa", "trustno1"])(
    "is none of the common ones: %s [asvs:V6.2.4]",
    async (common) => expect(await codeOf(common)).toBe("password.common"),
  );

  test.each(["lovelace1815", "Ada.Lovelace!", "ada.lovelace@example.com", "api.example.com1", "rocketeer2026!", "EXAMPLE--example"])(
    "is not made of the person's or the service's names: %s [asvs:V6.2.11]",
    async (context) => expect(await codeOf(context)).toBe("password.context"),
  );

  test("is a text that UTF-8 can hold [attack:PW-06]", async () => {
    for (const junk of [undefined, null, 7, true, ["long enough text"], { $ne: null }, "half a pair \ud83d here"]) {
      expect(await codeOf(junk)).toBe("password.malformed");
    }
  });

  test("is not shown by the fault that refuses it", async () => {
    const refused = house.accounts.users.create({ email: "bob@example.com", password: "iloveyou1" });
    await expect(refused).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID", option: "password" });
    await expect(refused).rejects.not.toThrow(/iloveyou1/);
  });
});

describe("a stored password", () => {
  const isRight = async (stored: string, given: unknown) => {
    const { id } = await house.accounts.users.create({ email: `u${(users += 1)}@example.com`, password: stored });
    return house.accounts.passwords.isRight(id, given);
  };
  let users = 0;

  test("is told from every other, however alike: the end, the case, a space, a NUL [attack:PW-01] [asvs:V6.2.8]", async () => {
    const long = "grey horse ".repeat(7).slice(0, 72);
    expect(await isRight(`${long}1`, `${long}1`)).toBe(true);
    expect(await isRight(`${long}1`, `${long}2`)).toBe(false);
    const faces = "😀 grey horses 😀 ".repeat(5);
    expect(await isRight(`${faces}1`, `${faces}2`)).toBe(false);
    expect(await isRight("four quiet\u0000grey horses", "four quiet\u0000other")).toBe(false);
    expect(await isRight("four quiet grey horses", "four quiet grey horses ")).toBe(false);
    expect(await isRight("four quiet grey horses", "Four quiet grey horses")).toBe(false);
  });

  test("is the same in whatever normal form a keyboard writes it", async () => {
    expect(await isRight("vier stille Pferde, schön", "vier stille Pferde, scho\u0308n")).toBe(true);
  });

  test("is argon2id of the configured cost, and nothing else of it is stored [asvs:V11.4.2]", async () => {
    const strong = await openAccounts({ passwords: {} });
    const hash = await strong.accounts.passwords.prepare("four quiet grey horses", undefined);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    await strong.close();
  });

  test.each([{ memoryKiB: 19_455 }, { passes: 1 }, { parallelism: 0 }, { atOnce: 0 }, { waitingEach: -1 }, { words: "x" }])(
    "never costs less than OWASP asks, unless the option says that this is a test: %j",
    async (passwords) => {
      await expect(openAccounts({ passwords: passwords as { memoryKiB: number } })).rejects.toMatchObject({
        code: "LATCHKEY_OPTION_INVALID",
      });
    },
  );
});

describe("enumeration", () => {
  const sign = ({ accounts }: AccountsHouse, email: string) =>
    accounts.signIn({
      email,
      password: "another password",
      device: undefined,
      origin: { requestId: "req_1", address: "", userAgent: undefined },
    });
  const kinds = ["known", "unknown", "disabled", "unverified", "social"] as const;
  const address = (kind: string) => `${kind}@example.com`;

  async function populate({ accounts: { users } }: AccountsHouse): Promise<void> {
    for (const kind of ["known", "disabled"] as const) {
      const { id } = await users.create({ email: address(kind), password: "four quiet grey horses", emailVerified: true });
      if (kind === "disabled") await users.disable(id);
    }
    await users.create({ email: address("unverified"), password: "four quiet grey horses" });
    await users.create({ email: address("social"), emailVerified: true });
  }

  test("finds one hash for each attempt, whoever it is for, no address included [attack:PW-04] [asvs:V6.3.8]", async () => {
    await populate(house);
    for (const email of [...kinds.map(address), "no address at all", "a@b@c", "x".repeat(5_000)]) {
      const before = house.accounts.hashQueue().begun;
      await sign(house, email);
      expect(house.accounts.hashQueue().begun - before).toBe(1);
    }
  });

  test("finds the same time for each kind of user: interleaved, no kind's times rank above or below those of all others [attack:PW-04]", async () => {
    // A hash that is most of an attempt, as the real one is: 4 MiB, a few milliseconds.
    const costly = await openAccounts({ passwords: { memoryKiB: 4_096, passes: 1, weakForTests: true } });
    await populate(costly);
    // Seven deviations. Without its hash a kind has a share of less than 0.05.
    expect(await kindsApart(kinds, 60, (kind) => sign(costly, address(kind)))).toEqual([]);
    await costly.close();
  });
});

describe("the queue", () => {
  test("computes so many at a time and lets so many wait; one more is refused at once, with LATCHKEY_PASSWORD_QUEUE_FULL [attack:PW-03]", async () => {
    const queue = createHashQueue({ width: 2, waitingEach: 3 });
    const ends: (() => void)[] = [];
    const job = () => new Promise<void>((resolve) => ends.push(resolve));
    const accepted = Array.from({ length: 8 }, () => queue.run(job));
    expect(queue.state).toEqual({ running: 2, waiting: 6, begun: 2, refused: 0 });
    for (let more = 0; more < 2_000; more += 1) {
      await expect(queue.run(job)).rejects.toMatchObject({ code: "LATCHKEY_PASSWORD_QUEUE_FULL", retryAfterSeconds: 1 });
    }
    expect(queue.state).toEqual({ running: 2, waiting: 6, begun: 2, refused: 2_000 });
    while (queue.state.running > 0) {
      ends.shift()?.();
      await Promise.resolve();
    }
    await Promise.all(accepted);
    expect(queue.state).toEqual({ running: 0, waiting: 0, begun: 8, refused: 2_000 });
  });

  test("goes on after a job that failed", async () => {
    const queue = createHashQueue({ width: 1, waitingEach: 1 });
    const failing = queue.run(() => Promise.reject(new Error("no")));
    const next = queue.run(() => Promise.resolve("yes"));
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  test("does not use up the attempts of a person whom it turned away [attack:PW-03]", async () => {
    const tight = await openAccounts({ passwords: { memoryKiB: 8, passes: 1, weakForTests: true, atOnce: 1, waitingEach: 0 } });
    await tight.accounts.users.create({ email: "ada@example.com", password: "four quiet grey horses" });
    const claim = { email: "ada@example.com", password: "four quiet grey horses", device: undefined };
    const origin = { requestId: "req_1", address: "", userAgent: undefined };
    const answers = await Promise.allSettled([1, 2, 3].map(() => tight.accounts.signIn({ ...claim, origin })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(tight.passed).toHaveLength(3);
    await tight.close();
  });

  test("looks nobody up whom it turns away [attack:PW-03]", async () => {
    let lookUps = 0;
    const users = { findById: () => undefined, findByEmail: () => void (lookUps += 1) };
    const tight = await openAccounts({ users, passwords: { memoryKiB: 4_096, passes: 1, weakForTests: true, atOnce: 1, waitingEach: 0 } });
    const claim = { email: "ada@example.com", password: "four quiet grey horses", device: undefined };
    const origin = { requestId: "req_1", address: "", userAgent: undefined };
    const first = tight.accounts.signIn({ ...claim, origin });
    for (let turn = 0; turn < 1_000 && tight.accounts.hashQueue().running === 0; turn += 1) await Promise.resolve();
    await expect(tight.accounts.signIn({ ...claim, origin })).rejects.toMatchObject({ code: "LATCHKEY_PASSWORD_QUEUE_FULL" });
    expect(lookUps).toBe(1);
    await first;
    await tight.close();
  });
});

test("text that is no password costs nothing: a giant is not even normalised [attack:PW-02]", () => {
  expect(readPassword("\u0344".repeat(1_024))).toBeUndefined();
  expect(readPassword("x".repeat(1_025))).toBeUndefined();
  expect(readPassword("x".repeat(1_024))).toHaveLength(1_024);
  expect(countCharacters("😀a")).toBe(2);
});
