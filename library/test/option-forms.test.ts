import { afterEach, expect, test } from "vitest";
import { createLatchkey, type Latchkey, type LatchkeyOptions, OptionFault } from "latchkey";
import { sqlite } from "latchkey/sqlite";

let auth: Latchkey | undefined;
afterEach(() => auth?.close());

const needed = (): LatchkeyOptions => ({
  issuer: "http://localhost:3000",
  store: sqlite(":memory:"),
  secret: "x7Gk29sLqPzRt84VbNmWcYhUjIoEaDf5",
});

/** As from JavaScript, where no compiler says what is wrong. */
async function faultOf(options: object): Promise<OptionFault> {
  const fault = await createLatchkey({ ...needed(), ...options }).then(
    (made) => void (auth = made),
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(OptionFault);
  return fault as OptionFault;
}

test.each([
  [{ sesions: {} }, "options", '"sesions"', "sessions"],
  [{ sessions: { ide: "1h" } }, "sessions", '"ide"', "idle, absolute"],
  [{ jwt: { refresh: { gracee: "5s" } } }, "jwt.refresh", '"gracee"', "grace"],
  [{ limits: { signinAccount: "5/1m" } }, "limits", '"signinAccount"', "signInAccount"],
  [{ signUp: "off" }, "signUp", '"off"', "true or false"],
  [{ webhooks: { allowPrivate: "no" } }, "webhooks.allowPrivate", '"no"', "true or false"],
  [{ registration: "open" }, "registration", '"open"', "an object of mode"],
  [{ apiKeys: null }, "apiKeys", "null", "an object of prefix"],
  [{ basic: true }, "basic", "true", "or false"],
  [{ trustProxy: "10.0.0.0/8" }, "trustProxy", '"10.0.0.0/8"', "a list of texts"],
  [{ jwt: { audiences: [5] } }, "jwt.audiences", "an array of 1", "a list of texts"],
  [{ methods: ["session"] }, "methods", "an array of 1", "a list of methods"],
  [{ ephemeral: {} }, "ephemeral", "a value of type object", "latchkey/redis"],
  [{ clock: {} }, "clock", "a value of type object", "now()"],
  [{ onFault: "console" }, "onFault", '"console"', "a function"],
])("%j is refused, with its name and what is allowed", async (options, option, got, allowed) => {
  const fault = await faultOf(options);
  expect(fault.option).toBe(option);
  expect(fault.message).toContain(`${option}: got ${got}`);
  expect(fault.message).toContain(allowed);
});

test("no value that may be a secret is told", async () => {
  const secret = "hunter22-hunter22";
  for (const options of [{ secrets: secret }, { ephemeral: `redis://:${secret}@db` }, { registration: { mode: "token", token: secret } }])
    expect((await faultOf(options)).message).not.toContain(secret);
});

test("false turns off what may be off, and undefined is the default", async () => {
  auth = await createLatchkey({ ...needed(), basic: false, forwardAuth: false, pages: false, ...({ signUp: undefined } as object) });
  expect((await auth.fetch(new Request("http://localhost:3000/login"))).status).toBe(405);
});
