// In every worker, before each test file: records, also what a gate hands over without HTTP, and writes down what is left when
// the file is done.
import { afterAll, vi } from "vitest";
import { flush, watchGate } from "./record.mjs";

vi.mock(import("../../src/latchkey.ts"), async (original) => {
  const real = await original();
  return { ...real, createLatchkey: async (...given) => watchGate(await real.createLatchkey(...given)) };
});

vi.mock(import("../../src/resource/resource.ts"), async (original) => {
  const real = await original();
  return { ...real, createResource: async (...given) => watchGate(await real.createResource(...given)) };
});

afterAll(flush);
