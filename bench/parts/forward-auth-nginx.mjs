// @ts-check
// The whole way through nginx: auth_request answered by Latchkey, beside the same answered by a bare node:http.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { median, spread, table } from "../figures.mjs";
import { startNginx } from "../fixtures/nginx.mjs";
import { startAnswering } from "../process/pinned.mjs";
import { spentBy } from "../process/proc.mjs";

export const part = {
  name: "forward-auth-nginx",
  title: "Through nginx, with a warm API key",
  about:
    "nginx in front of one bare node:http; `auth_request` is answered by `/forward-auth`, or by a bare node:http that answers the same headers to anybody. All of " +
    "it on one core. CPU is that of nginx, the authenticator and the backend together.",
  run,
};

const bare = "auth_request to a bare node:http";
const ours = "auth_request to Latchkey";
const here = import.meta.dirname;
const subject = (/** @type {string} */ file, /** @type {string} */ name) =>
  startAnswering("subject", [path.join(here, "../process/subject.mjs"), path.join(here, "../subjects", file), name]);

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  const backend = subject("bare.mjs", "node:http, bare");
  const authenticators = [
    subject("forward-auth.mjs", "node:http, the same headers"),
    subject("forward-auth.mjs", "Latchkey, /forward-auth"),
  ];
  const load = startAnswering("load", [path.join(here, "../process/load.mjs")]);
  /** @type {Awaited<ReturnType<typeof startNginx>> | undefined} */
  let nginx;
  try {
    const { port } = await backend.ask();
    const opened = [];
    for (const child of authenticators) opened.push(await child.ask());
    nginx = await startNginx(
      folder,
      port,
      opened.map((one) => one.port),
    );
    const { headers } = opened[1].requests[0];
    const requests = [{ path: "/posts", headers: { "X-API-Key": headers["X-API-Key"] } }];
    await expectRefusal(/** @type {number} */ (nginx.ports[1]));
    const pids = authenticators.map(({ child }) => /** @type {number} */ (child.pid));
    const common = [nginx.pid, /** @type {number} */ (backend.child.pid)];
    for (const [index, name] of [bare, ours].entries()) await load.ask({ aim: { target: name, port: nginx.ports[index], requests } });

    const measure = async (/** @type {string} */ target, /** @type {number} */ index, /** @type {object} */ span) => {
      const spent = () => [...common, /** @type {number} */ (pids[index])].reduce((sum, pid) => sum + spentBy(pid).cpuMs, 0);
      const before = spent();
      const fired = await load.ask({ fire: { target, connections: 32, ...span } });
      if (fired.wrong > 0) throw new Error(`${target}: ${fired.wrong} answers were not 200. The first:\n${fired.firstWrong}`);
      return { micros: ((spent() - before) * 1_000) / fired.answered, rate: (fired.answered / fired.ms) * 1_000 };
    };
    /** @type {{ micros: number, rate: number }[][]} */
    const rounds = [[], []];
    for (const [index, name] of [bare, ours].entries()) await measure(name, index, { count: pace.warmUpRequests / 2, ms: 5_000 });
    for (let round = 0; round < pace.rounds; round += 1) {
      // The one that begins changes with each round.
      const order = round % 2 === 0 ? [0, 1] : [1, 0];
      for (const index of order) rounds[index]?.push(await measure(index === 0 ? bare : ours, index, { ms: 2 * pace.sliceMs }));
      process.stderr.write(`\r${part.name}: round ${round + 1} of ${pace.rounds} `);
    }
    process.stderr.write("\n");
    return describe(/** @type {any} */ (rounds));
  } finally {
    nginx?.stop();
    await Promise.all([load, backend, ...authenticators].map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What lets everybody in is quick, and worth nothing. @param {number} port */
async function expectRefusal(port) {
  const { status } = await fetch(`http://127.0.0.1:${port}/posts`);
  if (status !== 401) throw new Error(`nginx answered ${status} to a request without a key.`);
}

/** @param {[{ micros: number, rate: number }[], { micros: number, rate: number }[]]} rounds */
function describe([theirs, mine]) {
  const row = (/** @type {string} */ name, /** @type {{ micros: number, rate: number }[]} */ list) => [
    name,
    spread(list.map(({ micros }) => micros)),
    spread(
      list.map(({ rate }) => rate),
      0,
    ),
    median(list.map(({ micros }, round) => (theirs[round]?.micros ?? NaN) / micros)).toFixed(2),
    median(list.map(({ rate }, round) => rate / (theirs[round]?.rate ?? NaN))).toFixed(2),
  ];
  return table(["", "CPU µs a request", "requests/s", "of bare, by CPU", "of bare, by rate"], [row(bare, theirs), row(ours, mine)]);
}
