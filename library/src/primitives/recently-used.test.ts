import { expect, test } from "vitest";
import { recentlyUsed } from "./recently-used.ts";

test("keeps as many as it was told, and forgets what was used longest ago", () => {
  const memory = recentlyUsed<{ readonly name: string }>(3);
  for (const name of ["a", "b", "c"]) memory.set(name, { name });
  memory.get("a");
  memory.set("d", { name: "d" });
  expect([...memory.keys()].toSorted()).toEqual(["a", "c", "d"]);
  for (let index = 0; index < 1_000; index += 1) memory.set(`${index}`, { name: "many" });
  expect(memory.size).toBe(3);
});
