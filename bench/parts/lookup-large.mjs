// @ts-check
// The same look-up among ten million keys. Its database is 4 GB and takes minutes to make.
import { compareSizes } from "./lookup.mjs";

export const part = {
  name: "lookup-large",
  title: "Look-up among ten million keys",
  about: "As above, with a database of 4 GB. Only measured when asked for by name.",
  /** Not one of those that run when none is named. */
  onlyByName: true,
  run: (/** @type {import("../run.mjs").Pace} */ pace) => compareSizes([1_000, 100_000, 10_000_000], pace),
};
