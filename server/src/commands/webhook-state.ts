import type { ActedBy, Latchkey } from "latchkey";
import { operator } from "../acted-by.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

interface Act {
  readonly verb: "disable" | "enable" | "delete" | "redeliver";
  readonly summary: string;
  readonly done: string;
  readonly missing: string;
}

/** What takes an id, does one thing to it, and has nothing to answer. */
function act({ verb, summary, done, missing }: Act): Command {
  return {
    name: `webhook ${verb}`,
    summary,
    positionals: ["ID"],
    options: [],
    example: `latchkey webhook ${verb} ${verb === "redeliver" ? "whd" : "whe"}_01jq…`,
    async run(auth: Latchkey, _input, [id]) {
      const by: ActedBy = operator();
      if (!(await auth.webhooks[verb](id!, by))) throw new NotDone(`${missing} ${id}.`);
      return { id, done: true };
    },
    print: (output: { id: string }) => `${output.id} ${done}.`,
  };
}

export const webhookDisable = act({
  verb: "disable",
  summary: "Stop sending to an endpoint; what waits, waits.",
  done: "is disabled",
  missing: "There is no enabled endpoint",
});

export const webhookEnable = act({
  verb: "enable",
  summary: "Send to a disabled endpoint again.",
  done: "is enabled",
  missing: "There is no disabled endpoint",
});

export const webhookDelete = act({
  verb: "delete",
  summary: "Delete an endpoint, with its deliveries.",
  done: "is deleted",
  missing: "There is no endpoint",
});

export const webhookRedeliver = act({
  verb: "redeliver",
  summary: "Send a message once more.",
  done: "is on its way",
  missing: "There is no finished delivery",
});
