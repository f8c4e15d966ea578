// @ts-check
// One client who asks a thing each five milliseconds, in a process of its own: so that what it measures is the server, and not how busy the load is.
import { createAsker } from "./ask.mjs";

process.on("disconnect", () => process.exit());
process.on("message", (/** @type {Visit} */ visit) => void latencies(visit).then((list) => process.send?.(list)));

/** @typedef {{ port: number, key: string, ms: number }} Visit */

/** @param {Visit} visit */
async function latencies({ port, key, ms }) {
  const { ask, close } = createAsker(port, 1);
  const list = [];
  for (const endsAt = performance.now() + ms; performance.now() < endsAt;) {
    const { status, ms: took } = await ask({ path: "/whoami", headers: { "X-API-Key": key } });
    if (status !== 200) throw new Error(`/whoami was answered ${status}.`);
    list.push(took);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  close();
  return list;
}
