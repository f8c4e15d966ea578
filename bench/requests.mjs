// @ts-check
// Measures the subjects of one part: all are started, then asked in turn for a slice of time each, over several rounds, so
// that what disturbs the machine disturbs them alike. Figures are medians over rounds; comparisons are made within a round.
import { readdirSync } from "node:fs";
import path from "node:path";
import { median, spread, table, thousands } from "./figures.mjs";
import { startAnswering } from "./process/pinned.mjs";

/** @typedef {import("./subject.ts").Subject} Subject */
/** @typedef {import("./subject.ts").RequestPart} RequestPart */
/** @typedef {{ part: RequestPart, files: { file: string, subjects: readonly Subject[] }[] }} Gathered */
/** @typedef {{ name: string, beside: string | undefined, connections: number, process: ReturnType<typeof startAnswering>, rounds: { micros: number, rate: number }[] }} Running */

const here = import.meta.dirname;
const bareFile = path.join(here, "subjects/bare.mjs");
const bare = "node:http, bare";
const mostConnections = 32;

/** Every part that the files in `subjects/` name, in the order of their names. @returns {Promise<Map<string, Gathered>>} */
export async function gatherParts() {
  /** @type {Map<string, Gathered>} */
  const parts = new Map();
  for (const name of readdirSync(path.join(here, "subjects"))
    .filter((entry) => entry.endsWith(".mjs"))
    .toSorted()) {
    const file = path.join(here, "subjects", name);
    /** @type {{ part?: RequestPart, subjects: readonly Subject[] }} */
    const { part, subjects } = await import(file);
    if (part === undefined) continue;
    const gathered = parts.get(part.name) ?? { part, files: [] };
    gathered.files.push({ file, subjects });
    parts.set(part.name, gathered);
  }
  return parts;
}

/** @param {Gathered} gathered @param {import("./run.mjs").Pace} pace @returns {Promise<string>} Markdown */
export async function measureRequests({ files, part }, pace) {
  const load = startAnswering("load", [path.join(here, "process/load.mjs")]);
  /** @type {Running[]} */
  const running = [];
  /** @type {string[]} */
  const notes = [];
  try {
    const bareSubject = { file: bareFile, subjects: [{ name: bare }] };
    for (const { file, subjects } of [bareSubject, ...files]) {
      for (const subject of subjects) {
        const started = await start(file, subject, load);
        if (typeof started === "string") notes.push(`Left out: ${subject.name} (${started}).`);
        else running.push(started);
      }
    }
    for (const subject of running) await slice(subject, load, { count: pace.warmUpRequests, ms: 20 * pace.sliceMs });
    for (let round = 0; round < pace.rounds; round += 1) {
      for (const subject of shuffled(running)) {
        // Lead in: it has slept while the others were asked, and what wakes up is not what is measured.
        await slice(subject, load, { ms: pace.sliceMs / 2 });
        subject.rounds.push(await slice(subject, load, { ms: pace.sliceMs }));
      }
      process.stderr.write(`\r${part.name}: round ${round + 1} of ${pace.rounds} `);
    }
    process.stderr.write("\n");
  } finally {
    await Promise.all([load, ...running.map((subject) => subject.process)].map((child) => child.stop()));
  }
  return [describe(running), ...notes].join("\n\n");
}

/**
 * @param {string} file @param {Pick<Subject, "name" | "beside" | "connections">} subject @param {ReturnType<typeof startAnswering>} load
 * @returns {Promise<Running | string>} a text: why it cannot run here
 */
async function start(file, { name, beside, connections = mostConnections }, load) {
  const child = startAnswering("subject", [path.join(here, "process/subject.mjs"), file, name]);
  /** @type {any} */
  let opened;
  try {
    opened = await child.ask();
  } catch (error) {
    return `it did not start: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (opened.missing !== undefined) {
    await child.stop();
    return opened.missing;
  }
  await expectRefusal(name, opened);
  await load.ask({ aim: { target: name, port: opened.port, requests: opened.requests } });
  return { name, beside, connections, process: child, rounds: [] };
}

/** What lets everybody in is quick, and worth nothing. @param {string} name @param {{ port: number, unauthenticated?: import("./subject.ts").BenchRequest }} opened */
async function expectRefusal(name, { port, unauthenticated: request }) {
  if (request === undefined) return;
  const { status } = await fetch(`http://127.0.0.1:${port}${request.path}`, {
    method: request.method ?? "GET",
    headers: request.headers ?? {},
    body: request.body,
  });
  if (status !== 401 && status !== 403) throw new Error(`${name} answered ${status} to a request that it should refuse.`);
}

/** One slice of load. @param {Running} subject @param {ReturnType<typeof startAnswering>} load @param {{ ms: number, count?: number }} span */
async function slice({ name, connections, process: child }, load, span) {
  const before = await child.ask({ usage: true });
  const fired = await load.ask({ fire: { target: name, connections, ...span } });
  const after = await child.ask({ usage: true });
  if (fired.wrong > 0)
    throw new Error(`${name}: ${fired.wrong} of ${fired.answered} answers were not 200. The first:\n${fired.firstWrong}`);
  return { micros: (after.cpuMicros - before.cpuMicros) / fired.answered, rate: (fired.answered / fired.ms) * 1000 };
}

/** @param {readonly Running[]} running */
function describe(running) {
  const byName = new Map(running.map((subject) => [subject.name, subject]));
  const base = /** @type {Running} */ (byName.get(bare));
  const rows = running.map((subject) => {
    const beside = subject.beside === undefined ? undefined : byName.get(subject.beside);
    const against = (
      /** @type {Running} */ other,
      /** @type {(mine: Running["rounds"][0], theirs: Running["rounds"][0]) => number} */ compare,
    ) => subject.rounds.map((mine, round) => compare(mine, /** @type {Running["rounds"][0]} */ (other.rounds[round])));
    return [
      subject.name,
      spread(subject.rounds.map((round) => round.micros)),
      thousands(median(subject.rounds.map((round) => round.rate))),
      median(against(base, (mine, theirs) => theirs.micros / mine.micros)).toFixed(2),
      median(against(base, (mine, theirs) => mine.rate / theirs.rate)).toFixed(2),
      beside === undefined ? "" : signed(against(beside, (mine, theirs) => mine.micros - theirs.micros)),
    ];
  });
  return table(["", "CPU µs a request", "requests/s", "of bare, by CPU", "of bare, by rate", "authentication adds µs"], rows);
}

/** @param {readonly number[]} differences */
function signed(differences) {
  return `${median(differences) < 0 ? "" : "+"}${spread(differences)}`;
}

/** Another order each round, so that no subject always follows the same neighbour. @template T @param {readonly T[]} list @returns {T[]} */
function shuffled(list) {
  const rest = [...list];
  for (let index = rest.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1));
    [rest[index], rest[other]] = [/** @type {T} */ (rest[other]), /** @type {T} */ (rest[index])];
  }
  return rest;
}
