import { decodeJwt, decodeProtectedHeader } from "jose";
import { expect, test } from "vitest";
import { mintUser, testLatchkey } from "latchkey/testing";
import { unpackStatusList } from "../src/status-list/index.ts";

test("the published list names a token from the moment it is revoked, until it expires", async () => {
  const auth = await testLatchkey({ issuer: "https://auth.example.com" });
  const { id: subject } = await mintUser(auth);
  const { token, id } = await auth.tokens.issue({ subject });
  const { uri, idx } = (decodeJwt(token)["status"] as { status_list: { uri: string; idx: number } }).status_list;
  const read = async () => {
    const answer = await auth.fetch(new Request(uri));
    expect(answer.headers.get("content-type")).toBe("application/statuslist+jwt");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=15");
    const body = await answer.text();
    expect(decodeProtectedHeader(body)).toMatchObject({ typ: "statuslist+jwt", alg: "ES256" });
    return decodeJwt(body);
  };
  const before = await read();
  expect(before).toMatchObject({ sub: uri, ttl: 30, exp: before.iat! + 60 });
  expect((await unpackStatusList(before["status_list"]))!.isSet(idx)).toBe(false);
  await auth.tokens.revoke({ id });
  expect((await unpackStatusList((await read())["status_list"]))!.isSet(idx)).toBe(true);
  await auth.close();
});

test.each(["1", "99999999", "01", "-1", "x"])("a list that no token names is not there: %s (status-list.not-found)", async (list) => {
  const auth = await testLatchkey({ issuer: "https://auth.example.com" });
  await auth.tokens.issue({ subject: (await mintUser(auth)).id });
  const answer = await auth.fetch(new Request(`https://auth.example.com/status-lists/${list}`));
  expect(answer.status).toBe(404);
  await auth.close();
});
