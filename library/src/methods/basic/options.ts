import { OptionFault, wholeOption } from "../../contracts/index.ts";

/** What one may say of HTTP Basic; `false` turns it off. */
export interface BasicOptions {
  /** Shown by browsers and clients when they ask for the password. Default `api`. */
  readonly realm?: string;
  /** For how long a right password is remembered, in seconds. Default 60; 0: never. A change of it ends it at once. */
  readonly cacheSeconds?: number;
}

export interface BasicSettings {
  readonly realm: string;
  readonly cacheMs: number;
}

/** Checks the options. Throws an OptionFault that names the first one that cannot be used. */
export function readBasicOptions(options: BasicOptions | false | undefined): BasicSettings | undefined {
  if (options === false) return undefined;
  const { realm = "api", cacheSeconds = 60 } = options ?? {};
  if (typeof realm !== "string" || !/^[\x20-\x7e]{1,100}$/.test(realm))
    throw new OptionFault("basic.realm", { got: realm, allowed: "1 to 100 printable ASCII characters", example: '"api"' });
  return { realm, cacheMs: wholeOption("basic.cacheSeconds", cacheSeconds, { least: 0, most: 3_600, example: "60" }) * 1_000 };
}
