import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openWriter, sqlitePlace } from "./driver.ts";

// A fresh app that has not installed the optional peer.
vi.mock("node:module", () => ({
  createRequire: () => (name: string) => {
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
  },
}));

test("a path without libsql says what to install, and not that the file is no database", () => {
  const place = sqlitePlace(join(tmpdir(), "latchkey-never-made.db"));
  expect(() => openWriter(place)).toThrow(
    expect.objectContaining({ code: "LATCHKEY_STORE_UNAVAILABLE", message: expect.stringContaining("npm install libsql") }),
  );
});
