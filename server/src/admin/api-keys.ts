import type { ApiKeyRecord } from "latchkey";
import * as z from "zod/mini";
import { after, instant, instantText, limit, line, maybeInstant, maybeText, page, pageOf, word, words } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { administers, beyondOwn } from "./rights.ts";
import { type Route, route } from "./route.ts";

const keyForm = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.object({ kind: z.enum(["user", "client", "service"]), id: z.string() }),
  hint: z.string(),
  scopes: z.array(z.string()),
  roles: z.array(z.string()),
  allowedAddresses: z.nullable(z.array(z.string())),
  rateLimit: maybeText,
  createdAt: instant,
  expiresAt: maybeInstant,
  revokedAt: maybeInstant,
  lastUsedAt: maybeInstant,
  lastUsedFrom: maybeText,
});

/** The key itself is in this answer and nowhere else. */
const issuedForm = z.extend(keyForm, { key: z.string() });

function shown(record: ApiKeyRecord): z.output<typeof keyForm> {
  return {
    ...record,
    owner: { ...record.owner },
    scopes: [...record.scopes],
    roles: [...record.roles],
    allowedAddresses: record.allowedAddresses === undefined ? null : [...record.allowedAddresses],
    rateLimit: record.rateLimit === undefined ? null : `${record.rateLimit.count}/${record.rateLimit.windowMs}ms`,
    createdAt: instantText(record.createdAt)!,
    expiresAt: instantText(record.expiresAt),
    revokedAt: instantText(record.revokedAt),
    lastUsedAt: instantText(record.lastUsedAt),
    lastUsedFrom: record.lastUsedFrom ?? null,
  };
}

const beyond = "A key that administers";

export const apiKeyRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api-keys",
    area: "api-keys",
    access: "read",
    summary: "API keys, newest first; with `owner`, those of one user or client.",
    query: z.strictObject({ owner: z.optional(word), after, limit }),
    answer: pageOf(keyForm),
    handle: ({ auth, query }) =>
      page(
        query.limit,
        (most) =>
          auth.apiKeys.list({
            limit: most,
            ...(query.owner === undefined ? {} : { owner: query.owner }),
            ...(query.after === undefined ? {} : { before: query.after }),
          }),
        shown,
      ),
  }),
  route({
    method: "POST",
    path: "/api-keys",
    area: "api-keys",
    access: "write",
    gives: true,
    summary: "Makes a key, which is in this answer only. Without an owner it stands for a service of its own.",
    body: z.strictObject({
      name: line(100),
      owner: z.optional(word),
      scopes: z.optional(words),
      roles: z.optional(words),
      expires: z.optional(word),
      rateLimit: z.optional(word),
      allowedAddresses: z.optional(words),
    }),
    answer: issuedForm,
    status: 201,
    async handle({ auth, principal, body, by }) {
      const refusal = administers(body) ? beyondOwn(principal, beyond) : undefined;
      if (refusal !== undefined) return refusal;
      const options = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as typeof body & { name: string };
      const { key, record } = await auth.apiKeys.issue(options as Parameters<typeof auth.apiKeys.issue>[0], by);
      return { ...shown(record), key };
    },
  }),
  route({
    method: "GET",
    path: "/api-keys/:id",
    area: "api-keys",
    access: "read",
    summary: "One key.",
    answer: keyForm,
    async handle({ auth, parameters }) {
      const record = await auth.apiKeys.find(parameters.id!);
      return record === undefined ? adminRefusals["not-found"]() : shown(record);
    },
  }),
  route({
    method: "DELETE",
    path: "/api-keys/:id",
    area: "api-keys",
    access: "write",
    summary: "Revokes a key: its next request is refused.",
    async handle({ auth, principal, parameters, by }) {
      const record = await auth.apiKeys.find(parameters.id!);
      if (record === undefined) return adminRefusals["not-found"]();
      const refusal = administers(record) && principal.credentialId !== record.id ? beyondOwn(principal, beyond) : undefined;
      if (refusal !== undefined) return refusal;
      await auth.apiKeys.revoke(record.id, by);
      return undefined;
    },
  }),
  route({
    method: "POST",
    path: "/api-keys/:id/rotate",
    area: "api-keys",
    access: "write",
    gives: true,
    summary: "Gives a key a new secret, which is in this answer only; the old one works until the overlap is over.",
    body: z.strictObject({ overlap: z.optional(word) }),
    answer: issuedForm,
    async handle({ auth, principal, parameters, body, by }) {
      const record = await auth.apiKeys.find(parameters.id!);
      if (record === undefined) return adminRefusals["not-found"]();
      // The new secret is in the answer, so whoever rotates a key can use it.
      const refusal = administers(record) ? beyondOwn(principal, beyond) : undefined;
      if (refusal !== undefined) return refusal;
      const issued = await auth.apiKeys.rotate(record.id, body.overlap === undefined ? {} : { overlap: body.overlap }, by);
      return issued === undefined ? adminRefusals["not-found"]() : { ...shown(issued.record), key: issued.key };
    },
  }),
];
