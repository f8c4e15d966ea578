import type { SigningKeyRecord } from "latchkey";
import * as z from "zod/mini";
import { instant, instantText, maybeInstant } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { type Route, route } from "./route.ts";

const signingKeyForm = z.object({
  id: z.string(),
  algorithm: z.string(),
  state: z.string(),
  createdAt: instant,
  signsFrom: instant,
  publishedUntil: maybeInstant,
});

function shown(key: SigningKeyRecord): z.output<typeof signingKeyForm> {
  const { id, algorithm, state } = key;
  return {
    id,
    algorithm,
    state,
    createdAt: instantText(key.createdAt)!,
    signsFrom: instantText(key.signsFrom)!,
    publishedUntil: instantText(key.publishedUntil),
  };
}

export const signingKeyRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/signing-keys",
    area: "signing-keys",
    access: "read",
    summary: "The keys that tokens are signed with.",
    answer: z.object({ items: z.array(signingKeyForm) }),
    handle: async ({ auth }) => ({ items: (await auth.signingKeys.list()).map(shown) }),
  }),
  route({
    method: "POST",
    path: "/signing-keys/rotate",
    area: "signing-keys",
    access: "write",
    summary: "Makes the successor of the key that signs; it signs once verifiers had time to fetch it.",
    answer: signingKeyForm,
    handle: async ({ auth, by }) => shown(await auth.signingKeys.rotate(undefined, by)),
  }),
  route({
    method: "DELETE",
    path: "/signing-keys/:id",
    area: "signing-keys",
    access: "write",
    summary: "Withdraws a key: whatever it signed is refused from now on.",
    handle: async ({ auth, parameters, by }) =>
      (await auth.signingKeys.retire(parameters.id!, by)) ? undefined : adminRefusals["not-found"](),
  }),
];
