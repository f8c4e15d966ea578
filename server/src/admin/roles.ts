import * as z from "zod/mini";
import { words } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { adminRole, beyondOwn } from "./rights.ts";
import { type Route, route } from "./route.ts";

const roleForm = z.object({ name: z.string(), permissions: z.array(z.string()) });

export const roleRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/roles",
    area: "roles",
    access: "read",
    summary: "The roles and what they may do.",
    answer: z.object({ items: z.array(roleForm) }),
    handle: async ({ auth }) => ({
      items: (await auth.roles.list()).map(({ name, permissions }) => ({ name, permissions: [...permissions] })),
    }),
  }),
  route({
    method: "PUT",
    path: "/roles/:name",
    area: "roles",
    access: "write",
    gives: true,
    summary: "Says what a role may do, and makes it if it is not there.",
    body: z.strictObject({ permissions: words }),
    answer: roleForm,
    async handle({ auth, principal, parameters, body, by }) {
      const refusal = parameters.name === adminRole ? beyondOwn(principal, `To change the role ${adminRole}`) : undefined;
      if (refusal !== undefined) return refusal;
      const { name, permissions } = await auth.roles.set(parameters.name!, body.permissions, by);
      return { name, permissions: [...permissions] };
    },
  }),
  route({
    method: "DELETE",
    path: "/roles/:name",
    area: "roles",
    access: "write",
    summary: "Deletes a role, and takes it from all who have it. The role admin stays.",
    async handle({ auth, parameters, by }) {
      if (parameters.name === adminRole) return adminRefusals["role-needed"]();
      return (await auth.roles.remove(parameters.name!, by)) ? undefined : adminRefusals["not-found"]();
    },
  }),
];
