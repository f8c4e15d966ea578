// Sign-ins by a provider on loopback, through the node adapter; or nothing but the requests that they make of it, when told.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { mount } from "latchkey/node";
import { github, oidc } from "latchkey/providers";
import { openGate } from "../fixtures/gate.mjs";

const [kind, provider] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());

const client = { clientId: "bench", clientSecret: "a client secret of the bench" };
const endpoints = {
  authorization: `${provider}/authorize`,
  token: `${provider}/token`,
  userinfo: `${provider}/user`,
  emails: `${provider}/user/emails`,
};

async function own() {
  const auth = await openGate(folder, {
    limits: { signInAddress: "off", signInGlobal: "off", beginAddress: "off" },
    providers: [github({ ...client, endpoints }), oidc({ ...client, id: "work", name: "Work", issuer: provider })],
  });
  return mount(auth);
}

/** The requests that a sign-in by GitHub needs, one after the other; nothing is checked, and nothing kept. */
async function bare(request, response) {
  const { searchParams } = new URL(request.url, provider);
  const body = new URLSearchParams({ ...client, grant_type: "authorization_code", code: searchParams.get("code") });
  const { access_token: token } = await (await fetch(endpoints.token, { method: "POST", body })).json();
  const headers = { authorization: `Bearer ${token}` };
  for (const url of [endpoints.userinfo, endpoints.emails]) await (await fetch(url, { headers })).json();
  response.writeHead(303, { location: "/account" }).end();
}

const server = createServer(kind === "own" ? await own() : bare);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicros: user + system });
});
process.send({ port: server.address().port });
