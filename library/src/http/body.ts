import { isUtf8 } from "node:buffer";
import { BodyTooLarge, isRefusal, type Refusal, type RequestView } from "../contracts/index.ts";
import { httpRefusals } from "./refusals.ts";

/** A body of fields: an object without prototype, so that no name in it can reach `Object.prototype`. */
export type Fields = Readonly<Record<string, unknown>>;

/** Requests to our own endpoints are small; more is refused before it is read. */
export const bodyLimitBytes = 64 * 1024;

const formFieldLimit = 1_000;

/**
 * Reads a JSON object or a form into fields. An empty body is no fields. Refuses other media types (a cross-site form
 * can send text/plain without asking), repeated names, invalid UTF-8 and anything that is not an object.
 */
export async function readFields(view: RequestView): Promise<Fields | Refusal> {
  let bytes: Uint8Array;
  try {
    bytes = await view.body(bodyLimitBytes);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    return httpRefusals["body-too-large"]({ hint: `At most ${bodyLimitBytes} bytes are allowed.` });
  }
  if (bytes.length === 0) return Object.create(null) as Fields;
  const text = decodeUtf8(bytes);
  if (text === undefined) return httpRefusals["body-malformed"]({ hint: "The body is not valid UTF-8." });
  const type = view.header("content-type");
  const mediaType = typeof type === "string" ? type.split(";", 1)[0]!.trim().toLowerCase() : undefined;
  if (mediaType === "application/json") return parseJson(text);
  if (mediaType === "application/x-www-form-urlencoded") return parseForm(text);
  return httpRefusals["media-type"]();
}

function parseJson(text: string): Fields | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return httpRefusals["body-malformed"]({ hint: "The body is not valid JSON." });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return httpRefusals["body-malformed"]({ hint: "The body must be a JSON object." });
  }
  return Object.assign(Object.create(null) as Record<string, unknown>, value);
}

function parseForm(text: string): Fields | Refusal {
  const fields = Object.create(null) as Record<string, unknown>;
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    count += 1;
    if (count > formFieldLimit) return httpRefusals["body-malformed"]({ hint: `At most ${formFieldLimit} fields are allowed.` });
    if (name in fields) return httpRefusals["body-malformed"]({ hint: "A field was sent more than once." });
    // An empty field of a form was left out (as RFC 6749 s.3.1 says of its parameters).
    fields[name] = value === "" ? undefined : value;
  }
  return fields;
}

/** Without a byte order mark at its start. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** A text field, or a refusal that names it; undefined only when it is absent and not required. */
export function textField(fields: Fields, name: string, limits: { readonly required: true; readonly most?: number }): string | Refusal;
export function textField(
  fields: Fields,
  name: string,
  limits?: { readonly required?: boolean; readonly most?: number },
): string | undefined | Refusal;
export function textField(
  fields: Fields,
  name: string,
  limits: { readonly required?: boolean; readonly most?: number } = {},
): string | undefined | Refusal {
  const value = fields[name];
  const most = limits.most ?? 1_000;
  if (value === undefined || value === null) {
    return limits.required === true ? fieldRefusal(name, "it is required") : undefined;
  }
  if (typeof value !== "string") return fieldRefusal(name, "it must be a text");
  if (value.length === 0 || value.length > most) return fieldRefusal(name, `it must have 1 to ${most} characters`);
  return value;
}

/** A list of texts; a form may send them in one field, separated by spaces. */
export function listField(fields: Fields, name: string): readonly string[] | undefined | Refusal {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const list = typeof value === "string" ? value.split(" ").filter((part) => part !== "") : value;
  if (!Array.isArray(list) || list.length > 100 || !list.every((part) => typeof part === "string" && part.length <= 200)) {
    return fieldRefusal(name, "it must be a list of at most 100 texts");
  }
  return list as readonly string[];
}

export function fieldRefusal(name: string, rule: string): Refusal {
  return httpRefusals["field-invalid"]({ hint: `${name}: ${rule}.` });
}

/** The first refusal among fields that were read, or undefined. */
export function firstRefusal(...values: readonly unknown[]): Refusal | undefined {
  return values.find(isRefusal);
}
