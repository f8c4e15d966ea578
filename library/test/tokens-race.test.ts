import { expect, test } from "vitest";
import { testClock, testLatchkey, type TestLatchkey } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

const issuer = "https://auth.example.com";
const credentials = { email: "ada@example.com", password: "correct horse battery staple 9" };
const post = async (on: TestLatchkey, path: string, body: object) => {
  const headers = { "content-type": "application/json" };
  const answer = await on.fetch(new Request(`${issuer}${path}`, { method: "POST", body: JSON.stringify(body), headers }));
  return { status: answer.status, body: (await answer.json()) as { access_token: string; refresh_token: string } };
};
const codeFor = async (on: TestLatchkey, token: string) => {
  const decision = await on.check(new Request(`${issuer}/whoami`, { headers: { authorization: `Bearer ${token}` } }), {});
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describeWithPostgres("tokens of two nodes on PostgreSQL", () => {
  test("a hundred uses of one refresh token rotate it once; nodes that start together make one signing key; a revocation is heard", async () => {
    const url = await emptyPostgres();
    const secret = "one that both of them have, of 32 bytes and more";
    const open = () => testLatchkey({ issuer, secret, clock: testClock(), passwords: weakPasswords, store: patientPostgres(url) });
    const [one, other] = await Promise.all([open(), open()]);
    await one.users.create(credentials);
    const begun = await Promise.all([post(one, "/tokens", credentials), post(other, "/tokens", credentials)]);
    expect(await one.signingKeys.list()).toHaveLength(1);

    const { refresh_token } = begun[0].body;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => post(index % 2 === 0 ? one : other, "/tokens/refresh", { refresh_token })),
    );
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);

    const { access_token } = answers[0]!.body;
    expect(await codeFor(other, access_token)).toBe("allowed");
    await one.tokens.revoke({ token: access_token });
    await expect.poll(() => codeFor(other, access_token), { timeout: 5_000 }).toBe("jwt.revoked");
    await Promise.all([one.close(), other.close()]);
  });
});
