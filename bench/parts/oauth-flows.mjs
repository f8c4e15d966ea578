// @ts-check
// Codes and refreshes at the OAuth server, and whether a token costs more where many grants stand.
import path from "node:path";
import { spread, table, thousands } from "../figures.mjs";
import { createAsker } from "../process/ask.mjs";
import { createFlows } from "../process/oauth-flow.mjs";
import { startAnswering } from "../process/pinned.mjs";

export const part = {
  name: "oauth-flows",
  title: "The authorization server, people's tokens",
  about:
    "Authorization codes with PKCE and an ID token, and refreshes, through the node adapter on SQLite, each answer after its commit; 16 at a time. A new session " +
    "is four requests (sent to sign in, `POST /login` with the cheapest hash that argon2id allows, back, tokens), a known one two; that hash alone has a row of its " +
    "own. Below: the same while other people's grants stand, each with a refresh token and an opaque access token.",
  run,
};

const atOnce = 16;

/** @typedef {import("../process/oauth-flow.mjs").Client} Client */
/** `spend`: does it for so many milliseconds, and answers how often. @typedef {{ name: string, spend: (ms: number) => Promise<number> }} Job */

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const child = startAnswering("subject", [path.join(import.meta.dirname, "../process/oauth-server.mjs")]);
  try {
    const { port, clients, cookies } = await child.ask();
    const { ask, close } = createAsker(port, atOnce);
    const flows = createFlows(ask, cookies);
    const jobs = await jobsOf(flows, clients);
    /** @type {Job} */
    const hash = { name: "the hash of the new session, alone", spend: async (ms) => (await child.ask({ hash: { ms, atOnce } })).done };
    const ms = pace.quick ? 100 : 800;
    const rounds = pace.quick ? 1 : 5;
    const text = [
      table(
        ["", "CPU µs", "a second"],
        // A flow of four requests is compiled only after some thousands of them.
        (await measure(child, [...jobs, hash], ms, rounds, pace.quick ? 1 : 5)).map(({ name, figures }) => [name, ...figures]),
      ),
    ];
    /** @type {string[][]} */
    const rows = [];
    let filled = 0;
    const growing = jobs.filter(({ name }) => !name.includes("new session"));
    for (const grants of pace.quick ? [1_000] : [1_000, 10_000, 100_000, 1_000_000]) {
      await child.ask({ fill: { from: filled, to: grants } });
      filled = grants;
      rows.push([thousands(grants), ...(await measure(child, growing, ms, rounds)).map(({ figures }) => String(figures[0]))]);
    }
    text.push(table(["grants that stand", ...growing.map(({ name }) => `${name}, CPU µs`)], rows));
    close();
    return text.join("\n\n");
  } finally {
    await child.stop();
  }
}

/** @param {ReturnType<typeof createFlows>} flows @param {Record<"jwt" | "opaque", Client>} clients @returns {Promise<Job[]>} */
async function jobsOf(flows, { jwt, opaque }) {
  /** @type {string[]} */
  const refreshTokens = [];
  for (let worker = 0; worker < atOnce; worker += 1) refreshTokens.push((await flows.known(jwt)).refresh_token);
  return [
    { name: "code, new session", spend: lanes(() => flows.unknown(jwt)) },
    { name: "code, known session", spend: lanes(() => flows.known(jwt)) },
    {
      name: "refresh",
      spend: lanes(async (worker) => {
        refreshTokens[worker] = (await flows.refresh(jwt, String(refreshTokens[worker]))).refresh_token;
      }),
    },
    { name: "client_credentials, opaque", spend: lanes(() => flows.own(opaque)) },
  ];
}

/** So many at once, each again when it is done. @param {(worker: number) => Promise<unknown>} once @returns {Job["spend"]} */
const lanes = (once) => async (ms) => {
  const startedAt = performance.now();
  let done = 0;
  const lane = async (/** @type {number} */ worker) => {
    for (; performance.now() - startedAt < ms; done += 1) await once(worker);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => lane(worker)));
  return done;
};

/** Each in turn, several rounds; those before them are thrown away. @param {ReturnType<typeof startAnswering>} child @param {readonly Job[]} jobs @param {number} ms @param {number} rounds @param {number} before */
async function measure(child, jobs, ms, rounds, before = 1) {
  const found = jobs.map(({ name }) => ({ name, micros: /** @type {number[]} */ ([]), rates: /** @type {number[]} */ ([]) }));
  for (let round = -before; round < rounds; round += 1)
    for (const [index, { spend }] of jobs.entries()) {
      // What the job before this one wrote is still being brought into the database.
      await spend(ms / 2);
      const spent = await child.ask({ usage: true });
      const startedAt = performance.now();
      const done = await spend(ms);
      const tookMs = performance.now() - startedAt;
      const after = await child.ask({ usage: true });
      if (round < 0) continue;
      found[index]?.micros.push((after.cpuMicros - spent.cpuMicros) / done);
      found[index]?.rates.push((done / tookMs) * 1_000);
    }
  return found.map(({ name, micros, rates }) => ({ name, figures: [spread(micros), spread(rates, 0)] }));
}
