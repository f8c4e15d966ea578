import { type Latchkey, type User, UniqueViolation } from "latchkey";
import * as z from "zod/mini";
import { after, instant, instantText, limit, line, maybeInstant, page, pageOf, words } from "./forms.ts";
import { adminRefusals } from "./refusals.ts";
import { adminRole, beyondOwn } from "./rights.ts";
import { type Call, type Route, route } from "./route.ts";

const userForm = z.object({
  id: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  disabledAt: maybeInstant,
  createdAt: z.nullable(instant),
  roles: z.array(z.string()),
});

type WriteCall = Call<unknown, unknown>;

async function shown(auth: Latchkey, user: User): Promise<z.output<typeof userForm>> {
  const { id, email, emailVerified, ownRoles } = user;
  const roles = [...new Set([...ownRoles, ...(await auth.roles.of(id))])].toSorted();
  return { id, email, emailVerified, disabledAt: instantText(user.disabledAt), createdAt: instantText(user.createdAt), roles };
}

const userOr404 = async (auth: Latchkey, id: string) => {
  const user = await auth.users.find(id);
  return user === undefined ? adminRefusals["not-found"]() : shown(auth, user);
};

/** Nobody stops himself by mistake, and a part of the rights is not enough to stop an administrator. */
async function protects({ auth, principal, parameters }: WriteCall, what: string) {
  const id = parameters.id!;
  if (principal.subject === id) return adminRefusals["own-account"]();
  return (await auth.roles.of(id)).includes(adminRole) ? beyondOwn(principal, `To ${what} an administrator`) : undefined;
}

function mayGive({ principal }: WriteCall, role: string) {
  return role === adminRole ? beyondOwn(principal, `To give or take the role ${adminRole}`) : undefined;
}

export const userRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/users",
    area: "users",
    access: "read",
    summary: "Users, oldest first; with `email`, those whose address begins so.",
    query: z.strictObject({ email: z.optional(line(254)), after, limit }),
    answer: pageOf(userForm),
    async handle({ auth, query }) {
      const filter = {
        ...(query.email === undefined ? {} : { emailBegins: query.email }),
        ...(query.after === undefined ? {} : { after: query.after }),
      };
      const users = await page(
        query.limit,
        (most) => auth.users.list({ ...filter, limit: most }),
        (user) => user,
      );
      return { ...users, items: await Promise.all(users.items.map((user) => shown(auth, user))) };
    },
  }),
  route({
    method: "POST",
    path: "/users",
    area: "users",
    access: "write",
    gives: true,
    summary: "Makes a user. Roles need the whole right to administer.",
    body: z.strictObject({
      email: line(254),
      password: z.optional(z.string().check(z.minLength(1), z.maxLength(1_024))),
      emailVerified: z.optional(z.boolean()),
      roles: z.optional(words),
    }),
    answer: userForm,
    status: 201,
    async handle({ auth, principal, body, by }) {
      const { email, password, emailVerified = false, roles = [] } = body;
      const refusal = roles.length === 0 ? undefined : beyondOwn(principal, "To make a user with roles");
      if (refusal !== undefined) return refusal;
      try {
        return await shown(
          auth,
          await auth.users.create({ email, emailVerified, roles, ...(password === undefined ? {} : { password }) }, by),
        );
      } catch (error) {
        if (error instanceof UniqueViolation) return adminRefusals["email-taken"]();
        throw error;
      }
    },
  }),
  route({
    method: "GET",
    path: "/users/:id",
    area: "users",
    access: "read",
    summary: "One user.",
    answer: userForm,
    handle: ({ auth, parameters }) => userOr404(auth, parameters.id!),
  }),
  route({
    method: "DELETE",
    path: "/users/:id",
    area: "users",
    access: "write",
    summary: "Deletes a user; every credential of theirs is refused from the next request on.",
    async handle(call) {
      const { auth, parameters, by } = call;
      return (await protects(call, "delete")) ?? ((await auth.users.delete(parameters.id!, by)) ? undefined : adminRefusals["not-found"]());
    },
  }),
  route({
    method: "POST",
    path: "/users/:id/disable",
    area: "users",
    access: "write",
    summary: "Refuses every credential of a user from the next request on.",
    answer: userForm,
    async handle(call) {
      const refusal = await protects(call, "disable");
      if (refusal !== undefined) return refusal;
      await call.auth.users.disable(call.parameters.id!, call.by);
      return userOr404(call.auth, call.parameters.id!);
    },
  }),
  route({
    method: "POST",
    path: "/users/:id/enable",
    area: "users",
    access: "write",
    gives: true,
    summary: "Lets a disabled user act again.",
    answer: userForm,
    async handle(call) {
      const refusal = await protects(call, "enable");
      if (refusal !== undefined) return refusal;
      await call.auth.users.enable(call.parameters.id!, call.by);
      return userOr404(call.auth, call.parameters.id!);
    },
  }),
  route({
    method: "PUT",
    path: "/users/:id/roles/:role",
    area: "roles",
    access: "write",
    gives: true,
    summary: "Gives a role to a user.",
    answer: userForm,
    async handle(call) {
      const { auth, parameters, by } = call;
      const refusal = mayGive(call, parameters.role!);
      if (refusal !== undefined) return refusal;
      if ((await auth.users.find(parameters.id!)) === undefined) return adminRefusals["not-found"]();
      await auth.roles.grant(parameters.id!, parameters.role!, by);
      return userOr404(auth, parameters.id!);
    },
  }),
  route({
    method: "DELETE",
    path: "/users/:id/roles/:role",
    area: "roles",
    access: "write",
    summary: "Takes a role from a user.",
    answer: userForm,
    async handle(call) {
      const { auth, principal, parameters, by } = call;
      if (parameters.role === adminRole && principal.subject === parameters.id) return adminRefusals["own-account"]();
      const refusal = mayGive(call, parameters.role!);
      if (refusal !== undefined) return refusal;
      await auth.roles.revoke(parameters.id!, parameters.role!, by);
      return userOr404(auth, parameters.id!);
    },
  }),
  route({
    method: "DELETE",
    path: "/users/:id/sessions",
    area: "sessions",
    access: "write",
    summary: "Ends all sessions of a user.",
    answer: z.object({ ended: z.int() }),
    handle: async ({ auth, parameters, by }) => ({ ended: await auth.sessions.revokeAll(parameters.id!, by) }),
  }),
];
