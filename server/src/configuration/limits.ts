import type { LatchkeyOptions } from "latchkey";
import * as z from "zod/mini";

export type Limits = NonNullable<LatchkeyOptions["limits"]>;

/** Names of limits, and the option of the library that each one sets. A new limit is a line here. */
const options = {
  "signin-account": "signInAccount",
  "signin-address": "signInAddress",
  "signin-both": "signInBoth",
  "signin-global": "signInGlobal",
  "signin-device": "signInDevice",
  "credential-address": "credentialAddress",
  credential: "credential",
  "begin-address": "beginAddress",
} as const satisfies Readonly<Record<string, keyof Limits>>;

export const limitNames = Object.keys(options) as readonly (keyof typeof options)[];

const rate = /^(?:off|[1-9]\d{0,9}\/[1-9]\d{0,8}(?:ms|s|m|h|d))$/;

const pairs = z.pipe(
  z.string(),
  z.transform((value) => {
    if (value.trim() === "off") return Object.fromEntries(limitNames.map((name) => [name, "off"]));
    return Object.fromEntries(
      value
        .split(",")
        .filter((entry) => entry.trim() !== "")
        .map((entry) => entry.split("=", 2).map((part) => part.trim())),
    ) as Record<string, string>;
  }),
);

/** `credential-address=100/1m,credential=off`, or `off` for all; the same as an object in a file. */
export const limits = z.pipe(
  z.pipe(
    z.union([pairs, z.record(z.string(), z.string())]),
    z.partialRecord(z.enum(limitNames as [keyof typeof options]), z.string().check(z.regex(rate))),
  ),
  z.transform((values): Limits => Object.fromEntries(Object.entries(values).map(([name, value]) => [options[name as never], value]))),
);

export const limitsAllowed = `pairs of a limit (${limitNames.join(", ")}) and a count, a slash and a window, or off for one or all`;
