// Once the whole run is over: is any secret that a test used in a database, a log or an answer where it must not be?
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formsOf } from "../canary.ts";

/** One place where a secret was found. */
export interface Found {
  /** `sqlite`, `redis`, `log`, `answer GET 200`, or `handed GET 200` by a gate to whoever embeds it, … */
  readonly where: string;
  readonly kind: SecretKind;
  readonly secret: string;
  /** What stands around it. */
  readonly excerpt: string;
}

export interface Search {
  readonly secrets: number;
  readonly megabytes: number;
  readonly found: readonly Found[];
}

/** `chosen`: passwords and keys, which nobody is ever told. `issued`: shown once, by the answer that makes it. */
type SecretKind = "chosen" | "issued";

interface Form {
  readonly kind: SecretKind;
  readonly secret: string;
  readonly text: string;
}

/** Shorter ones (a test of the shortest allowed password) are words that stand in many texts. */
const shortest = 12;
/** A key of zeros is a test vector, and so is every file that was cleared. */
const fewestDifferent = 4;
/** So many characters lead to a form. */
const head = 8;

/** Searches what the processes of a run wrote into this folder. */
export function searchRun(folder: string): Search {
  const files = (name: string) => readdirSync(folder).filter((file) => file.startsWith(`${name}-`));
  const secrets = new Map<string, SecretKind>();
  for (const file of files("secret"))
    for (const { word, text } of linesOf(readFileSync(join(folder, file), "latin1"))) {
      const secret = Buffer.from(text, "base64").toString("latin1");
      // What is issued may serve as a key, too: the successor of a refresh token is made of it.
      const kind = secrets.get(secret) === "issued" ? "issued" : (word as SecretKind);
      if (secret.length >= shortest && new Set(secret).size >= fewestDifferent) secrets.set(secret, kind);
    }
  const index = indexOf(secrets);
  const found: Found[] = [];
  let bytes = 0;
  for (const file of files("reached")) {
    const content = readFileSync(join(folder, file));
    bytes += content.length;
    searchIn(content, index, found);
  }
  return { secrets: secrets.size, megabytes: bytes / 2 ** 20, found };
}

function linesOf(content: string): readonly { readonly word: string; readonly text: string }[] {
  return content
    .split("\x1e")
    .slice(1)
    .map((line) => ({ word: line.slice(0, line.indexOf("\x1f")), text: line.slice(line.indexOf("\x1f") + 1) }));
}

interface Index {
  readonly forms: ReadonlyMap<string, readonly Form[]>;
  /** A bit for each beginning of a form: nearly every place of a text is dismissed by it. */
  readonly beginnings: Uint8Array;
}

function indexOf(secrets: ReadonlyMap<string, SecretKind>): Index {
  const forms = new Map<string, Form[]>();
  const beginnings = new Uint8Array(1 << 22);
  for (const [secret, kind] of secrets) {
    const bytes = Buffer.from(secret, "latin1");
    for (const form of new Set([...formsOf(bytes), JSON.stringify(secret).slice(1, -1)])) {
      const start = form.slice(0, head);
      forms.set(start, [...(forms.get(start) ?? []), { kind, secret, text: form }]);
      beginnings[beginningOf(Buffer.from(start, "latin1"), 0)] = 1;
    }
  }
  return { forms, beginnings };
}

function beginningOf(bytes: Buffer, at: number): number {
  const first = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const second = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
  return (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 10;
}

function searchIn(content: Buffer, { forms, beginnings }: Index, found: Found[]): void {
  for (let at = 0; at <= content.length - head; at += 1) {
    if (beginnings[beginningOf(content, at)] === 0) continue;
    for (const form of forms.get(content.toString("latin1", at, at + head)) ?? []) {
      if (content.toString("latin1", at, at + form.text.length) !== form.text) continue;
      const where = whereOf(content, at);
      if (mayStand(form, where)) continue;
      // The JWT of minutes that /forward-auth hands to a proxy in the field Authorization, which no other answer has.
      if (form.kind === "issued" && content.toString("latin1", Math.max(0, at - 30), at).endsWith('"authorization","Bearer ')) continue;
      const excerpt = content.toString("latin1", Math.max(0, at - 60), at + form.text.length + 20);
      found.push({ where, kind: form.kind, secret: form.secret, excerpt });
    }
  }
}

function whereOf(content: Buffer, at: number): string {
  const start = content.lastIndexOf(0x1e, at) + 1;
  return content.toString("latin1", start, content.indexOf(0x1f, start));
}

/**
 * What is issued is told once: by the answer to the POST (or, at the command line, by the command) that makes it; the cookie
 * of a session also by the redirect that follows a form or comes back from a provider, an authorization code by the redirect or the form that is its one
 * way to the client (RFC 6749 s.4.1.2). The token of a registration stands in all that it is answered (RFC 7592 s.3).
 */
function mayStand({ kind, secret }: Form, where: string): boolean {
  if (kind !== "issued") return false;
  if (secret.startsWith("lkg_")) return /^(?:answer|handed) (?:GET|POST) (?:200|303)$/.test(where);
  if (secret.startsWith("lkm_") && /^(?:answer|handed) (?:GET|PUT) 200$/.test(where)) return true;
  if (secret.startsWith("ls_") && /^(?:answer|handed) (?:GET|POST) 303$/.test(where)) return true;
  return where === "output" || /^(?:answer|handed) POST 2\d\d$/.test(where);
}
