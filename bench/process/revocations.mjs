// One of two processes on one database: `revoke` revokes when told, `watch` sees how long a credential is let in after that.
import { hrtime } from "node:process";
import { openGate } from "../fixtures/gate.mjs";
import { postgres } from "latchkey/postgres";
import { sqlite } from "latchkey/sqlite";

const [role, kind, place] = process.argv.slice(2);
const store = kind === "sqlite" ? sqlite(place) : postgres(place);
// Every revoked token is a bad credential of one address.
const auth = await openGate(".", { store, limits: { credentialAddress: "off" } });
process.on("disconnect", () => process.exit());
/** Of the machine, so that two processes can compare it. */
const nowMicros = () => Number(hrtime.bigint() / 1_000n);

const view = (headers) => ({
  method: "GET",
  target: "/",
  requestId: "bench",
  peerAddress: "127.0.0.1",
  encrypted: false,
  header: (name) => headers[name],
  body: () => Promise.resolve(new Uint8Array()),
});
const rule = auth.rule();
const decide = (token) => auth.check(view({ authorization: `Bearer ${token}` }), rule);
const allowed = async (token) => (await decide(token)).allowed;

/** Asks again and again, with a pause so short that it adds nothing, until the token is refused. */
async function untilRefused(token) {
  while (await allowed(token)) await new Promise((resolve) => setImmediate(resolve));
  return { refusedAt: nowMicros() };
}

async function obey({ make, warm, watch, revoke }) {
  if (make !== undefined) {
    const user = await auth.users.create({ email: `person${Math.random()}@example.com` });
    const tokens = [];
    while (tokens.length < make) {
      const { token, id } = await auth.tokens.issue({ subject: user.id });
      tokens.push({ token, id });
    }
    return { tokens };
  }
  if (warm !== undefined) {
    const decision = await decide(warm);
    return { refusal: decision.allowed ? undefined : `${decision.refusal.code}: ${decision.refusal.detail}` };
  }
  if (watch !== undefined) return untilRefused(watch);
  await auth.tokens.revoke({ id: revoke });
  return { revokedAt: nowMicros() };
}

process.on("message", (message) => void obey(message).then((answer) => process.send(answer)));
process.send({ ready: role });
