import { hash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linesOf } from "../src/lines.ts";
import { command, temporaryFolder } from "./program.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, "lines.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = async (...argv: string[]) => {
  const answer = await command([...argv, "--json"], { LATCHKEY_DATA: join(folder, "data"), LATCHKEY_IMPORTED_PREFIXES: "sk_live_" });
  return { ...answer, output: JSON.parse(answer.stdout) as Record<string, unknown> };
};

const key = (name: string, more: object = {}) =>
  JSON.stringify({ sha256: hash("sha256", name), prefix: "sk_live_", lastFour: "abcd", name, ...more });

async function imported(text: string) {
  writeFileSync(file, text);
  return run("key", "import", file);
}

describe("a file of lines", () => {
  test.each([
    ["begins with a byte order mark", `\ufeff${key("one")}\n${key("two")}\n`],
    ["has carriage returns", `${key("one")}\r\n\r\n${key("two")}\r\n`],
    ["has no end of its last line", `${key("one")}\n${key("two")}`],
    ["has separators of Unicode in a text", `${key("one \u2028 and \u2029")}\n${key("two")}`],
  ])("that %s is read whole", async (_, text) => {
    expect(await imported(text)).toMatchObject({ exitCode: 0, output: { imported: 2, bad: [] } });
  });

  test("with a line of many megabytes loses that line alone", async () => {
    const { exitCode, output } = await imported([key("one"), `{"a":"${"x".repeat(20_000_000)}"}`, key("two")].join("\n"));
    expect(exitCode).toBe(1);
    expect(output).toEqual({ imported: 2, present: 0, bad: [{ line: 2, error: "longer than 16384 characters" }] });
    // No more of it is kept, or sent to a server, which takes no order of that length.
    for await (const [, line] of linesOf(file)) expect(line.length).toBeLessThan(40_000);
  });

  test("that names one key twice takes it once", async () => {
    expect(await imported([key("one"), key("one"), key("two")].join("\n"))).toMatchObject({ output: { imported: 2, present: 1 } });
  });

  test("that is a folder is wrong usage", async () => {
    mkdirSync(file);
    expect(await run("key", "import", file)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("is a folder") });
  });
});

describe("a line of key import", () => {
  test.each([{ expire: "90d" }, { allowed_addresses: ["10.0.0.0/8"] }, { scope: ["posts:read"] }])(
    "is bad with a member that is not known: %j",
    async (more) => {
      const { exitCode, output } = await imported(key("one", more));
      expect(exitCode).toBe(1);
      expect(output).toMatchObject({ imported: 0, bad: [{ line: 1, error: expect.stringContaining(`"${Object.keys(more)[0]}"`) }] });
    },
  );

  test("may say an instant at which the key ends, which lies in the future", async () => {
    const lines = [key("one", { expires: "2999-01-31T00:00:00Z" }), key("two", { expires: "2001-01-31T00:00:00Z" })];
    expect(await imported(lines.join("\n"))).toMatchObject({ output: { imported: 1, bad: [{ line: 2 }] } });
    expect((await run("key", "list")).output).toMatchObject({ keys: [{ name: "one", expiresAt: "2999-01-31T00:00:00.000Z" }] });
  });
});

test("lists are whole, however long they are", async () => {
  await imported(Array.from({ length: 1_001 }, (_, index) => key(`key ${index}`)).join("\n"));
  const { keys } = (await run("key", "list")).output as { keys: { name: string }[] };
  expect(new Set(keys.map(({ name }) => name)).size).toBe(1_001);
  writeFileSync(file, Array.from({ length: 1_001 }, (_, index) => `{"email":"u${index}@example.com"}`).join("\n"));
  await run("user", "import", file);
  expect((await run("user", "list")).output.users).toHaveLength(1_001);
});
