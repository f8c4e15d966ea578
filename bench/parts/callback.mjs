// @ts-check
// What the callback of a provider costs, without the provider's own time.
import path from "node:path";
import { median, quantile, spread, table } from "../figures.mjs";
import { startAnswering } from "../process/pinned.mjs";

export const part = {
  name: "callback",
  title: "Signing in by a provider",
  about:
    "`GET /login/:provider/callback` of somebody who was here before, through the node adapter on SQLite: the state taken, the code redeemed, the ID token or the " +
    "profile read and checked, the identity and the session written and durable. The provider is on loopback and takes the time of its own " +
    "answers, which is told apart and subtracted; our requests to it are not. Beside it, the three requests of a sign-in by GitHub, alone.",
  run,
};

/** @typedef {{ ms: number, providerMs: number }} Callback */
/** @typedef {{ own: number[], tail: number[], provider: number[], micros: number[], rate: number[] }} Figures */

const rows = [
  { name: "three requests by bare fetch, nothing checked or kept", kind: "bare", provider: "bare", atOnce: 1 },
  { name: "latchkey, GitHub, one at a time", kind: "own", provider: "github", atOnce: 1 },
  { name: "latchkey, OpenID Connect, one at a time", kind: "own", provider: "work", atOnce: 1 },
  { name: "latchkey, GitHub, 16 at a time", kind: "own", provider: "github", atOnce: 16 },
  { name: "latchkey, OpenID Connect, 16 at a time", kind: "own", provider: "work", atOnce: 16 },
];

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const program = (/** @type {string} */ name) => path.join(import.meta.dirname, "../process", name);
  const browser = startAnswering("load", [program("callback-browser.mjs")]);
  const { provider } = await browser.ask();
  /** @type {Record<string, ReturnType<typeof startAnswering>>} */
  const servers = {};
  for (const kind of ["bare", "own"]) servers[kind] = startAnswering("subject", [program("callback-server.mjs"), kind, provider]);
  try {
    /** @type {Record<string, number>} */
    const ports = {};
    for (const [kind, server] of Object.entries(servers)) ports[kind] = (await server.ask()).port;
    /** @type {Figures[]} */
    const figures = rows.map(() => ({ own: [], tail: [], provider: [], micros: [], rate: [] }));
    // The first round is thrown away: nothing is compiled then, and everybody is new.
    for (let round = 0; round <= (pace.quick ? 1 : 5); round += 1) {
      for (const [index, row] of rows.entries()) {
        const server = /** @type {ReturnType<typeof startAnswering>} */ (servers[row.kind]);
        const where = { port: ports[row.kind], provider: row.provider, atOnce: row.atOnce };
        await browser.ask({ ...where, begin: pace.quick ? 100 : 250 });
        const before = await server.ask({ usage: true });
        /** @type {{ figures: Callback[], tookMs: number }} */
        const done = await browser.ask({ ...where, complete: true });
        const after = await server.ask({ usage: true });
        if (round > 0) note(/** @type {Figures} */ (figures[index]), done, after.cpuMicros - before.cpuMicros);
      }
      process.stderr.write(`\rcallback: round ${round} `);
    }
    process.stderr.write("\n");
    return describe(figures);
  } finally {
    await Promise.all([browser, ...Object.values(servers)].map((child) => child.stop()));
  }
}

/** @param {Figures} figures @param {{ figures: Callback[], tookMs: number }} done @param {number} cpuMicros */
function note(figures, { figures: callbacks, tookMs }, cpuMicros) {
  const own = callbacks.map(({ ms, providerMs }) => ms - providerMs);
  figures.own.push(median(own));
  figures.tail.push(quantile(own, 0.99));
  figures.provider.push(median(callbacks.map(({ providerMs }) => providerMs)));
  figures.micros.push(cpuMicros / callbacks.length);
  figures.rate.push((callbacks.length / tookMs) * 1_000);
}

/** @param {readonly Figures[]} figures */
function describe(figures) {
  return table(
    ["", "p50 without the provider, ms", "p99, ms", "the provider, ms", "CPU µs a callback", "a second"],
    figures.map(({ own, tail, provider, micros, rate }, index) => [
      rows[index]?.name ?? "",
      spread(own, 2),
      spread(tail, 2),
      median(provider).toFixed(2),
      spread(micros, 0),
      spread(rate, 0),
    ]),
  );
}
