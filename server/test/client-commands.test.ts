import { expect, test } from "vitest";
import { testLatchkey } from "latchkey/testing";
import { commands } from "../src/commands/index.ts";

type Auth = Awaited<ReturnType<typeof testLatchkey>>;
const run = (auth: Auth, name: string, input: object = {}, positionals: string[] = []) =>
  commands.find((command) => command.name === name)!.run!(auth, input as never, positionals) as Promise<Record<string, unknown>>;

test("clients are registered, listed, given a new secret and deleted from the command line", async () => {
  const auth = await testLatchkey();
  const made = await run(auth, "client create", { name: "worker", grant: ["client_credentials"], scope: ["posts:read"] });
  expect(made).toMatchObject({ client_id: expect.stringMatching(/^cli_/), client_secret: expect.stringMatching(/^lkc_live_/) });
  const id = String(made["client_id"]);
  expect(await run(auth, "client list")).toMatchObject({ clients: [{ id, name: "worker", grants: ["client_credentials"] }] });
  const rotated = await run(auth, "client rotate-secret", { overlap: "1h" }, [id]);
  expect(rotated["client_secret"]).not.toBe(made["client_secret"]);
  expect(await run(auth, "client delete", {}, [id])).toEqual({ client_id: id, deleted: true });
  await expect(run(auth, "client delete", {}, [id])).rejects.toThrow("no client");
  await expect(run(auth, "client rotate-secret", {}, [id])).rejects.toThrow("no client");
  await auth.close();
});

test("a public client has no secret, and what cannot be used is named", async () => {
  const auth = await testLatchkey();
  const spa = { name: "SPA", grant: ["authorization_code"], "redirect-uri": ["https://spa.example.com/"], auth: "none" };
  expect(await run(auth, "client create", spa)).not.toHaveProperty("client_secret");
  await expect(run(auth, "client create", { ...spa, "redirect-uri": ["http://spa.example.com/"] })).rejects.toThrow("redirectUris");
  await expect(run(auth, "client create", { ...spa, jwks: "no json" })).rejects.toThrow("--jwks");
  await auth.close();
});
