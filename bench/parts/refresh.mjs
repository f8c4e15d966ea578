// @ts-check
// Rotation of refresh tokens: what it costs, and how many a second, beside the commits that the same disk does one by one.
import path from "node:path";
import { median, spread, table } from "../figures.mjs";
import { createAsker } from "../process/ask.mjs";
import { startAnswering } from "../process/pinned.mjs";

export const part = {
  name: "refresh",
  title: "Refresh tokens",
  about:
    "`POST /tokens/refresh` through the node adapter on SQLite: each uses a token up for its successor, durable before it is answered, with a new ES256 access " +
    "token. 16 apps at a time, and one alone. Beside it, on the same disk, single rows of SQLite committed and synced one after the other.",
  run,
};

const families = 16;

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const child = startAnswering("subject", [path.join(import.meta.dirname, "../process/refresh-server.mjs"), String(families)]);
  try {
    const { port, tokens } = await child.ask();
    const { ask, close } = createAsker(port, families);
    const ms = pace.quick ? 200 : 1_500;
    /** @type {{ raw: number[], many: { rate: number, micros: number }[], one: { rate: number, micros: number }[] }} */
    const figures = { raw: [], many: [], one: [] };
    for (let round = pace.quick ? -1 : -3; round < (pace.quick ? 1 : 5); round += 1) {
      const { rate } = await child.ask({ raw: ms });
      // What was written before is still being brought to its place.
      await rotations({ ask, child, tokens, apps: families, ms: ms / 2 });
      const many = await rotations({ ask, child, tokens, apps: families, ms });
      const one = await rotations({ ask, child, tokens, apps: 1, ms: ms / 2 });
      // Those before are thrown away: not everything is compiled then.
      if (round < 0) continue;
      figures.raw.push(rate);
      figures.many.push(many);
      figures.one.push(one);
    }
    close();
    return describe(figures);
  } finally {
    await child.stop();
  }
}

/** @param {{ ask: ReturnType<typeof createAsker>["ask"], child: ReturnType<typeof startAnswering>, tokens: string[], apps: number, ms: number }} how */
async function rotations({ ask, child, tokens, apps, ms }) {
  const before = await child.ask({ usage: true });
  const startedAt = performance.now();
  let done = 0;
  const app = async (/** @type {number} */ index) => {
    while (performance.now() - startedAt < ms) {
      const { status, text } = await ask({ method: "POST", path: "/tokens/refresh", json: { refresh_token: tokens[index] } });
      if (status !== 200) throw new Error(`A refresh was answered ${status}: ${text}`);
      tokens[index] = JSON.parse(text).refresh_token;
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: apps }, (_, index) => app(index)));
  const tookMs = performance.now() - startedAt;
  const after = await child.ask({ usage: true });
  return { rate: (done / tookMs) * 1_000, micros: (after.cpuMicros - before.cpuMicros) / done };
}

/** @param {{ raw: number[], many: { rate: number, micros: number }[], one: { rate: number, micros: number }[] }} figures */
function describe({ raw, many, one }) {
  const beside = (/** @type {number[]} */ rates) => median(rates.map((rate, round) => rate / (raw[round] ?? NaN))).toFixed(2);
  const row = (/** @type {string} */ name, /** @type {{ rate: number, micros: number }[]} */ list) => {
    const rates = list.map(({ rate }) => rate);
    return [name, spread(list.map(({ micros }) => micros)), spread(rates, 0), beside(rates)];
  };
  return table(
    ["", "CPU µs a rotation", "a second", "of single commits"],
    [["single rows, one commit each", "", spread(raw, 0), "1.00"], row("16 apps at a time", many), row("one app", one)],
  );
}
