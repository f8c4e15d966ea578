import { durationForm, durationText, parseDuration } from "../primitives/index.ts";
import { OptionFault } from "./fault.ts";

/** What an option may be, both ends included, and how one writes it. */
export interface OptionBounds {
  readonly least?: number;
  readonly most?: number;
  readonly example: string;
}

/** An option that is a span of time, `"15m"`: milliseconds, as its bounds are. Throws an OptionFault. */
export function spanOption(option: string, text: string, { least = 1, most = Infinity, example }: OptionBounds): number {
  const span = typeof text === "string" ? parseDuration(text) : undefined;
  if (span !== undefined && span >= least && span <= most) return span;
  throw new OptionFault(option, { got: text, allowed: [durationForm, ...told(least, most)].join("; "), example });
}

function told(least: number, most: number): readonly string[] {
  if (least > 1 && most < Infinity) return [`from ${durationText(least)} to ${durationText(most)}`];
  if (least > 1) return [`at least ${durationText(least)}`];
  return most < Infinity ? [`at most ${durationText(most)}`] : [];
}

/** An option that is a whole number, from 1 where `least` does not say another. Throws an OptionFault. */
export function wholeOption(option: string, value: number, { least = 1, most, example }: OptionBounds & { readonly most: number }): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new OptionFault(option, { got: value, allowed: `a whole number from ${least} to ${most}`, example });
}

/** An option that becomes a part of every token: 1 to 16 lower-case letters and digits. Throws an OptionFault. */
export function wordOption(option: string, word: string, example: string): string {
  if (typeof word === "string" && /^[a-z0-9]{1,16}$/.test(word)) return word;
  throw new OptionFault(option, { got: word, allowed: "1 to 16 lower-case letters and digits", example });
}
