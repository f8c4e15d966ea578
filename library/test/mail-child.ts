// A process of its own whose mail server never answers, to be killed while it waits. Says when a mail is on its way.
import { createLatchkey } from "../src/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";
import { testRequest } from "../src/testing/index.ts";
import { weakPasswords } from "./accounts-house.ts";

const [, , file = "", body = ""] = process.argv;
const auth = await createLatchkey({
  issuer: "http://localhost:3000",
  secret: "one that both processes have, of 32 bytes or more",
  store: sqlite(file),
  passwords: weakPasswords,
  mail: {
    send: () => {
      process.stdout.write("sending\n");
      return new Promise(() => undefined);
    },
  },
});
const headers = { "content-type": "application/json" };
await auth.handle(testRequest({ method: "POST", target: "/register", headers, body }));
process.stdin.resume();
