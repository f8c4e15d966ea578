import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("every example of docs/guides/testing.md stands, word for word, in a file of examples/testing that the tests run", () => {
  const files = readdirSync(new URL("../../examples/testing", import.meta.url)).map((name) => read(`examples/testing/${name}`));
  const blocks = [...read("docs/guides/testing.md").matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThan(3);
  for (const block of blocks) expect(files.some((file) => file.includes(block)) || block).toBe(true);
});
