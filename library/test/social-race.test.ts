import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { github } from "latchkey/providers";
import { sqlite } from "latchkey/sqlite";
import { type GithubLike, githubLike } from "./github-like.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";
import { beginAt, openSocial, password, type SocialHouse, told, visit } from "./social-house.ts";

// Two people of one provider who prove one address at the same moment, each on a node of its own: an address that moves there.

const secret = "one that both of them have, of 32 bytes and more";
const rounds = 12;
const folder = mkdtempSync(join(tmpdir(), "latchkey-race-"));
let hubs: readonly [GithubLike, GithubLike];
beforeAll(async () => {
  hubs = [await githubLike(), await githubLike()];
});
afterAll(async () => {
  await Promise.all(hubs.map((hub) => hub.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe("two nodes on one SQLite file", () => {
  tests(async () => {
    const file = join(folder, `${Math.random()}.db`);
    return () => sqlite(file);
  });
});
describeWithPostgres("two nodes on PostgreSQL", () => {
  tests(async () => {
    const url = await emptyPostgres();
    return () => patientPostgres(url);
  });
});

function tests(place: () => Promise<() => ReturnType<typeof sqlite>>): void {
  /** The same provider on both: what it says differs, as it does for two browsers. */
  async function open(): Promise<readonly [SocialHouse, SocialHouse]> {
    const storeOf = await place();
    const node = ({ endpoints, clientId, clientSecret }: GithubLike) =>
      openSocial({ store: storeOf(), secret, providers: [github({ endpoints, clientId, clientSecret })] });
    const one = await node(hubs[0]);
    return [one, await node(hubs[1])];
  }

  /** Both at the callback at once: what they were answered, in order. */
  async function race(nodes: readonly [SocialHouse, SocialHouse], email: string, first: number) {
    const callbacks = await Promise.all(
      nodes.map(async (node, index) => {
        hubs[index]!.user = { id: first + index, login: `person${first + index}` };
        hubs[index]!.emails = [{ email, verified: true, primary: true }];
        const visitor = node.visitor();
        const back = await visit(await beginAt(visitor, "github"));
        return () => visitor.ask("GET", back).then(told);
      }),
    );
    const answers = await Promise.all(callbacks.map((callback) => callback()));
    return answers.map(({ status, code }) => (typeof code === "string" ? code : `${status}`)).toSorted();
  }

  test("make one account, of which one is the way in; the other is refused [attack:OC-08]", async () => {
    const nodes = await open();
    const { auth } = nodes[0];
    for (let round = 0; round < rounds; round += 1) {
      const email = `new${round}@example.com`;
      expect(await race(nodes, email, 2 * round + 1)).toEqual(["303", "identity.other-linked"]);
      const user = await auth.users.findByEmail(email);
      expect(await auth.identities.list(user!.id)).toHaveLength(1);
    }
    expect(await auth.users.list()).toHaveLength(rounds);
    await Promise.all(nodes.map((node) => node.auth.close()));
  });

  test("join an account that is there only once; the other is refused [attack:OC-08]", async () => {
    const nodes = await open();
    const { auth } = nodes[0];
    for (let round = 0; round < rounds; round += 1) {
      const email = `old${round}@example.com`;
      const { id } = await auth.users.create({ email, password, emailVerified: true });
      expect(await race(nodes, email, 1_000 + 2 * round)).toEqual(["303", "identity.other-linked"]);
      expect(await auth.identities.list(id)).toHaveLength(1);
    }
    await Promise.all(nodes.map((node) => node.auth.close()));
  });
}
