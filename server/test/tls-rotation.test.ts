import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { connect } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { authorityExtensions, type MadeCertificate } from "../../library/test/certificates.ts";
import { describeWithOpenssl } from "../../library/test/services.ts";
import { build, type Served } from "./program.ts";
import { askByTls, spiffe, tlsHouse, type TlsHouse } from "./tls-house.ts";

describeWithOpenssl("certificate files that change while the server runs [attack:MT-07]", () => {
  let house: TlsHouse;
  let server: Served;
  let next: MadeCertificate;

  beforeAll(() => {
    build();
    house = tlsHouse();
    const lines = ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"];
    next = house.shop.make("next", { by: house.ca, extensions: lines, days: 60 });
    house.shop.make("late", { by: house.ca, extensions: lines, days: -1 });
  }, 120_000);
  beforeEach(async () => {
    for (const [from, to] of copies("server")) copyFileSync(house.at(from), house.at(to));
    copyFileSync(house.at("ca.pem"), house.at("clients-ca.pem"));
    server = await house.serve({
      LATCHKEY_TLS_CERT: house.at("live.pem"),
      LATCHKEY_TLS_KEY: house.at("live.key"),
      LATCHKEY_CLIENT_CA: house.at("clients-ca.pem"),
      LATCHKEY_LOG_LEVEL: "info",
    });
  });
  afterEach(() => server.stop());
  afterAll(() => house.shop.remove());

  const copies = (name: string) =>
    [
      [`${name}.pem`, "live.pem"],
      [`${name}.key`, "live.key"],
    ] as const;
  /** As certbot and Kubernetes do it: each file appears whole. */
  function replace(file: string, content: string): void {
    writeFileSync(house.at(`${file}.draft`), content);
    renameSync(house.at(`${file}.draft`), house.at(file));
  }
  function replaceWith({ cert, key }: MadeCertificate): void {
    replace("live.pem", cert);
    replace("live.key", key);
  }
  /** Serial number of the certificate that a new connection is shown. */
  const shownSerial = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ port: Number(new URL(server.url).port), host: "localhost", ca: house.ca.cert }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.once("error", reject);
    });
  const serialOf = (name: string) => {
    const printed = house.shop.read("x509", "-in", house.at(name), "-noout", "-serial");
    return printed.trim().replace("serial=", "");
  };
  const metric = async (name: string) => new RegExp(`^${name} (\\S+)$`, "m").exec(await text(`${server.url}/metrics`))?.[1];
  const text = (url: string, agent?: Agent) =>
    new Promise<string>((resolve, reject) => {
      const sent = request(url, { ca: house.ca.cert, agent: agent ?? false }, (answer) => {
        let body = "";
        answer.on("data", (chunk: Buffer) => (body += chunk.toString())).on("end", () => resolve(body));
      });
      sent.on("error", reject);
      sent.end();
    });

  test("are taken under load without a dropped handshake, and connections that are there go on", async () => {
    const kept = new Agent({ keepAlive: true, maxSockets: 1, ca: house.ca.cert });
    await text(`${server.url}/healthz`, kept);
    const stop = new AbortController();
    let answered = 0;
    const failures: unknown[] = [];
    const visitor = async () => {
      while (!stop.signal.aborted)
        await askByTls(`${server.url}/healthz`, house.ca.cert).then(
          () => (answered += 1),
          (error: unknown) => failures.push(error),
        );
    };
    const visitors = Array.from({ length: 40 }, visitor);
    for (const [made, name] of [
      [next, "next.pem"],
      [house.identity, "server.pem"],
      [next, "next.pem"],
    ] as const) {
      const before = answered;
      replaceWith(made);
      server.program.process.kill("SIGHUP");
      await expect.poll(shownSerial, { timeout: 20_000 }).toBe(serialOf(name));
      await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(before + 100);
    }
    stop.abort();
    await Promise.all(visitors);
    expect(failures).toEqual([]);
    expect(await text(`${server.url}/healthz`, kept)).toContain("up");
    kept.destroy();
  });

  test("are found without a signal, once both are written", async () => {
    replaceWith(next);
    await expect.poll(shownSerial, { timeout: 20_000 }).toBe(serialOf("next.pem"));
    await server.program.until(/new certificate files are in use/);
    expect(Number(await metric("latchkey_tls_certificate_expires_seconds"))).toBe(expiryOf("next.pem"));
    expect(await metric("latchkey_tls_refused_total")).toBe("0");
  });

  const expiryOf = (name: string) =>
    Date.parse(house.shop.read("x509", "-in", house.at(name), "-noout", "-enddate").replace("notAfter=", "")) / 1_000;

  test.each([
    ["that are no PEM", () => replace("live.pem", "nothing of the kind\n"), "holds no certificate in PEM form"],
    ["of which the key belongs to another certificate", () => replace("live.key", next.key), "does not belong to the certificate"],
    ["that are gone", () => renameSync(house.at("live.pem"), house.at("away.pem")), "does not exist"],
    ["that have expired", () => replaceWith(lateOne()), "and the old one has not"],
  ])("%s leave the old ones in use, and the log and a metric tell", async (_, spoil, told) => {
    spoil();
    server.program.process.kill("SIGHUP");
    const log = await server.program.until(/new certificate files cannot be used/);
    expect(log).toContain(told);
    expect(log).toMatch(/"level":"error"/);
    expect(await shownSerial()).toBe(serialOf("server.pem"));
    expect(Number(await metric("latchkey_tls_refused_total"))).toBeGreaterThan(0);
    replaceWith(next);
    server.program.process.kill("SIGHUP");
    await expect.poll(shownSerial, { timeout: 20_000 }).toBe(serialOf("next.pem"));
  });
  const lateOne = () => ({
    name: "late",
    cert: readFileSync(house.at("late.pem"), "utf8"),
    key: readFileSync(house.at("late.key"), "utf8"),
  });

  test("of authorities count for the next request: who was let in by an old one is nobody", async () => {
    const newCa = house.shop.make("new-ca", { extensions: authorityExtensions });
    const [old, fresh] = [house.client("old"), house.client("fresh", [`subjectAltName=URI:${spiffe}`], { by: newCa })];
    const statusOf = async (shown: MadeCertificate) => (await askByTls(`${server.url}/whoami`, house.ca.cert, { shown })).status;
    expect([await statusOf(old), await statusOf(fresh)]).toEqual([200, 401]);
    replace("clients-ca.pem", house.ca.cert + newCa.cert);
    await expect.poll(() => statusOf(fresh), { timeout: 20_000 }).toBe(200);
    expect(await statusOf(old)).toBe(200);
    replace("clients-ca.pem", newCa.cert);
    await expect.poll(() => statusOf(old), { timeout: 20_000 }).toBe(401);
    replace("clients-ca.pem", "nothing of the kind\n");
    await server.program.until(/clients-ca\.pem holds no certificate/);
    expect([await statusOf(old), await statusOf(fresh)]).toEqual([401, 200]);
  });
});
