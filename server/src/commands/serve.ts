import { describeConfiguration, printConfiguration, serveOptions } from "../configuration/index.ts";
import type { Command } from "./command.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "Start the server.",
  positionals: [],
  options: serveOptions,
  example: "latchkey serve --port 3000",
  async here({ input, configuration, perform }) {
    if (input["print-config"] === true) return describeConfiguration(configuration);
    const { serve } = await import("../serve.ts");
    await serve(configuration, perform);
    return undefined;
  },
  print: (output: ReturnType<typeof describeConfiguration> | undefined) => (output === undefined ? "" : printConfiguration(output)),
};
