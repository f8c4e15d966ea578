import type { DecisionEvent, Principal } from "latchkey";
import * as z from "zod/mini";
import { instant, instantText, maybeInstant, maybeText } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { type Route, route } from "./route.ts";

const callerForm = z.object({
  subject: z.string(),
  kind: z.enum(["user", "client", "service"]),
  method: z.string(),
  credentialId: z.string(),
  scopes: z.array(z.string()),
  roles: z.array(z.string()),
  expiresAt: maybeInstant,
});

const decisionForm = z.object({
  requestId: z.string(),
  at: instant,
  outcome: z.string(),
  detail: maybeText,
  httpMethod: z.string(),
  path: z.string(),
  address: z.string(),
  userAgent: maybeText,
  seen: z.array(z.string()),
  checks: z.array(z.string()),
  remembered: z.boolean(),
  caller: z.nullable(callerForm),
});

function shownCaller({ subject, kind, method, credentialId, scopes, roles, expiresAt }: Principal): z.output<typeof callerForm> {
  return { subject, kind, method, credentialId, scopes: [...scopes], roles: [...roles], expiresAt: instantText(expiresAt) };
}

function shown(event: DecisionEvent): z.output<typeof decisionForm> {
  return {
    requestId: event.requestId,
    at: instantText(event.at)!,
    outcome: event.outcome,
    detail: event.detail ?? null,
    httpMethod: event.httpMethod,
    path: event.path,
    address: event.address,
    userAgent: event.userAgent ?? null,
    seen: [...event.seen],
    checks: [...event.checks],
    remembered: event.fromCache,
    caller: event.principal === undefined ? null : shownCaller(event.principal),
  };
}

export const decisionRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/decisions/:requestId",
    area: "audit",
    access: "read",
    summary: "Why a request was let in or refused, by the X-Request-Id of its answer.",
    answer: decisionForm,
    async handle({ auth, parameters }) {
      const event = await auth.explain(parameters.requestId!);
      return event === undefined ? adminRefusals["not-found"]() : shown(event);
    },
  }),
];
