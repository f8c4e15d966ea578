import { expect, test, vi } from "vitest";
import { createHashQueue } from "./queue.ts";

vi.mock("node:os", async (original) => ({ ...(await original<typeof import("node:os")>()), availableParallelism: () => 8 }));

test("the queue is as wide as the cores, also beyond the threads of Node's pool [attack:PW-03]", () => {
  const queue = createHashQueue();
  for (let job = 0; job < 9; job += 1) void queue.run(() => new Promise(() => undefined));
  expect(queue.state).toMatchObject({ running: 8, waiting: 1 });
});
