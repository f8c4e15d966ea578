import { X509Certificate } from "node:crypto";
import { appendFileSync, chmodSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorityExtensions, type MadeCertificate } from "../../library/test/certificates.ts";
import { describeWithOpenssl } from "../../library/test/services.ts";
import { build, latchkey, type Served, temporaryFolder } from "./program.ts";
import { askByTls, spiffe, tlsHouse, type TlsHouse, type TlsRequest } from "./tls-house.ts";

describeWithOpenssl("a server that speaks TLS itself", () => {
  let house: TlsHouse;
  let server: Served;

  beforeAll(async () => {
    build();
    house = tlsHouse();
    server = await house.serve();
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    house.shop.remove();
  });

  const ask = (path: string, request?: TlsRequest) => askByTls(server.url + path, house.ca.cert, request);
  /** What the log says of a refusal, once it is written. */
  const outcomeFor = async (shown: MadeCertificate) => {
    const { status, headers, body } = await ask("/whoami", { shown });
    if (status === 200) return body.subject;
    expect(body.code).toBe("mtls.refused");
    const { stdout } = await server.latchkey("explain", headers["x-request-id"] as string, "--json");
    return (JSON.parse(stdout) as { outcome: string }).outcome;
  };

  test("names itself by https, and its metadata too", async () => {
    expect(server.banner).toMatch(/listens on https:\/\/localhost:\d+ \(issuer https:\/\/localhost:\d+\)/);
    const { body } = await ask("/.well-known/openid-configuration");
    expect(body).toMatchObject({ issuer: server.url, token_endpoint: `${server.url}/oauth/token` });
  });

  test("does not tell browsers to use https for every other program on localhost", async () => {
    expect((await ask("/whoami")).headers).not.toHaveProperty("strict-transport-security");
  });

  describe("a client with a certificate made by openssl [asvs:V12.1.3]", () => {
    test("is the service that its name says, and has its scopes", async () => {
      const { status, body } = await ask("/whoami", { shown: house.client("billing") });
      expect(status).toBe(200);
      expect(body).toMatchObject({ subject: "svc_billing", kind: "service", method: "mtls", scopes: ["orders:read"] });
    });

    test("is nobody when it has expired, is of another authority, has another name, or is revoked", async () => {
      const other = house.shop.make("other-ca", { extensions: authorityExtensions });
      expect(await outcomeFor(house.client("expired", undefined, { days: -1 }))).toBe("mtls.not-valid-now");
      expect(await outcomeFor(house.client("foreign", undefined, { by: other }))).toBe("mtls.not-trusted");
      expect(await outcomeFor(house.client("renamed", [`subjectAltName=URI:${spiffe}/admin`]))).toBe("mtls.unknown-client");
      const lost = house.client("lost");
      appendFileSync(house.at("revoked.txt"), `${new X509Certificate(lost.cert).serialNumber}\n`);
      await expect.poll(() => outcomeFor(lost), { timeout: 20_000 }).toBe("mtls.revoked");
    });

    test("may send a key as well, which is then who it is; without either it is nobody", async () => {
      const { key } = await server.makeKey();
      const both = await ask("/whoami", { shown: house.client("beside"), headers: { "x-api-key": key } });
      expect(both.body).toMatchObject({ method: "api-key" });
      expect((await ask("/whoami")).status).toBe(401);
    });

    test("whose intermediate comes along is known on a connection that took up a session again, too", async () => {
      const middle = house.shop.make("middle", { by: house.ca, extensions: authorityExtensions });
      const deep = house.client("deep", undefined, { by: middle });
      const shown = { key: deep.key, cert: deep.cert + middle.cert };
      let session: Buffer | undefined;
      for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const)
        for (let round = 0; round < 2; round += 1) {
          const socket = await handshake({ ...shown, maxVersion, ...(session === undefined ? {} : { session }) });
          socket.on("session", (made) => (session = made));
          const answer = await exchange(socket, "GET /whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
          expect(answer).toMatch(/^HTTP\/1.1 200[^]*svc_billing/);
        }
    });
  });

  test("a client of OAuth gets tokens by its certificate, and they are of use with it alone", async () => {
    const shown = house.client("by-certificate");
    const { stdout } = await server.latchkey(
      "client",
      "create",
      "--name=Billing",
      "--grant=client_credentials",
      "--scope=orders:read",
      "--auth=tls_client_auth",
      `--tls-san-uri=${spiffe}`,
      "--certificate-bound",
      "--json",
    );
    const { client_id: id } = JSON.parse(stdout) as { client_id: string };
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const token = { method: "POST", headers, body: `grant_type=client_credentials&client_id=${id}` };
    expect(await ask("/oauth/token", token)).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    const { body } = await ask("/oauth/token", { ...token, shown });
    const bearer = { authorization: `Bearer ${String(body.access_token)}` };
    expect(await ask("/whoami", { shown, headers: bearer })).toMatchObject({ status: 200, body: { subject: id, method: "jwt" } });
    expect(await ask("/whoami", { shown: house.client("thief"), headers: bearer })).toMatchObject({ status: 401 });
  });

  const port = () => Number(new URL(server.url).port);
  const handshake = (options: ConnectionOptions = {}) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({ port: port(), host: "localhost", ca: house.ca.cert, ...options }, () => resolve(socket));
      socket.once("error", reject);
    });
  const exchange = (socket: TLSSocket, bytes: string) =>
    new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString())).on("error", () => undefined);
      socket.once("close", () => resolve(text));
      socket.write(bytes);
    });

  describe("the handshake", () => {
    test("is TLS 1.2 or 1.3, with forward secrecy and authenticated encryption [asvs:V12.1.1] [asvs:V12.1.2]", async () => {
      for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
        const socket = await handshake({ minVersion: version, maxVersion: version });
        expect(socket.getProtocol()).toBe(version);
        expect(socket.getCipher().name).toMatch(/GCM|CHACHA20/);
        socket.destroy();
      }
      await expect(handshake({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow(
        /protocol version/,
      );
      const old = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:AES128-SHA:AES128-GCM-SHA256";
      await expect(handshake({ maxVersion: "TLSv1.2", ciphers: old })).rejects.toThrow(/handshake failure/);
    });

    test("is not done again on a connection, which costs the server more than the client", async () => {
      const socket = await handshake({ maxVersion: "TLSv1.2" });
      const outcome = new Promise((resolve) => {
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
        socket.renegotiate({ rejectUnauthorized: true }, () => resolve("done"));
      });
      expect(await outcome).toBe("ERR_SSL_NO_RENEGOTIATION");
      socket.destroy();
    });

    test("that is none ends the connection, and others are served", async () => {
      const told = await new Promise((resolve) => {
        const plain = connectPlain(port(), "127.0.0.1", () => plain.write("GET /whoami HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        let text = "";
        plain.on("data", (chunk) => (text += chunk)).on("error", () => undefined);
        plain.once("close", () => resolve(text));
      });
      expect(told).not.toContain("HTTP/1.1");
      expect((await ask("/healthz")).body).toEqual({ status: "up" });
    });

    test("with what is no HTTP after it gets one answer", async () => {
      expect(await exchange(await handshake(), "nothing of the kind\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
    });
  });

  describe("files that cannot be used stop the start, and are named with what is wrong:", () => {
    const startWith = async (settings: NodeJS.ProcessEnv) => {
      const data = temporaryFolder();
      const { exitCode, stderr } = await latchkey(["serve", "--data", data, "--port", "0"], {
        LATCHKEY_TLS_CERT: house.at("server.pem"),
        LATCHKEY_TLS_KEY: house.at("server.key"),
        ...settings,
      });
      rmSync(data, { recursive: true });
      expect(exitCode).toBe(2);
      return stderr;
    };

    test("one that is not there, or holds something else", async () => {
      writeFileSync(house.at("text.pem"), "nothing of the kind\n");
      writeFileSync(house.at("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
      const text = house.at("text.pem");
      expect(await startWith({ LATCHKEY_TLS_CERT: "/nowhere.pem" })).toContain("LATCHKEY_TLS_CERT: /nowhere.pem does not exist.");
      expect(await startWith({ LATCHKEY_TLS_CERT: text })).toContain(`LATCHKEY_TLS_CERT: ${text} holds no certificate in PEM form.`);
      expect(await startWith({ LATCHKEY_TLS_CERT: house.at("broken.pem") })).toContain("cannot be read as a certificate");
      expect(await startWith({ LATCHKEY_TLS_KEY: text })).toContain(`LATCHKEY_TLS_KEY: ${text} holds no private key in PEM form.`);
      expect(await startWith({ LATCHKEY_CLIENT_CA: text })).toContain(`LATCHKEY_CLIENT_CA: ${text} holds no certificate`);
    });

    test("a key of another certificate, an encrypted one, and an authority that is none", async () => {
      house.shop.openssl("pkey", "-in", house.at("server.key"), "-aes256", "-passout", "pass:hunter22", "-out", house.at("locked.key"));
      house.client("elsewhere");
      const wrong = await startWith({ LATCHKEY_TLS_KEY: house.at("elsewhere.key") });
      expect(wrong).toContain(`does not belong to the certificate in ${house.at("server.pem")}`);
      expect(await startWith({ LATCHKEY_TLS_KEY: house.at("locked.key") })).toContain("is encrypted");
      expect(await startWith({ LATCHKEY_CLIENT_CA: house.at("server.pem") })).toContain("may issue none");
    });

    test("a list of clients that names one twice", async () => {
      writeFileSync(house.at("twice.json"), JSON.stringify([{ as: "svc_billing", uri: spiffe, dns: "billing.internal" }]));
      const files = { LATCHKEY_CLIENT_CA: house.at("ca.pem"), LATCHKEY_CLIENT_CERTIFICATES: house.at("twice.json") };
      expect(await startWith(files)).toContain("exactly one of uri, dns, subject and thumbprint");
    });
  });

  test("starts with a certificate that has expired and a key that all can read, and warns of both", async () => {
    const lines = ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"];
    house.shop.make("late", { by: house.ca, extensions: lines, days: -1 });
    chmodSync(house.at("late.key"), 0o644);
    const late = await house.serve({ LATCHKEY_TLS_CERT: house.at("late.pem"), LATCHKEY_TLS_KEY: house.at("late.key") });
    await late.program.until(/late\.pem expired on [^]*late\.key can be read by everybody/);
    await expect(askByTls(`${late.url}/healthz`, house.ca.cert)).rejects.toThrow(/expired/);
    const { stdout } = await late.latchkey("doctor", "--json");
    const { findings } = JSON.parse(stdout) as { findings: { practice: string }[] };
    expect(findings.find(({ practice }) => practice.includes("own certificate"))).toMatchObject({
      state: "warning",
      found: expect.stringContaining("expired on"),
    });
    await late.stop();
  });

  test("takes certificates from the header of a trusted proxy, and from nobody else", async () => {
    const behind = await house.serve({
      LATCHKEY_TLS_CERT: "",
      LATCHKEY_TLS_KEY: "",
      LATCHKEY_TRUST_PROXY: "127.0.0.2",
      LATCHKEY_CLIENT_CERTIFICATE_HEADER: "client-cert",
    });
    const headers = { "client-cert": `:${new X509Certificate(house.client("proxied").cert).raw.toString("base64")}:` };
    expect((await fetch(`${behind.url}/whoami`, { headers })).status).toBe(401);
    const from = (localAddress: string) =>
      new Promise<string>((resolve) => {
        const socket = connectPlain({ port: Number(new URL(behind.url).port), host: "127.0.0.1", localAddress }, () =>
          socket.write(`GET /whoami HTTP/1.1\r\nHost: localhost\r\nClient-Cert: ${headers["client-cert"]}\r\nConnection: close\r\n\r\n`),
        );
        let text = "";
        socket.on("data", (chunk) => (text += chunk)).once("close", () => resolve(text));
      });
    expect(await from("127.0.0.2")).toMatch(/^HTTP\/1.1 200[^]*svc_billing/);
    expect(await from("127.0.0.3")).toMatch(/^HTTP\/1.1 401/);
    await behind.stop();
  });
});
