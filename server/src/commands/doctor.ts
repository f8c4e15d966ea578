import { systemClock } from "latchkey";
import { configurationFindings, dataFindings, type Finding, problem } from "../doctor/index.ts";
import { failure } from "../outcome.ts";
import type { Command } from "./command.ts";

interface Report {
  readonly findings: readonly Finding[];
}

export const doctor: Command = {
  name: "doctor",
  summary: "Hold this installation against the practices of security that everybody agrees on. Exits 1 for a problem.",
  positionals: [],
  options: [],
  example: "latchkey doctor",
  async here({ configuration, send, input }): Promise<Report> {
    const own = configurationFindings(configuration, new Date(systemClock.now()));
    try {
      const { findings } = (await send(input)) as Report;
      return { findings: [...own, ...findings] };
    } catch (error) {
      // What is known already is told all the same: it may well be the reason.
      return {
        findings: [...own, problem("the data can be read", failure(error).error, "latchkey serve says the same, and begins a database.")],
      };
    }
  },
  async run(auth): Promise<Report> {
    return { findings: await dataFindings(auth, systemClock.now()) };
  },
  exitCode: ({ findings }: Report) => (findings.some(({ state }) => state === "problem") ? 1 : 0),
  print({ findings }: Report) {
    const lines = findings.flatMap(({ practice, state, found, mend }) => [
      `${state.padEnd(8)} ${practice}: ${found}`,
      ...(mend === undefined ? [] : [`         ${mend}`]),
    ]);
    const count = (of: Finding["state"]) => findings.filter(({ state }) => state === of).length;
    return [...lines, "", `${count("good")} good, ${count("warning")} to look at, ${count("problem")} to mend.`].join("\n");
  },
};
