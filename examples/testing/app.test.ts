import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { afterEach, expect, test } from "vitest";
import { actAs, mintApiKey, mintUser, testLatchkey, testPrincipal, testRequest } from "latchkey/testing";
import { makeApp } from "./app.ts";

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server === undefined ? resolve() : void server.close(() => resolve()))));

/** Serves an app on a free port; the tests ask it as any client would. */
async function serve(app: Express): Promise<string> {
  await new Promise<void>((resolve) => (server = app.listen(0, "127.0.0.1", () => resolve())));
  return `http://127.0.0.1:${(server!.address() as AddressInfo).port}`;
}

test("the route, without any credential", async () => {
  const ada = testPrincipal({ subject: "usr_ada", scopes: ["posts:read"] });
  const auth = actAs(ada);
  const url = await serve(makeApp(auth));
  expect(await (await fetch(`${url}/posts`)).json()).toEqual({ author: "usr_ada" });

  auth.become(testPrincipal({ scopes: [] }));
  expect((await fetch(`${url}/posts`)).status).toBe(403);

  auth.become(undefined);
  expect((await fetch(`${url}/posts`)).status).toBe(401);
});

test("a key, whatever state it is in", async () => {
  const auth = await testLatchkey();
  const url = await serve(makeApp(auth));
  const scopes = ["posts:read"];

  const good = await mintApiKey(auth, { scopes });
  expect((await fetch(`${url}/posts`, { headers: good.headers })).status).toBe(200);

  const narrow = await mintApiKey(auth, { scopes: ["posts:write"] });
  expect((await fetch(`${url}/posts`, { headers: narrow.headers })).status).toBe(403);

  for (const state of ["expired", "revoked", "damaged", "owner-disabled"] as const) {
    const { headers, outcome } = await mintApiKey(auth, { state, scopes });
    expect((await fetch(`${url}/posts`, { headers })).status).toBe(401);
    expect(auth.refusals.at(-1)?.outcome).toBe(outcome);
  }
  await auth.close();
});

test("time", async () => {
  const auth = await testLatchkey();
  const { headers } = await mintApiKey(auth, { expires: "1h" });
  const ask = () => auth.check(testRequest({ headers }), auth.rule());
  expect(await ask()).toMatchObject({ allowed: true });

  auth.clock.advance("1h");
  expect(await ask()).toMatchObject({ allowed: false, refusal: { code: "api-key.expired" } });
  await auth.close();
});

test("what happens to the user of a key", async () => {
  const auth = await testLatchkey();
  const user = await mintUser(auth);
  const { headers } = await mintApiKey(auth, { owner: user.id, by: "bearer" });
  const ask = () => auth.check(testRequest({ headers }), auth.rule());
  expect(await ask()).toMatchObject({ allowed: true, principal: { subject: user.id } });

  await auth.users.disable(user.id);
  expect(await ask()).toMatchObject({ allowed: false, refusal: { code: "api-key.owner-disabled" } });
  await auth.close();
});
