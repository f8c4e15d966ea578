import type { ChainVerdict } from "latchkey";
import type { Command } from "./command.ts";

export const auditVerify: Command = {
  name: "audit verify",
  summary: "Check that nothing in the audit log was edited, removed, put in or cut off.",
  positionals: [],
  options: [],
  example: "latchkey audit verify",
  run: (auth) => auth.audit.verify(),
  exitCode: (verdict: ChainVerdict) => (verdict.sound ? 0 : 1),
  print: (verdict: ChainVerdict) =>
    verdict.sound
      ? `The audit log is sound: ${verdict.rows} events in ${verdict.writers} ${verdict.writers === 1 ? "chain" : "chains"}.`
      : `The audit log is NOT sound. First bad event: number ${verdict.seq} of ${JSON.stringify(verdict.writer)}: ${verdict.reason}.`,
};
