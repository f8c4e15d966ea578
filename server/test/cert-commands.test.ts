import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { workshop } from "../../library/test/certificates.ts";
import { describeWithOpenssl } from "../../library/test/services.ts";
import { build, command, type Program, start, temporaryFolder } from "./program.ts";
import { askByTls } from "./tls-house.ts";

interface Made {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly expiresAt: string;
  readonly names: readonly string[];
  readonly as?: string;
  readonly serve: string;
  readonly curl: string;
}

let data: string;
beforeEach(() => (data = temporaryFolder()));
afterEach(() => rmSync(data, { recursive: true, force: true }));

const issue = async (...argv: string[]): Promise<Made> => {
  const { exitCode, stdout, stderr } = await command(["cert", "issue", "--data", data, "--json", ...argv], {});
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Made;
};

describeWithOpenssl("latchkey cert issue", () => {
  const shop = workshop();
  afterAll(() => shop.remove());
  const verified = (made: Made, purpose: string, more: readonly string[] = []) =>
    shop.read("verify", "-x509_strict", "-CAfile", made.authority, "-purpose", purpose, ...more, made.certificate);
  const shown = (file: string) => shop.read("x509", "-in", file, "-noout", "-text");

  test("makes an authority once, and certificates that openssl finds good for what they are for and nothing else", async () => {
    const server = await issue();
    expect(verified(server, "sslserver", ["-verify_hostname", "localhost"])).toContain("OK");
    expect(verified(server, "sslserver", ["-verify_ip", "::1"])).toContain("OK");
    expect(() => verified(server, "sslclient")).toThrow(/verify/);
    const authority = readFileSync(server.authority);
    const client = await issue("--client", "billing", "--uri", "spiffe://example.com/billing", "--dns", "billing.internal", "--days", "7");
    expect(readFileSync(client.authority)).toEqual(authority);
    expect(verified(client, "sslclient")).toContain("OK");
    expect(() => verified(client, "sslserver")).toThrow(/verify/);
    expect(shown(client.certificate)).toMatch(/DNS:billing\.internal, URI:spiffe:\/\/example\.com\/billing/);
    expect(shown(client.authority)).toMatch(/CA:TRUE, pathlen:0/);
    const { validTo } = new X509Certificate(readFileSync(client.certificate));
    expect(client.expiresAt).toBe(new Date(validTo).toISOString());
    // A key of its own, as openssl reads it, which belongs to the certificate.
    expect(shop.read("pkey", "-in", client.key, "-pubout")).toBe(shop.read("x509", "-in", client.certificate, "-noout", "-pubkey"));
  });

  test("writes keys for their owner only, and a list of clients without the same one twice", async () => {
    await issue("--client", "billing", "--scope", "orders:read");
    const second = await issue("--client", "billing", "--dns", "billing.internal");
    await issue("--client", "mail");
    const folder = join(data, "certificates");
    for (const file of ["ca.key", "server.key", "billing.key"]) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(folder, "clients.json"), "utf8"))).toEqual([
      { as: "svc_billing", dns: "billing.internal", scopes: [] },
      { as: "svc_mail", uri: "spiffe://localhost/mail", scopes: [] },
    ]);
    expect(second).toMatchObject({ as: "svc_billing", names: ["billing.internal"] });
  });

  test("prints lines that work when pasted: a server by https, and a client that it knows", async () => {
    build();
    const { serve, curl } = await issue("--client", "billing", "--scope", "orders:read");
    const argv = serve.replace("npx latchkey ", "").split(" ");
    let program: Program | undefined;
    try {
      program = start("server/dist/bin.js", [...argv, "--port", "0"], {});
      const banner = await program.until(/\/whoami\n/);
      const url = /https:\/\/localhost:\d+/.exec(banner)![0];
      const [, ca, cert, key, asked] = /^curl --cacert (\S+) --cert (\S+) --key (\S+) (\S+)$/.exec(curl)!;
      expect(asked).toBe("https://localhost:3000/whoami");
      expect(banner).toContain(`curl --cacert ${ca} -H "X-API-Key: `);
      const read = (file: string | undefined) => readFileSync(file!, "utf8");
      const answer = await askByTls(`${url}/whoami`, read(ca), { shown: { name: "billing", cert: read(cert), key: read(key) } });
      expect(answer).toMatchObject({ status: 200, body: { subject: "svc_billing", method: "mtls", scopes: ["orders:read"] } });
    } finally {
      await program?.stop();
    }
  });
});

describe("latchkey cert issue refuses", () => {
  test.each([
    [["--client", "../ca"], "--client: got"],
    [["--client", "ca"], "not ca, server or clients"],
    [["--client", "Billing"], "small letters"],
    [["--days", "0"], "--days: got"],
    [["--days", "398"], "from 1 to 397"],
    [["--dns", "a b"], "--dns: got"],
    [["--uri", "nothing"], "--uri: got"],
    [["--uri", "spiffe://a/b, DNS:c"], "--uri: got"],
    [["--ip", "localhost"], "--ip: got"],
  ])("%j, and writes nothing", async (argv, told) => {
    const { exitCode, stderr } = await command(["cert", "issue", "--data", data, ...argv], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain(told);
    expect(existsSync(join(data, "certificates"))).toBe(false);
  });

  test("to go on with an authority whose key is another's", async () => {
    await issue();
    const key = readFileSync(join(data, "certificates", "server.key"));
    writeFileSync(join(data, "certificates", "ca.key"), key);
    expect(await command(["cert", "issue", "--data", data], {})).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("does not belong to"),
    });
  });
});
