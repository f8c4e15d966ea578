import { expect, test } from "vitest";
import { testLatchkey } from "latchkey/testing";
import { commands } from "../src/commands/index.ts";

const run = (auth: Awaited<ReturnType<typeof testLatchkey>>, name: string, input: object = {}, positionals: string[] = []) =>
  commands.find((command) => command.name === name)!.run!(auth, input as never, positionals) as Promise<Record<string, unknown>>;

test("signing keys are listed, rotated and withdrawn from the command line", async () => {
  const auth = await testLatchkey();
  expect(await run(auth, "signing-key list")).toEqual({ keys: [] });
  const next = await run(auth, "signing-key rotate");
  expect(next).toMatchObject({ state: "next", algorithm: "ES256" });
  expect(await run(auth, "signing-key retire", {}, [String(next["id"])])).toEqual({ id: next["id"], withdrawn: true });
  await expect(run(auth, "signing-key retire", {}, ["nothing"])).rejects.toThrow("no signing key");
  await auth.close();
});

test("tokens are revoked from the command line, one thing at a time", async () => {
  const auth = await testLatchkey();
  const { token, id } = await auth.tokens.issue({ subject: "svc", kind: "service" });
  expect(await run(auth, "token revoke", { id })).toEqual({ id, revoked: true });
  expect(await auth.tokens.introspect(token)).toEqual({ active: false });
  await expect(run(auth, "token revoke", { id })).rejects.toThrow("no token");
  await expect(run(auth, "token revoke", {})).rejects.toThrow("say what to revoke");
  await expect(run(auth, "token revoke", { id, subject: "svc" })).rejects.toThrow("say what to revoke");
  await auth.close();
});

test("everything of a person is revoked by the address too, and what was revoked is said", async () => {
  const auth = await testLatchkey();
  const { id } = await auth.users.create({ email: "ada@example.com" });
  const { token } = await auth.tokens.issue({ subject: id });
  const answer = await run(auth, "token revoke", { subject: "ada@example.com" });
  expect(answer).toEqual({ subject: id, revoked: true });
  expect(await auth.tokens.introspect(token)).toEqual({ active: false });
  const { print } = commands.find((command) => command.name === "token revoke")!;
  expect(print(answer as never)).toContain(`of the subject ${id} `);
  await auth.close();
});
