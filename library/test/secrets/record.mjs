// @ts-check
// Runs before anything else in every process of a test run, also in the servers that tests start (`node --import`). Writes
// down what is used as a secret, told by the function it is given to, and what reaches a database, Redis, an answer or a
// log. `search.ts` compares both when the run is over. Nothing is replaced: each call goes on as it was.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import Module, { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

const folder = process.env["TEST_RECORD_FOLDER"];
const { appendFileSync } = fs;
/** Beyond this a text tells nothing more: it is one of those that tests send to see them refused. */
const longest = 100_000;
const mostRemembered = 200_000;

/** @typedef {(word: string, text: string | Buffer) => void} Note */

/** Lines of one kind, each once; written in pieces, and what is left at the end of the process. @param {string} name @returns {Note & { flush: () => void }} */
function notebook(name) {
  const file = join(/** @type {string} */ (folder), `${name}-${process.pid}`);
  let seen = new Set();
  let waiting = "";
  const flush = () => {
    if (waiting !== "") appendFileSync(file, waiting, "latin1");
    waiting = "";
  };
  setInterval(flush, 100).unref();
  process.on("exit", flush);
  /** @type {Note} */
  const note = (word, text) => {
    const bytes = typeof text === "string" ? Buffer.from(text.slice(0, longest)) : text.subarray(0, longest);
    const line = `\x1e${word}\x1f${bytes.toString("latin1")}`;
    if (seen.has(line)) return;
    if (seen.size >= mostRemembered) seen = new Set();
    seen.add(line);
    waiting += line;
    if (waiting.length > 1 << 18) flush();
  };
  return Object.assign(note, { flush });
}

/** Puts a look at the arguments before a function. @param {any} owner @param {string} name @param {(values: any[], self: any) => void} look */
function before(owner, name, look) {
  const original = owner[name];
  if (typeof original !== "function") return;
  owner[name] = Object.assign(
    /** @this {any} @param {any[]} values */
    function (...values) {
      look(values, this);
      return Reflect.apply(original, this, values);
    },
    original,
  );
}

// Of our own form (`lk_live_…`), signed tokens, and the mark of a known device: what is bearer of a right.
const issuedForm =
  /^[a-z0-9]{2,}_[a-z0-9_]+_[0-9A-Za-z]{49}$|^ey[\w-]{10,}\.[\w-]{10,}\.[\w-]{20,}$|^[0-9a-f]{16}\.[\w-]{16}\.[0-9a-z]+\.[\w-]{43}$/;

/** @param {Note} secret */
function watchCrypto(secret) {
  const hashed = (/** @type {unknown} */ text) =>
    void (typeof text === "string" && issuedForm.test(text) && !isRequestObject(text) && secret("issued", text));
  const chosen = (/** @type {unknown} */ key) => noteChosen(secret, key);
  before(crypto, "hash", ([, text]) => hashed(text));
  before(crypto, "hkdfSync", ([, key]) => chosen(key));
  // Tests sign too, also with what is public: to see it refused.
  before(crypto, "createHmac", ([, key]) => void (calledByTest() || chosen(key)));
  before(
    crypto,
    "createSecretKey",
    ([key, encoding]) => void (calledByTest() || chosen(typeof key === "string" ? Buffer.from(key, encoding) : key)),
  );
  before(crypto, "scrypt", ([password]) => chosen(password));
  before(crypto, "pbkdf2", ([password]) => chosen(password));
  before(crypto, "createPrivateKey", ([given]) => chosen(given?.key?.d ?? bodyOfPem(given?.key ?? given)));
  // What is sealed: signing keys, secrets of webhooks, tokens of providers. Some of it is shown to its owner, once.
  before(/** @type {any} */ (crypto).Cipheriv.prototype, "update", ([text]) => {
    if (typeof text === "string") for (const part of partsOfSealed(text)) secret("issued", part);
  });
  syncBuiltinESMExports();
}

/** Passwords on their way to a thread, where nothing of this runs. @param {Note} secret */
function watchThreads(secret) {
  before(Worker.prototype, "postMessage", ([message]) => {
    if (message?.name === "hash") noteChosen(secret, message.words[0]);
    if (message?.name === "verify") noteChosen(secret, message.words[1]);
  });
}

/** Signed, and bearer of no right: what an app asks for (RFC 9101), which travels through browsers. @param {string} text */
const isRequestObject = (text) =>
  text.startsWith("ey") &&
  Buffer.from(text.split(".", 1)[0] ?? "", "base64url")
    .toString()
    .includes("oauth-authz-req+jwt");

/** A password or a key; a test may try what was issued as one. @param {Note} secret @param {unknown} key */
function noteChosen(secret, key) {
  if (typeof key === "string") secret(issuedForm.test(key) ? "issued" : "chosen", key);
  else if (key instanceof Uint8Array) secret("chosen", Buffer.from(key));
}

/**
 * A letter or a record is sealed as JSON: its tokens are looked for each by itself. The secret of a webhook is issued as the
 * bytes, too, that serve as a key. @param {string} text @returns {(string | Buffer)[]}
 */
function partsOfSealed(text) {
  const tokens = [...text.matchAll(/"(?:accessToken|refreshToken|idToken|verifier)":"([^"\\]+)"/g)].map(([, token]) => token ?? "");
  if (text.startsWith("{")) return tokens;
  return text.startsWith("whsec_") ? [text, Buffer.from(text.slice("whsec_".length), "base64")] : [text];
}

const calledByTest = () => /\/test\/|\.test\./.test(new Error().stack?.split("\n").filter((line) => !line.includes("record.mjs"))[1] ?? "");

/** @param {unknown} pem */
const bodyOfPem = (pem) => (typeof pem === "string" ? Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64") : pem);

/** @param {Note} reached */
function watchAnswers(reached) {
  const given = new WeakMap();
  before(http.ServerResponse.prototype, "writeHead", ([, ...more], self) => given.set(self, more.at(-1)));
  /** @param {any[]} values @param {any} self */
  const look = ([chunk, encoding], self) => {
    const where = `answer ${self.req?.method} ${self.statusCode}`;
    if (typeof chunk === "string" || chunk instanceof Uint8Array)
      reached(
        where,
        typeof chunk === "string" && encoding !== "base64" && encoding !== "hex" ? chunk : Buffer.from(/** @type {any} */ (chunk)),
      );
    if (!self.recorded) reached(where, JSON.stringify([self.getHeaders?.(), given.get(self)]));
    self.recorded = true;
  };
  before(http.ServerResponse.prototype, "write", look);
  before(http.ServerResponse.prototype, "end", look);
}

/**
 * A gate whose answers are looked at as they are handed over in this process, before any adapter writes them.
 * @template {{ handle: any, fetch: any, route?: any }} T @param {T} gate @returns {T}
 */
export function watchGate(gate) {
  /** @param {any} handle @returns {any} */
  const watched = (handle) => (/** @type {any} */ view) => {
    const answer = handle(view);
    const note = (/** @type {any} */ made) => {
      if (made !== undefined) noteAnswer(view.method, made.status, Object.entries(made.headers), made.body);
      return made;
    };
    return answer instanceof Promise ? answer.then(note) : note(answer);
  };
  const fetch = async (/** @type {Request} */ request, /** @type {any[]} */ ...known) => {
    const response = await gate.fetch(request, ...known);
    noteAnswer(request.method, response.status, [...response.headers], Buffer.from(await response.clone().arrayBuffer()));
    return response;
  };
  const route = (/** @type {any[]} */ ...given) => watched(gate.route(...given));
  return { ...gate, handle: watched(gate.handle), fetch, ...(gate.route === undefined ? {} : { route }) };
}

/** @param {string} method @param {number} status @param {[string, unknown][]} headers @param {string | Buffer | undefined} body */
function noteAnswer(method, status, headers, body) {
  reachedHere(`handed ${method} ${status}`, JSON.stringify(headers));
  if (body !== undefined) reachedHere(`handed ${method} ${status}`, body);
}

/** @type {Note} */
let reachedHere = () => undefined;

/** What drivers are told, as they are loaded. @type {Record<string, (exports: any, notes: { secret: Note, reached: Note }) => void>} */
const drivers = {
  libsql(exports, { reached }) {
    const known = new WeakSet();
    const prepare = exports.prototype.prepare;
    /** @this {any} @param {any[]} values */
    exports.prototype.prepare = function (...values) {
      const statement = Reflect.apply(prepare, this, values);
      const prototype = Object.getPrototypeOf(statement);
      if (!known.has(prototype))
        for (const verb of ["run", "get", "all", "iterate"]) before(prototype, verb, (given) => noteValues("sqlite", given, reached));
      known.add(prototype);
      return statement;
    };
  },
  pg(exports, { reached }) {
    before(exports.Client.prototype, "query", ([query, values]) => {
      noteValues("postgres", [query?.text ?? query, ...(query?.values ?? []), ...(Array.isArray(values) ? values : [])], reached);
    });
  },
  ioredis(exports, { reached }) {
    before(exports.Redis.prototype, "sendCommand", ([command]) => noteValues("redis", command?.args ?? [], reached));
  },
  "@node-rs/argon2"(exports, { secret }) {
    before(exports, "hash", ([password]) => noteChosen(secret, password));
    before(exports, "verify", ([, password]) => noteChosen(secret, password));
  },
  "@node-rs/bcrypt"(exports, { secret }) {
    before(exports, "verify", ([password]) => noteChosen(secret, password));
  },
};

/** @param {string} where @param {readonly unknown[]} values @param {Note} reached */
function noteValues(where, values, reached) {
  for (const value of values.flat(2)) {
    if (typeof value === "string" && value.length >= 8) reached(where, value);
    else if (value instanceof Uint8Array && value.length >= 8) reached(where, Buffer.from(value));
  }
}

/** @param {{ secret: Note, reached: Note }} notes */
function watchDrivers(notes) {
  const loader = /** @type {any} */ (Module);
  const entry = "_load";
  const load = loader[entry];
  const done = new WeakSet();
  /** @param {string} request @param {any[]} rest */
  loader[entry] = function (request, ...rest) {
    const exports = Reflect.apply(load, this, [request, ...rest]);
    const name = Object.keys(drivers).find((driver) => request === driver || request.includes(`/node_modules/${driver}/`));
    const whole = name !== undefined && (request === name || isMain(name, exports));
    if (whole && !done.has(exports)) {
      done.add(exports);
      drivers[name]?.(exports, notes);
    }
    return exports;
  };
}

/** Asked for by its path: is it the package itself, or a file of it? @param {string} name @param {any} exports */
function isMain(name, exports) {
  if (exports === null || (typeof exports !== "object" && typeof exports !== "function")) return false;
  if (name === "libsql") return typeof exports.prototype?.prepare === "function";
  if (name === "pg") return typeof exports.Client?.prototype?.query === "function" && typeof exports.Pool === "function";
  if (name === "ioredis") return typeof exports.Redis?.prototype?.sendCommand === "function";
  return typeof exports.verify === "function";
}

/** Lines of a server's log are known by their members; the rest is what a command says to whoever typed it. @param {Note} reached */
function watchOutput(reached) {
  const look = (/** @type {unknown} */ text) => {
    for (const line of String(text).split("\n"))
      if (line.length >= 8) reached(/^\{"time":|^\{"level":/.test(line) ? "log" : "output", line);
  };
  before(fs, "writeSync", ([target, text]) => void ((target === 1 || target === 2) && look(text)));
  for (const stream of [process.stdout, process.stderr]) before(stream, "write", ([text]) => look(text));
  syncBuiltinESMExports();
}

/** Writes down what is waiting; a process that is ended from outside has no other chance. */
export let flush = () => {};

if (folder !== undefined) {
  const [secrets, reached] = [notebook("secret"), notebook("reached")];
  const secret = Object.assign(
    (/** @type {string} */ kind, /** @type {string | Buffer} */ text) =>
      secrets(kind, Buffer.from(/** @type {string} */ (text)).toString("base64")),
    { flush: secrets.flush },
  );
  const notes = { secret, reached };
  reachedHere = reached;
  watchCrypto(secret);
  watchThreads(secret);
  watchAnswers(reached);
  watchDrivers(notes);
  // In a worker of vitest what tests print is no log of ours.
  if (process.env["VITEST"] === undefined) watchOutput(reached);
  flush = () => {
    secret.flush();
    reached.flush();
  };
}
