// What values may look like. Text from a flag or a variable and the natural value from a file come out alike.
import { isIP } from "node:net";
import * as z from "zod/mini";

export const text = z.string().check(z.trim(), z.minLength(1));
/** A secret that is typed by nobody. */
export const longText = z.string().check(z.trim(), z.minLength(32));

export const audience = z.string().check(z.regex(/^[\x21-\x7e]{1,500}$/));

export const port = z.pipe(
  z.union([z.int(), z.pipe(z.string().check(z.regex(/^\d{1,5}$/)), z.transform(Number))]),
  z.int().check(z.gte(0), z.lte(65_535)),
);

/** Comma-separated, or an array. */
const listed = z.union([
  z.array(text),
  z.pipe(
    z.string(),
    z.transform((value) =>
      value
        .split(",")
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ""),
    ),
  ),
]);

/** Never split twice: a secret keeps its spaces inside, and loses those of the line it stood on. */
export const secrets = z.pipe(listed, z.array(text).check(z.minLength(1)));

export const paths = z.pipe(listed, z.array(text).check(z.minLength(1)));

export const prefixes = z.pipe(listed, z.array(z.string().check(z.regex(/^[A-Za-z0-9._~-]{2,40}$/))));

/** URIs of APIs, as they stand in `aud`. */
export const audiences = z.pipe(listed, z.array(z.string().check(z.regex(/^[\x21-\x2b\x2d-\x7e]{1,500}$/))));

export const addresses = z.pipe(listed, z.array(z.string().check(z.refine(isAddressOrRange))));

function isAddressOrRange(value: string): boolean {
  const [address = "", length, ...rest] = value.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128));
}

/** `https://…`, or http on loopback; no query, fragment or user. */
export const issuer = z.string().check(
  z.refine((value) => {
    if (!URL.canParse(value)) return false;
    const { protocol, hostname, search, hash, username, password } = new URL(value);
    if (search + hash + username + password !== "" || value.endsWith("?") || value.endsWith("#")) return false;
    return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, "")));
  }),
);

export const urlOf = (...schemes: readonly string[]) =>
  z.string().check(z.refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol)));

/** One plain address: no name before it, no list. */
export const mailbox = z.string().check(z.regex(/^[^\s@<>,;"()]{1,64}@[^\s@<>,;"()]{1,190}$/));

/** A PostgreSQL URL, or a path of an SQLite file; another scheme is none of both. */
export const database = text.check(z.refine((value) => /^(?:postgres(?:ql)?|sqlite):/.test(value) || !/^[a-z][a-z0-9+.-]+:/i.test(value)));

export const durationOrNone = z.string().check(z.regex(/^(?:0|[1-9]\d{0,8}(?:ms|s|m|h|d))$/));

export const oneOf = <const Names extends readonly [string, ...string[]]>(...names: Names) => z.enum(names);

/** A word, or an https URL; http on loopback. */
export const oneOfOrUrl = <const Names extends readonly [string, ...string[]]>(...names: Names) => z.union([oneOf(...names), issuer]);

/** The whole host counts: `http://localhost.example.org` is somebody's public name. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}
