import { assert, base64String, oneof, property, string } from "fast-check";
import { expect, test } from "vitest";
import { isRefusal, type RequestView } from "../../contracts/index.ts";
import { readBasic, userAndPassword } from "./read.ts";

const read = (authorization: string) => readBasic({ header: () => authorization } as unknown as RequestView, () => true);

test("gives back every user without colon and every password, control characters aside", () => {
  const text = string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((part) => !/\p{Cc}/u.test(part));
  assert(
    property(
      text.filter((user) => !user.includes(":")),
      text,
      (user, password) => {
        const found = read(`Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
        if (found === undefined || isRefusal(found)) throw new Error("not read");
        expect(userAndPassword(found.secret.reveal())).toEqual({ user, password });
      },
    ),
  );
});

test("answers any header with a credential, a refusal or nothing", () => {
  assert(
    property(
      oneof(
        string(),
        string().map((rest) => `Basic ${rest}`),
        base64String().map((rest) => `Basic ${rest}`),
      ),
      (header) => {
        const found = read(header);
        if (found === undefined || isRefusal(found)) return;
        const presented = userAndPassword(found.secret.reveal());
        expect(isRefusal(presented) ? presented.code : "read").toMatch(/^(?:read|basic\.malformed)$/);
      },
    ),
  );
});

test("never shows what was sent", () => {
  const found = read(`Basic ${Buffer.from("hunter2:ada@example.com").toString("base64")}`);
  expect(JSON.stringify(found)).not.toMatch(/hunter2|ada@/);
});
