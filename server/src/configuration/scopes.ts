import * as z from "zod/mini";

const scope = z.string().check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/));
// People read them in a list: nothing invisible, nothing that turns the direction of the text.
const words = z.string().check(
  z.trim(),
  z.minLength(1),
  z.maxLength(200),
  z.refine((value) => value.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)),
);

/** Words have commas in them, so that pairs are separated by semicolons. */
const pairs = z.pipe(
  z.string(),
  z.transform((value) =>
    Object.fromEntries(
      value
        .split(";")
        .filter((entry) => entry.trim() !== "")
        .map((entry) => {
          const equals = entry.indexOf("=");
          return equals === -1 ? [entry.trim(), ""] : [entry.slice(0, equals).trim(), entry.slice(equals + 1)];
        }),
    ),
  ),
);

/** `posts:read=Read your posts;posts:write=Write posts, and delete them`; the same as an object in a file. */
export const scopeWords = z.pipe(z.union([pairs, z.record(z.string(), z.string())]), z.record(scope, words));
