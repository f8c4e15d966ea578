import { isUtf8 } from "node:buffer";

/** A JSON object whose names nobody checked yet. `__proto__` in it is a member like any other. */
export type JsonObject = Readonly<Record<string, unknown>>;

const deepest = 32;
const [quotationMark, colon, backslash] = [0x22, 0x3a, 0x5c];

/**
 * Reads a JSON object strictly: valid UTF-8 without a byte order mark, no repeated name at any depth (two readers would
 * believe two things; RFC 7515 s.4, RFC 8725 s.2.4), at most 32 levels. Undefined for anything else. Never throws.
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  const value = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value) || membersIn(value) !== membersWritten(bytes)) return undefined;
  return value as JsonObject;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * How many members all objects of a value have together; Infinity when it is nested too deep. Of a name that stands twice
 * in an object, only one is left in the value.
 */
function membersIn(value: unknown, level = 1): number {
  if (typeof value !== "object" || value === null) return 0;
  if (level > deepest) return Infinity;
  const parts: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let members = Array.isArray(value) ? 0 : parts.length;
  for (const part of parts) members += membersIn(part, level + 1);
  return members;
}

/** How many members a text that is JSON writes down: one for each colon that stands in no string. */
function membersWritten(text: Uint8Array): number {
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text[at];
    if (code === colon) members += 1;
    else if (code === quotationMark) at = endOfString(text, at);
  }
  return members;
}

function endOfString(text: Uint8Array, start: number): number {
  let at = start + 1;
  for (let code = text[at]; code !== quotationMark; code = text[at]) at += code === backslash ? 2 : 1;
  return at;
}
