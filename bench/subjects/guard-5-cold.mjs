// A key that is not remembered, beside one that is: the same requests, the same keys, two sizes of memory.
import { mount } from "latchkey/node";
import { openGate } from "../fixtures/gate.mjs";

export const part = {
  name: "cold",
  title: "A cold key",
  about:
    "`GET /whoami` through the node adapter, with 1,000 keys in turn. Warm: all of them fit into the memory of verified keys. Cold: one does, so " +
    "that each request reads SQLite.",
};

const keys = 1_000;
const warm = "1,000 keys, warm";

/** @param {string} folder @param {number} entries */
async function serve(folder, entries) {
  const auth = await openGate(folder, { cache: { entries, seconds: 86_400 } });
  const issued = await Promise.all(
    Array.from({ length: keys }, (_, index) => auth.apiKeys.issue({ name: `key ${index}`, scopes: ["posts:read"] })),
  );
  const requests = issued.map(({ key }) => ({ path: "/whoami", headers: { "X-API-Key": key } }));
  return { listener: mount(auth), requests, unauthenticated: { path: "/whoami" } };
}

export const subjects = [
  { name: warm, serve: ({ folder }) => serve(folder, 20_000) },
  { name: "1,000 keys, cold", beside: warm, serve: ({ folder }) => serve(folder, 1) },
];
