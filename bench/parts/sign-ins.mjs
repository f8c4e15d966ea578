// @ts-check
// Sign-ins a second beside the hash alone, on all cores; and what others feel of it while twice as many come as can be served.
import { availableParallelism } from "node:os";
import path from "node:path";
import { median, quantile, spread, table } from "../figures.mjs";
import { password } from "../fixtures/people.mjs";
import { createAsker } from "../process/ask.mjs";
import { startAnswering } from "../process/pinned.mjs";
import { spentBy } from "../process/proc.mjs";

export const part = {
  name: "sign-ins",
  title: "Sign-ins, and others while they flood",
  about:
    "On all cores, `POST /login` with argon2id of OWASP's parameters (19 MiB, 2 passes), sessions written to SQLite; beside the hash alone, as many at a " +
    "time as there are cores, which nobody asks; beside node:http that does nothing but the hash, asked by the same load, which takes its share of " +
    "the same cores; and beside Express with bcrypt at cost 12. Then twice as many sign-ins as it can do arrive each second, and one " +
    "client, in a process of its own, asks `GET /whoami` with a key, a request every 5 ms.",
  run,
};

const program = path.join(import.meta.dirname, "../process/sign-ins.mjs");
const loadProgram = path.join(import.meta.dirname, "../process/load.mjs");
const visitorProgram = path.join(import.meta.dirname, "../process/visitor.mjs");
const inFlight = 4 * availableParallelism();

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const children = { raw: start("raw"), bare: start("bare"), own: start("own"), bcrypt: start("bcrypt") };
  const load = startAnswering("anywhere", [loadProgram]);
  try {
    const [own, bare, bcrypt] = await Promise.all([children.own.ask(), children.bare.ask(), children.bcrypt.ask(), children.raw.ask()]);
    await tell(load, "own", own);
    await tell(load, "bare", bare);
    if (bcrypt.missing === undefined) await tell(load, "bcrypt", bcrypt);
    const ms = pace.quick ? 300 : 2_500;
    /** @type {Rounds} */
    const rounds = { raw: [], bare: [], own: [], bcrypt: [] };
    // Those before are thrown away: what a server does so seldom is compiled only after thousands of times.
    for (let round = pace.quick ? 0 : -4; round < (pace.quick ? 1 : 5); round += 1) {
      if (round === 0) for (const list of Object.values(rounds)) list.length = 0;
      rounds.raw.push(await costing(children.raw, () => children.raw.ask({ raw: ms })));
      rounds.bare.push(await costing(children.bare, () => signInRate(load, "bare", inFlight, ms)));
      rounds.own.push(await costing(children.own, () => signInRate(load, "own", inFlight, ms)));
      if (bcrypt.missing === undefined)
        rounds.bcrypt.push(await costing(children.bcrypt, () => signInRate(load, "bcrypt", availableParallelism(), ms)));
      process.stderr.write(`\rsign-ins: round ${round + 1} `);
    }
    process.stderr.write("\n");
    const flooded = await floodFigures(own, {
      perSecond: 2 * median(rounds.own.map(({ rate }) => rate)),
      ms: pace.quick ? 500 : 10_000,
      child: children.own,
    });
    return [describe(rounds), flooded, ...(bcrypt.missing === undefined ? [] : [`Left out: ${bcrypt.missing}.`])].join("\n\n");
  } finally {
    await Promise.all([load, ...Object.values(children)].map((child) => child.stop()));
  }
}

/** @param {string} kind */
const start = (kind) => startAnswering("anywhere", [program, kind]);

/** @param {number} turn @param {number} people */
const signIn = (turn, people) => ({
  method: "POST",
  path: "/login",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ email: `person${turn % people}@example.com`, password }),
});

/** Tells the load whom it may sign in there. @param {Child} load @param {string} target @param {{ port: number, people: number }} aim */
const tell = (load, target, { port, people }) =>
  load.ask({ aim: { target, port, requests: Array.from({ length: people }, (_, turn) => signIn(turn, people)) } });

/** @param {Child} load @param {string} target @param {number} connections @param {number} ms */
async function signInRate(load, target, connections, ms) {
  const { answered, wrong, firstWrong, ms: took } = await load.ask({ fire: { target, connections, ms, sleeps: true } });
  if (wrong > 0) throw new Error(`A sign-in was not answered 200: ${firstWrong}`);
  return { rate: (answered / took) * 1_000, done: answered };
}

/** @typedef {ReturnType<typeof startAnswering>} Child */
/** @typedef {{ rate: number, cpuMs: number }} Round how many a second, and what each cost the process, its load not included */
/** @typedef {Record<"raw" | "bare" | "own" | "bcrypt", Round[]>} Rounds */

/** @param {Child} child @param {() => Promise<{ rate: number, done: number }>} measure @returns {Promise<Round>} */
async function costing({ child }, measure) {
  const before = spentBy(child.pid ?? 0).cpuMs;
  const { rate, done } = await measure();
  return { rate, cpuMs: (spentBy(child.pid ?? 0).cpuMs - before) / done };
}

/** @param {Rounds} rounds */
function describe({ raw, bare, own, bcrypt }) {
  /** @param {Round[]} these @param {Round[]} others */
  const share = (these, others) => median(these.map(({ rate }, round) => rate / (others[round]?.rate ?? NaN))).toFixed(2);
  /** @param {string} name @param {Round[]} these */
  const row = (name, these) => [
    name,
    spread(these.map(({ rate }) => rate)),
    share(these, raw),
    share(these, bare),
    median(these.map(({ cpuMs }) => cpuMs)).toFixed(1),
  ];
  const rows = [
    row("argon2id alone", raw),
    row(`node:http and argon2id, ${inFlight} in flight`, bare),
    row(`latchkey, POST /login, ${inFlight} in flight`, own),
  ];
  if (bcrypt.length > 0) rows.push(row("Express, bcrypt 12", bcrypt));
  return table(["", "a second", "of argon2id alone", "of node:http and argon2id", "CPU ms each"], rows);
}

/** @param {{ port: number, people: number, key: string }} aim @param {{ perSecond: number, ms: number, child: Child }} how */
async function floodFigures(aim, { perSecond, ms, child }) {
  const visitor = startAnswering("anywhere", [visitorProgram]);
  const latencies = (/** @type {number} */ forMs) => visitor.ask({ port: aim.port, key: aim.key, ms: forMs });
  const quiet = await latencies(ms / 2);
  const before = (await child.ask({ usage: true })).megabytes;
  const flooding = flood(aim, perSecond, ms);
  const flooded = await latencies(ms);
  const counts = await flooding;
  await visitor.stop();
  const after = (await child.ask({ usage: true })).megabytes;
  const row = (/** @type {string} */ name, /** @type {number[]} */ list, /** @type {number} */ megabytes) => [
    name,
    quantile(list, 0.5).toFixed(2),
    quantile(list, 0.99).toFixed(2),
    (quantile(list, 0.99) / quantile(quiet, 0.99)).toFixed(1),
    megabytes.toFixed(0),
  ];
  const head = ["`GET /whoami` with a key", "p50, ms", "p99, ms", "× quiet", "resident MB after"];
  const told = [...counts].map(([status, count]) => `${count} times ${status}`).join(", ");
  return [
    table(head, [row("quiet", quiet, before), row(`with ${perSecond.toFixed(0)} sign-ins a second`, flooded, after)]),
    `The sign-ins of the flood were answered ${told}.`,
  ].join("\n\n");
}

/** As many as are asked for, however slowly they are answered. @param {{ port: number, people: number }} aim @param {number} perSecond @param {number} ms */
async function flood({ port, people }, perSecond, ms) {
  const { ask, close } = createAsker(port, 1_000);
  /** @type {Map<number, number>} */
  const counts = new Map();
  const asked = [];
  const startedAt = performance.now();
  for (let sent = 0, elapsed = 0; elapsed < ms; elapsed = performance.now() - startedAt) {
    for (; sent < (elapsed / 1_000) * perSecond; sent += 1)
      asked.push(ask(signIn(sent, people)).then(({ status }) => counts.set(status, (counts.get(status) ?? 0) + 1)));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(asked);
  close();
  return counts;
}
