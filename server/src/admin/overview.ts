import * as z from "zod/mini";
import manifest from "../../package.json" with { type: "json" };
import { maybeText } from "./forms.ts";
import { areas, isWhole, scopeFor } from "./rights.ts";
import { type Route, route } from "./route.ts";

const overviewForm = z.object({
  issuer: z.string(),
  versions: z.object({ latchkey: z.string(), node: z.string() }),
  decisions: z.array(z.object({ method: z.string(), outcome: z.string(), remembered: z.boolean(), count: z.int() })),
  hashQueue: z.object({ running: z.int(), waiting: z.int(), begun: z.int(), refused: z.int() }),
  auditLost: z.object({ events: z.int(), uses: z.int() }),
});

export const overviewRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/overview",
    area: "overview",
    access: "read",
    summary: "What this process decided since its start, the queue of password hashes, versions.",
    answer: overviewForm,
    async handle({ auth }) {
      const { decisions, hashQueue } = auth.metrics();
      return {
        issuer: auth.issuer,
        versions: { latchkey: manifest.version, node: process.versions.node },
        decisions: decisions.map(({ method, outcome, fromCache, count }) => ({ method, outcome, remembered: fromCache, count })),
        hashQueue: { ...hashQueue },
        auditLost: { ...auth.audit.lost },
      };
    },
  }),
  route({
    method: "GET",
    path: "/me",
    area: "overview",
    access: "read",
    summary: "Who is calling, and with which rights.",
    answer: z.object({ subject: z.string(), method: z.string(), email: maybeText, scopes: z.array(z.string()) }),
    async handle({ auth, principal }) {
      const all = areas.flatMap((area) => [scopeFor(area, "read"), scopeFor(area, "write")]);
      const scopes = isWhole(principal) ? all : all.filter((scope) => principal.scopes.includes(scope));
      const user = principal.kind === "user" ? await auth.users.find(principal.subject) : undefined;
      return { subject: principal.subject, method: principal.method, email: user?.email ?? null, scopes };
    },
  }),
];
