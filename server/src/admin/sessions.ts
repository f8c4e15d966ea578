import type { SessionRecord } from "latchkey";
import * as z from "zod/mini";
import { instant, instantText, maybeText, word } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { type Route, route } from "./route.ts";

const sessionForm = z.object({
  id: z.string(),
  userId: z.string(),
  createdAt: instant,
  authenticatedAt: instant,
  lastSeenAt: instant,
  lastAddress: z.string(),
  address: z.string(),
  userAgent: maybeText,
  endsAt: instant,
  expiresAt: instant,
  methods: z.array(z.string()),
});

function shown(record: SessionRecord): z.output<typeof sessionForm> {
  return {
    id: record.id,
    userId: record.userId,
    createdAt: instantText(record.createdAt)!,
    authenticatedAt: instantText(record.authenticatedAt)!,
    lastSeenAt: instantText(record.lastSeenAt)!,
    lastAddress: record.lastAddress,
    address: record.address,
    userAgent: record.userAgent ?? null,
    endsAt: instantText(record.endsAt)!,
    expiresAt: instantText(record.expiresAt)!,
    methods: [...record.amr],
  };
}

export const sessionRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/sessions",
    area: "sessions",
    access: "read",
    summary: "The sessions of a user that are in force, last seen first.",
    query: z.strictObject({ user: word }),
    answer: z.object({ items: z.array(sessionForm) }),
    handle: async ({ auth, query }) => ({ items: (await auth.sessions.list(query.user)).map(shown) }),
  }),
  route({
    method: "DELETE",
    path: "/sessions/:id",
    area: "sessions",
    access: "write",
    summary: "Ends a session: its next request is refused.",
    handle: async ({ auth, parameters, by }) =>
      (await auth.sessions.revoke(parameters.id!, by)) ? undefined : adminRefusals["not-found"](),
  }),
];
