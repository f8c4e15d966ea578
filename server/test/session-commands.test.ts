import { createLatchkey, type Latchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { perform } from "../src/perform.ts";

let auth: Latchkey;
let user: string;

beforeEach(async () => {
  auth = await createLatchkey({ issuer: "http://localhost:3000", store: sqlite(":memory:"), secret: "a test secret of at least 32 bytes" });
  ({ id: user } = await auth.users.create({ email: "ada@example.com" }));
});
afterEach(() => auth.close());

const run = (name: string, input: Record<string, string>, positionals: readonly string[] = []) =>
  perform(auth, { name, input, positionals });

describe("latchkey session", () => {
  test("lists the sessions of one user, and ends one", async () => {
    const { record } = await auth.sessions.create({ user });
    expect(await run("session list", { user })).toMatchObject({ exitCode: 0, output: { sessions: [{ id: record.id, userId: user }] } });
    expect(await run("session revoke", {}, [record.id])).toEqual({ exitCode: 0, output: { id: record.id, ended: 1 } });
    expect(await run("session list", { user })).toEqual({ exitCode: 0, output: { sessions: [] } });
    expect(await run("session revoke", {}, [record.id])).toMatchObject({ exitCode: 1 });
  });

  test("ends all of a user, and says in the audit who did it", async () => {
    await auth.sessions.create({ user });
    await auth.sessions.create({ user });
    expect(await run("session revoke", {}, [user])).toEqual({ exitCode: 0, output: { id: user, ended: 2 } });
    const ended = (await auth.audit.list({})).filter(({ action }) => action === "session.ended");
    expect(ended.map(({ actor }) => actor)).toEqual([expect.stringMatching(/^cli:/), expect.stringMatching(/^cli:/)]);
  });

  test("takes a user by the address, and says when nobody has it", async () => {
    const { record } = await auth.sessions.create({ user });
    const email = "ada@example.com";
    expect(await run("session list", { user: email })).toMatchObject({ output: { sessions: [{ id: record.id }] } });
    expect(await run("session revoke", {}, [email])).toEqual({ exitCode: 0, output: { id: user, ended: 1 } });
    const nobody = { exitCode: 1, error: "There is no user bob@example.com." };
    expect(await run("session list", { user: "bob@example.com" })).toEqual(nobody);
    expect(await run("session revoke", {}, ["bob@example.com"])).toEqual(nobody);
  });

  test("says how it is used when the user is left out", async () => {
    expect(await run("session list", {})).toMatchObject({ exitCode: 2, error: expect.stringContaining("--user") });
  });
});
