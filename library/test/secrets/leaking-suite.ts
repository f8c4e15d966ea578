// Tests that let secrets out of a gate without HTTP and into its database; run by search.test.ts in a run of their own, which must fail.
import { expect, test } from "vitest";
import { createLatchkey } from "latchkey";
import { jsonAnswer } from "latchkey/endpoints";
import { sqlite } from "latchkey/sqlite";
import { weakPasswords } from "../accounts-house.ts";
import { browser } from "../browser.ts";

const passwords = ["handled: nine small green owls", "fetched: nine small green owls"];

test("passwords that are the names of keys, and a webhook secret in the answer of an app's own endpoint", async () => {
  const auth = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a master secret of this leaking run",
    passwords: weakPasswords,
  });
  const keys = await Promise.all(
    passwords.map(async (password, turn) => {
      const user = await auth.users.create({ email: `user${turn}@example.com`, password });
      return (await auth.apiKeys.issue({ name: password, owner: user.id, scopes: ["keys:manage"] })).key;
    }),
  );
  await browser(auth).ask("GET", "/keys", { headers: { "x-api-key": keys[0] } });
  await auth.fetch(new Request("http://localhost:3000/keys", { headers: { "x-api-key": keys[1]! } }));

  const { secret } = await auth.webhooks.create({ url: "https://hooks.example.com/", events: ["user.created"] });
  const leak = { method: "GET", path: "/leak", rule: undefined, handle: () => jsonAnswer(200, { secret }) } as const;
  expect(await browser({ ...auth, handle: auth.route([leak]) }).ask("GET", "/leak")).toMatchObject({ status: 200 });
  await auth.close();
});
