import type { Client, IssuedClient } from "latchkey";
import * as z from "zod/mini";
import { after, instant, instantText, limit, line, maybeText, page, pageOf, word, words } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { administers, beyondOwn } from "./rights.ts";
import { type Route, route } from "./route.ts";

const clientForm = z.object({
  id: z.string(),
  name: z.string(),
  authentication: z.string(),
  grants: z.array(z.string()),
  redirectUris: z.array(z.string()),
  scopes: z.array(z.string()),
  resources: z.nullable(z.array(z.string())),
  roles: z.array(z.string()),
  firstParty: z.boolean(),
  createdAt: instant,
});

/** The secret is in this answer and nowhere else; null for a client that has none. */
const issuedForm = z.extend(clientForm, { secret: maybeText });

function shown(client: Client): z.output<typeof clientForm> {
  return {
    id: client.id,
    name: client.name,
    authentication: client.authentication,
    grants: [...client.grants],
    redirectUris: [...client.redirectUris],
    scopes: [...client.scopes],
    resources: client.resources === undefined ? null : [...client.resources],
    roles: [...client.roles],
    firstParty: client.firstParty,
    createdAt: instantText(client.createdAt)!,
  };
}

const issued = ({ client, secret }: IssuedClient): z.output<typeof issuedForm> => ({ ...shown(client), secret: secret ?? null });

const beyond = "A client that administers";

export const clientRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/clients",
    area: "clients",
    access: "read",
    summary: "OAuth clients, newest first.",
    query: z.strictObject({ after, limit }),
    answer: pageOf(clientForm),
    handle: ({ auth, query }) =>
      page(query.limit, (most) => auth.clients.list({ limit: most, ...(query.after === undefined ? {} : { before: query.after }) }), shown),
  }),
  route({
    method: "POST",
    path: "/clients",
    area: "clients",
    access: "write",
    gives: true,
    summary: "Registers a client. Its secret, where it has one, is in this answer only.",
    body: z.strictObject({
      name: line(100),
      grants: words,
      redirectUris: z.optional(z.array(line(2_000)).check(z.maxLength(100))),
      scopes: z.optional(words),
      authentication: z.optional(word),
      resources: z.optional(words),
      roles: z.optional(words),
      firstParty: z.optional(z.boolean()),
    }),
    answer: issuedForm,
    status: 201,
    async handle({ auth, principal, body, by }) {
      const refusal = administers(body) ? beyondOwn(principal, beyond) : undefined;
      if (refusal !== undefined) return refusal;
      const options = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      return issued(await auth.clients.create(options as unknown as Parameters<typeof auth.clients.create>[0], by));
    },
  }),
  route({
    method: "GET",
    path: "/clients/:id",
    area: "clients",
    access: "read",
    summary: "One client.",
    answer: clientForm,
    async handle({ auth, parameters }) {
      const client = await auth.clients.find(parameters.id!);
      return client === undefined ? adminRefusals["not-found"]() : shown(client);
    },
  }),
  route({
    method: "DELETE",
    path: "/clients/:id",
    area: "clients",
    access: "write",
    summary: "Deletes a client; every token of it is refused from the next request on.",
    handle: async ({ auth, parameters, by }) =>
      (await auth.clients.delete(parameters.id!, by)) ? undefined : adminRefusals["not-found"](),
  }),
  route({
    method: "POST",
    path: "/clients/:id/rotate-secret",
    area: "clients",
    access: "write",
    gives: true,
    summary: "Gives a client a new secret, which is in this answer only; the old one works until the overlap is over.",
    body: z.strictObject({ overlap: z.optional(word) }),
    answer: issuedForm,
    async handle({ auth, principal, parameters, body, by }) {
      const client = await auth.clients.find(parameters.id!);
      if (client === undefined) return adminRefusals["not-found"]();
      const refusal = administers(client) ? beyondOwn(principal, beyond) : undefined;
      if (refusal !== undefined) return refusal;
      const made = await auth.clients.rotateSecret(client.id, body.overlap === undefined ? {} : { overlap: body.overlap }, by);
      return made === undefined ? adminRefusals["not-found"]() : issued(made);
    },
  }),
];
