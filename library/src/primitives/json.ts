import { isUtf8 } from "node:buffer";

/** A JSON object whose names nobody checked yet. `__proto__` in it is a member like any other. */
export type JsonObject = Readonly<Record<string, unknown>>;

const deepest = 32;

/**
 * Reads a JSON object strictly: valid UTF-8 without a byte order mark, no repeated name at any depth (two readers would
 * believe two things; RFC 7515 s.4, RFC 8725 s.2.4), at most 32 levels. Undefined for anything else. Never throws.
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value) || isUnclear(text)) return undefined;
  return value as JsonObject;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a text that is JSON repeats a name in an object, or is nested too deep. */
function isUnclear(text: string): boolean {
  /** The names of each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let nameNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "{" || character === "[") {
      if (open.push(character === "{" ? new Set() : undefined) > deepest) return true;
      nameNext = character === "{";
    } else if (character === "}" || character === "]") {
      open.pop();
      nameNext = false;
    } else if (character === ",") {
      nameNext = open.at(-1) !== undefined;
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (nameNext) {
        const names = open.at(-1)!;
        const name = nameOf(text.slice(at, end + 1));
        if (names.has(name)) return true;
        names.add(name);
        nameNext = false;
      }
      at = end;
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** `"a"` and `"\u0061"` are one name. */
function nameOf(quoted: string): string {
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
