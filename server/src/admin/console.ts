import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Answer, RequestView } from "latchkey";
import { randomBase62 } from "latchkey/endpoints";

/** The folder of the built console: beside the built program, and from the source where that is built to. */
function folderOfConsole(): string | undefined {
  const candidates = ["./console/", "../../dist/console/"].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return candidates.find((folder) => existsSync(`${folder}index.html`));
}

const mediaTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const nonceMark = "__NONCE__";

/**
 * The strictest policy under which the page works: files of this origin; no script and no style in the page itself but style
 * elements with the nonce of this very answer, which the component library makes; nobody may frame it.
 */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

const compress = promisify(gzip);

/** Answers what is for the console below `/admin`: its files, and its page for every other path there. */
export function consolePages(): (view: RequestView) => Promise<Answer | undefined> {
  const folder = folderOfConsole();
  const files = new Map<string, Promise<File | undefined>>();

  /** Read and compressed once: names of files are hashes of what is in them. */
  const fileOf = (name: string): Promise<File | undefined> => {
    const known = files.get(name);
    if (known !== undefined) return known;
    const reading = readFileOf(`${folder}${name}`);
    // What is not there is not remembered: anybody can ask for anything.
    reading.then((file) => file === undefined && files.delete(name)).catch(() => files.delete(name));
    files.set(name, reading);
    return reading;
  };

  return async (view) => {
    const path = view.target.split("?", 1)[0]!;
    if (view.method !== "GET" && view.method !== "HEAD") return notAllowed(view);
    const name = /^\/admin\/(assets\/[\w-]+\.(\w+))$/.exec(path);
    const type = name === null ? undefined : mediaTypes[name[2]!];
    if (path.startsWith("/admin/assets/")) {
      const file = folder === undefined || type === undefined ? undefined : await fileOf(name![1]!);
      return file === undefined ? undefined : fileAnswer(view, file, type!);
    }
    const page = folder === undefined ? undefined : await fileOf("index.html");
    return page === undefined ? unbuilt(view) : pageAnswer(view, page);
  };
}

interface File {
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

async function readFileOf(path: string): Promise<File | undefined> {
  try {
    const plain = await readFile(path);
    return { plain, zipped: await compress(plain) };
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function fileAnswer(view: RequestView, { plain, zipped }: File, type: string): Answer {
  const takesGzip = /\bgzip\b/.test(String(view.header("accept-encoding") ?? ""));
  return {
    status: 200,
    headers: {
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
      ...(takesGzip ? { "content-encoding": "gzip" } : {}),
      ...always,
      "x-request-id": view.requestId,
    },
    body: takesGzip ? zipped : plain,
  };
}

function pageAnswer(view: RequestView, { plain }: File): Answer {
  const nonce = randomBase62(22);
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policyOf(nonce),
      ...always,
      "x-request-id": view.requestId,
    },
    body: plain.toString("utf8").replaceAll(nonceMark, nonce),
  };
}

function text(view: RequestView, status: number, body: string, headers: Answer["headers"] = {}): Answer {
  return {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...always,
      "x-request-id": view.requestId,
      ...headers,
    },
    body,
  };
}

function notAllowed(view: RequestView): Answer {
  return text(view, 405, "This path answers GET and HEAD only.\n", { allow: "GET, HEAD" });
}

function unbuilt(view: RequestView): Answer {
  return text(view, 404, "The console is not built here. From a clone: npm run build. The admin API answers below /admin/api.\n");
}
