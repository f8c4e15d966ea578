import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";
import { Frame } from "./frame.tsx";
import {
  Activity,
  Clients,
  type Filter,
  ApiKeys,
  Missing,
  Overview,
  Roles,
  SessionsPage,
  SetUp,
  SigningKeys,
  UserPage,
  Users,
} from "./pages/index.ts";

/** A text of the address bar, or nothing. */
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: Missing });
const setUpRoute = createRoute({ getParentRoute: () => rootRoute, path: "/setup", component: SetUp });
const frameRoute = createRoute({ getParentRoute: () => rootRoute, id: "frame", component: Frame });
const inFrame = { getParentRoute: () => frameRoute } as const;

const activityRoute = createRoute({
  ...inFrame,
  path: "/activity",
  component: Activity,
  validateSearch: (search: Record<string, unknown>): Filter => ({
    show: text(search.show),
    outcome: text(search.outcome),
    subject: text(search.subject),
    address: text(search.address),
    request: text(search.request),
    since: text(search.since),
  }),
});

const tree = rootRoute.addChildren([
  setUpRoute,
  frameRoute.addChildren([
    createRoute({ ...inFrame, path: "/", component: Overview }),
    activityRoute,
    createRoute({ ...inFrame, path: "/users", component: Users }),
    createRoute({ ...inFrame, path: "/users/$id", component: UserPage }),
    createRoute({ ...inFrame, path: "/api-keys", component: ApiKeys }),
    createRoute({ ...inFrame, path: "/clients", component: Clients }),
    createRoute({ ...inFrame, path: "/sessions", component: SessionsPage }),
    createRoute({ ...inFrame, path: "/signing-keys", component: SigningKeys }),
    createRoute({ ...inFrame, path: "/roles", component: Roles }),
  ]),
]);

export const router = createRouter({ routeTree: tree, basepath: "/admin", scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
