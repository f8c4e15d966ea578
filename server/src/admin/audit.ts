import { type AuditEvent, type AuditFilter, auditActions } from "latchkey";
import { textAnswer, withHeaders } from "latchkey/endpoints";
import * as z from "zod/mini";
import { after, instant, instantInput, instantText, limit, maybeText, page, pageOf, word } from "./forms.ts";
import { root, type Route, route } from "./route.ts";

const actions = Object.keys(auditActions) as [keyof typeof auditActions, ...(keyof typeof auditActions)[]];

const filterShape = {
  since: z.optional(instantInput),
  until: z.optional(instantInput),
  action: z.optional(z.enum(actions)),
  outcome: z.optional(word),
  actor: z.optional(word),
  subject: z.optional(word),
  method: z.optional(word),
  credential: z.optional(word),
  address: z.optional(word),
  request: z.optional(word),
  after,
};

type FilterQuery = z.output<z.ZodMiniObject<typeof filterShape>>;

export const eventForm = z.object({
  id: z.string(),
  at: instant,
  action: z.string(),
  outcome: z.string(),
  actor: maybeText,
  subject: maybeText,
  method: maybeText,
  credentialId: maybeText,
  detail: maybeText,
  requestId: maybeText,
  address: maybeText,
  userAgent: maybeText,
  request: z.nullable(z.object({ httpMethod: z.string(), path: z.string(), seen: z.array(z.string()), checks: z.array(z.string()) })),
});

function shown(event: AuditEvent): z.output<typeof eventForm> {
  const { request } = event;
  return {
    id: event.id,
    at: instantText(event.at)!,
    action: event.action,
    outcome: event.outcome,
    actor: event.actor ?? null,
    subject: event.subject ?? null,
    method: event.method ?? null,
    credentialId: event.credentialId ?? null,
    detail: event.detail ?? null,
    requestId: event.requestId ?? null,
    address: event.address ?? null,
    userAgent: event.userAgent ?? null,
    request:
      request === undefined
        ? null
        : { httpMethod: request.httpMethod, path: request.path, seen: [...request.seen], checks: [...request.checks] },
  };
}

function filterOf({ since, until, credential, request, ...rest }: FilterQuery): AuditFilter {
  const filter = {
    ...rest,
    credentialId: credential,
    requestId: request,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** Most lines of one answer of the export. */
const exportLines = 5_000;

export const auditRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/audit",
    area: "audit",
    access: "read",
    summary: "What was done and what was refused, newest first.",
    query: z.strictObject({ ...filterShape, limit }),
    answer: pageOf(eventForm),
    handle: ({ auth, query: { limit: wanted, ...filter } }) =>
      page(wanted, (most) => auth.audit.list({ ...filterOf(filter), limit: most }), shown),
  }),
  route({
    method: "GET",
    path: "/audit/export",
    area: "audit",
    access: "read",
    summary: `Events as lines of JSON (NDJSON), oldest first, at most ${exportLines}; the next ones under the Link of rel="next".`,
    query: z.strictObject(filterShape),
    async handle({ auth, query }) {
      const lines: string[] = [];
      for await (const line of auth.audit.export(filterOf(query))) {
        lines.push(line);
        if (lines.length === exportLines) break;
      }
      const answer = textAnswer(200, lines.join(""), "application/x-ndjson; charset=utf-8");
      if (lines.length < exportLines) return answer;
      const { id } = JSON.parse(lines.at(-1)!) as { id: string };
      const values = Object.entries({ ...query, after: id }).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const next = new URLSearchParams(values).toString();
      return withHeaders(answer, { link: `<${root}/audit/export?${next}>; rel="next"` });
    },
  }),
  route({
    method: "GET",
    path: "/audit/verify",
    area: "audit",
    access: "read",
    summary: "Whether nothing was edited, removed, put in or cut off; names the first event that is wrong. Reads all of it.",
    answer: z.object({ sound: z.boolean(), events: z.nullable(z.int()), writer: maybeText, seq: z.nullable(z.int()), reason: maybeText }),
    async handle({ auth }) {
      const verdict = await auth.audit.verify();
      return verdict.sound
        ? { sound: true, events: verdict.rows, writer: null, seq: null, reason: null }
        : { sound: false, events: null, writer: verdict.writer, seq: verdict.seq, reason: verdict.reason };
    },
  }),
];
