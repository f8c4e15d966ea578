import { text } from "../arguments.ts";
import { suggestion } from "../nearest.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

const names = scenarios.map(({ name }) => name);

export const choose: Command = {
  name: "choose",
  summary: "Which method for which API: the decision guide, and how to begin.",
  positionals: [],
  options: [{ name: "for", value: "SCENARIO", describe: names.join(", ") }],
  example: "latchkey choose --for spa",
  async here({ input }) {
    const wanted = text(input, "for");
    if (wanted === undefined) return { scenarios };
    const found = scenarios.find(({ name }) => name === wanted);
    if (found !== undefined) return { scenarios: [found] };
    throw new UsageError(`--for: got ${JSON.stringify(wanted)}.${suggestion(wanted, names)} Allowed: ${names.join(", ")}.`);
  },
  print({ scenarios: chosen }: { scenarios: readonly Scenario[] }) {
    return chosen.length === 1
      ? detailsOf(chosen[0]!)
      : [...chosen.map(rowOf), "", "More, and how to begin: latchkey choose --for SCENARIO"].join("\n");
  },
};

const rowOf = ({ name, what, use }: Scenario): string => `${name.padEnd(14)} ${what}\n${" ".repeat(15)}${use}`;

function detailsOf({ what, use, because, not, begin, guide }: Scenario): string {
  return [
    `For ${what}: ${use}.`,
    because,
    `Not: ${not}.`,
    "",
    ...begin.map((step) => `  ${step}`),
    "",
    `Guide: docs/guides/${guide}.md`,
  ].join("\n");
}
