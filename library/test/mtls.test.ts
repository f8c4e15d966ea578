import { X509Certificate } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { assert, asyncProperty, constantFrom, string } from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CertificateClient, type CertificateProxy, mtls } from "latchkey/mtls";
import { mount } from "latchkey/node";
import { testClock, testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";
import { authorityExtensions, type MadeCertificate, type Workshop, workshop } from "./certificates.ts";
import { describeWithOpenssl } from "./services.ts";

const proxy = "10.0.0.7";
const spiffe = "spiffe://example.com/billing";

describeWithOpenssl("mutual TLS", () => {
  let shop: Workshop;
  let ca: MadeCertificate;
  let otherCa: MadeCertificate;
  let server: MadeCertificate;
  let billing: MadeCertificate;
  let renewed: MadeCertificate;
  const revokedFile = () => join(shop.folder, "revoked.txt");
  const clients: CertificateClient[] = [
    { as: "svc_billing", uri: spiffe, scopes: ["orders:read"] },
    { as: "svc_mail", dns: "mail.internal" },
    { as: "cli_ci", subject: "O=Acme, CN=ci", kind: "client" },
  ];

  beforeAll(() => {
    shop = workshop();
    ca = shop.make("ca", { extensions: authorityExtensions, days: 365 });
    otherCa = shop.make("other-ca", { extensions: authorityExtensions });
    server = shop.make("server", {
      by: ca,
      extensions: ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"],
    });
    billing = client("billing", [`subjectAltName=URI:${spiffe}`]);
    renewed = client("billing-renewed", [`subjectAltName=URI:${spiffe}`]);
  });
  afterAll(() => shop.remove());

  function client(name: string, lines: readonly string[] = [], options: Parameters<Workshop["make"]>[1] = {}): MadeCertificate {
    return shop.make(name, { by: ca, extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth", ...lines], ...options });
  }

  let auth: TestLatchkey;
  const gate = async (options: { proxy?: CertificateProxy; clients?: readonly CertificateClient[]; revokedFile?: string } = {}) => {
    auth = await testLatchkey({ clock: testClock(Date.now() + 60_000), methods: [mtls({ ca: ca.cert, clients, ...options })] });
    return auth;
  };
  afterEach(() => auth?.close());

  describe("on the connection itself", () => {
    let listening: Server;
    beforeEach(async () => {
      writeFileSync(revokedFile(), "# none yet\n");
      await gate({ revokedFile: revokedFile() });
      listening = createServer(
        { key: server.key, cert: server.cert, ca: ca.cert, requestCert: true, rejectUnauthorized: false },
        mount(auth),
      );
      await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    });
    afterEach(() => new Promise((resolve) => void (listening.closeAllConnections(), listening.close(resolve))));

    function ask(
      certificate: Partial<MadeCertificate> | undefined,
      headers: Record<string, string> = {},
      method = "GET",
      path = "/whoami",
      body = "",
    ) {
      return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
        const { port } = listening.address() as AddressInfo;
        const identity = certificate === undefined ? {} : { key: certificate.key!, cert: certificate.cert! };
        const sent = request({ port, host: "localhost", path, method, headers, ca: ca.cert, agent: false, ...identity }, (answer) => {
          let text = "";
          answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
          answer.on("end", () => resolve({ status: answer.statusCode!, body: JSON.parse(text) as Record<string, unknown> }));
        });
        sent.on("error", reject);
        sent.end(body);
      });
    }
    const codeFor = async (certificate: MadeCertificate | undefined) => {
      const { status } = await ask(certificate);
      return status === 200 ? "allowed" : auth.refusals.at(-1)!.outcome;
    };

    test("a right certificate is the service that its SPIFFE id, DNS name or subject names", async () => {
      const { status, body } = await ask(billing);
      expect(status).toBe(200);
      const thumbprint = Buffer.from(new X509Certificate(billing.cert).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
      expect(body).toMatchObject({
        subject: "svc_billing",
        kind: "service",
        method: "mtls",
        scopes: ["orders:read"],
        credentialId: thumbprint,
        confirmation: { "x5t#S256": thumbprint },
      });
      expect((await ask(client("mail", ["subjectAltName=DNS:MAIL.internal"]))).body).toMatchObject({ subject: "svc_mail" });
      expect((await ask(client("ci"))).body).toMatchObject({ subject: "cli_ci", kind: "client" });
    });

    test("none, one of itself, another authority's, one without an intermediate are nobody [attack:MT-01]", async () => {
      expect(await codeFor(undefined)).toBe("request.no-credential");
      const san = ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth", `subjectAltName=URI:${spiffe}`];
      expect(await codeFor(shop.make("self", { extensions: san }))).toBe("mtls.not-trusted");
      expect(await codeFor(client("other", [`subjectAltName=URI:${spiffe}`], { by: otherCa }))).toBe("mtls.not-trusted");
      const middle = shop.make("middle", { by: ca, extensions: authorityExtensions });
      const deep = client("deep", [`subjectAltName=URI:${spiffe}`], { by: middle });
      expect(await codeFor(deep)).toBe("mtls.not-trusted");
      expect(await codeFor({ ...deep, cert: deep.cert + middle.cert })).toBe("allowed");
      // A client's certificate issues nothing, whoever signs with its key.
      const below = client("below", [`subjectAltName=URI:${spiffe}`], { by: billing });
      expect(await codeFor({ ...below, cert: below.cert + billing.cert })).toBe("mtls.not-trusted");
    });

    test("an expired one, and one that is not valid yet, are nobody [attack:MT-01]", async () => {
      auth.clock.advance("31d");
      expect(await codeFor(billing)).toBe("mtls.not-valid-now");
      auth.clock.set(Date.now() - 86_400_000);
      expect(await codeFor(billing)).toBe("mtls.not-valid-now");
    });

    test("a certificate for servers only, and an authority's own, are nobody [attack:MT-01]", async () => {
      const forServers = shop.make("for-servers", {
        by: ca,
        extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth", `subjectAltName=URI:${spiffe}`],
      });
      expect(await codeFor(forServers)).toBe("mtls.not-for-clients");
      expect(await codeFor(shop.make("issuing", { by: ca, extensions: [...authorityExtensions, `subjectAltName=URI:${spiffe}`] }))).toBe(
        "mtls.not-for-clients",
      );
    });

    test("a name that nobody has, or that only looks like a known one, is nobody", async () => {
      expect(await codeFor(client("stranger", ["subjectAltName=URI:spiffe://example.com/other"]))).toBe("mtls.unknown-client");
      for (const [index, name] of [
        `URI:${spiffe}/x`,
        "DNS:a.mail.internal",
        "DNS:*.internal",
        `DNS:x\\, URI:${spiffe}`,
        `email:${spiffe}@x`,
      ].entries())
        expect(
          await codeFor(
            client(`alike-${index}`, [`subjectAltName=@names`, "[names]", `${name.split(":")[0]}.1=${name.slice(name.indexOf(":") + 1)}`]),
          ),
        ).toBe("mtls.unknown-client");
      expect(await codeFor(client("joined", [], { subject: "/CN=O=Acme, CN=ci" }))).toBe("mtls.unknown-client");
    });

    test("a revoked one is nobody a second later, by serial number or thumbprint, and a bad file keeps what it was and is told", async () => {
      expect(await codeFor(billing)).toBe("allowed");
      appendFileSync(revokedFile(), `${new X509Certificate(billing.cert).serialNumber}\n`);
      auth.clock.advance("1s");
      expect(await codeFor(billing)).toBe("mtls.revoked");
      appendFileSync(revokedFile(), `${new X509Certificate(renewed.cert).fingerprint256} # lost\n`);
      auth.clock.advance("1s");
      expect(await codeFor(renewed)).toBe("mtls.revoked");
      writeFileSync(revokedFile(), "nothing that can be read\n");
      auth.clock.advance("1s");
      expect(await codeFor(billing)).toBe("mtls.revoked");
      expect(String(auth.faults.at(-1))).toContain("revokedFile");
    });

    test("a token that was exchanged for a certificate is bound to it: another one, a renewed one, or none is refused [attack:MT-03]", async () => {
      const exchange = JSON.stringify({ audience: "http://localhost:3000", scopes: ["orders:read"] });
      const { status, body } = await ask(billing, { "content-type": "application/json" }, "POST", "/tokens/exchange", exchange);
      expect(status).toBe(200);
      const bearer = { authorization: `Bearer ${String(body["access_token"])}` };
      expect((await ask(billing, bearer)).body).toMatchObject({ subject: "svc_billing", method: "jwt" });
      for (const certificate of [renewed, client("ci-again", [], { subject: "/O=Acme/CN=ci" }), undefined]) {
        expect(await ask(certificate, bearer)).toMatchObject({ status: 401, body: { code: "mtls.bound-elsewhere" } });
      }
    });

    test("gives way to a credential that was meant, and does nothing for a page of another site", async () => {
      const { key } = await auth.apiKeys.issue({ name: "ci" });
      expect((await ask(billing, { "x-api-key": key })).body).toMatchObject({ method: "api-key" });
      const page = { origin: "https://evil.example", "sec-fetch-site": "cross-site", "content-type": "application/json" };
      expect(await ask(billing, page, "POST", "/tokens/exchange", "{}")).toMatchObject({ status: 403, body: { code: "mtls.from-a-page" } });
    });

    test("says nothing of what was wrong to the client", async () => {
      const { body } = await ask(client("told", ["subjectAltName=URI:spiffe://example.com/told"]));
      expect(body).toMatchObject({ status: 401, code: "mtls.refused" });
      expect(JSON.stringify(body)).not.toContain("spiffe");
    });
  });

  describe("told by a proxy", () => {
    const der = ({ cert }: MadeCertificate) => new X509Certificate(cert).raw.toString("base64");
    const formOf = {
      "client-cert": (made: MadeCertificate) => ({ "client-cert": `:${der(made)}:` }),
      nginx: (made: MadeCertificate) => ({ "x-ssl-client-cert": encodeURIComponent(made.cert), "x-ssl-client-verify": "SUCCESS" }),
      envoy: (made: MadeCertificate) => ({
        "x-forwarded-client-cert": `Hash=${"0".repeat(64)};Cert="${encodeURIComponent(made.cert)}";URI=${spiffe}`,
      }),
      traefik: (made: MadeCertificate) => ({ "x-forwarded-tls-client-cert": encodeURIComponent(der(made)) }),
    } as const;
    const forms = Object.keys(formOf) as (keyof typeof formOf)[];
    const codeFor = async (headers: Record<string, string | readonly string[]>, peerAddress = proxy) => {
      const decision = await auth.check(testRequest({ headers, peerAddress }), auth.rule());
      return decision.allowed ? decision.principal.subject : decision.refusal.code;
    };

    test.each(forms)("a certificate in the form %s is taken from the proxy alone [attack:MT-02]", async (form) => {
      await gate({ proxy: { addresses: [proxy], form } });
      const headers = formOf[form](billing);
      expect(await codeFor(headers)).toBe("svc_billing");
      expect(await codeFor(headers, "10.0.0.8")).toBe("request.no-credential");
      expect(await codeFor(formOf[form](client(`stranger-${form}`)))).toBe("mtls.unknown-client");
      const [[name, value]] = Object.entries(headers) as [[string, string]];
      expect(await codeFor({ ...headers, [name]: [value, value] })).toBe("mtls.malformed");
      expect(await codeFor({ ...headers, [name]: value.slice(0, 40) })).toBe("mtls.malformed");
    });

    test("the headers of other forms are nothing, and without a configured proxy all are [attack:MT-02]", async () => {
      await gate({ proxy: { addresses: [proxy], form: "client-cert" } });
      for (const form of ["nginx", "envoy", "traefik"] as const) expect(await codeFor(formOf[form](billing))).toBe("request.no-credential");
      await auth.close();
      await gate();
      for (const form of forms) expect(await codeFor(formOf[form](billing))).toBe("request.no-credential");
    });

    test("what the proxy itself found wrong is refused, and so are two hops of Envoy [attack:MT-02]", async () => {
      await gate({ proxy: { addresses: [proxy], form: "nginx" } });
      expect(await codeFor({ ...formOf.nginx(billing), "x-ssl-client-verify": "FAILED:certificate has expired" })).toBe("mtls.malformed");
      await auth.close();
      await gate({ proxy: { addresses: [proxy], form: "envoy" } });
      const one = formOf.envoy(billing)["x-forwarded-client-cert"];
      expect(await codeFor({ "x-forwarded-client-cert": `${one},${one}` })).toBe("mtls.malformed");
    });

    test("an RSA key of 1024 bits and a signature by SHA-1 are too weak [attack:MT-01]", async () => {
      await gate({ proxy: { addresses: [proxy], form: "client-cert" } });
      const san = [`subjectAltName=URI:${spiffe}`];
      const small = client("small", san, { keyArguments: ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"] });
      expect(await codeFor(formOf["client-cert"](small))).toBe("mtls.weak");
      expect(await codeFor(formOf["client-cert"](client("sha1", san, { digest: "sha1" })))).toBe("mtls.weak");
    });

    test("the intermediates come in Client-Cert-Chain (RFC 9440)", async () => {
      await gate({ proxy: { addresses: [proxy], form: "client-cert" } });
      const middle = shop.make("middle-2", { by: ca, extensions: authorityExtensions });
      const deep = client("deep-2", [`subjectAltName=URI:${spiffe}`], { by: middle });
      expect(await codeFor(formOf["client-cert"](deep))).toBe("mtls.not-trusted");
      expect(await codeFor({ ...formOf["client-cert"](deep), "client-cert-chain": `:${der(middle)}:` })).toBe("svc_billing");
    });

    test("any text in these headers is refused, and breaks nothing", async () => {
      const names = constantFrom("client-cert", "client-cert-chain");
      await gate({ proxy: { addresses: [proxy], form: "client-cert" } });
      await assert(
        asyncProperty(names, string({ unit: "binary" }), async (name, text) => {
          expect(await codeFor({ [name]: text })).toMatch(/^mtls\.malformed$|^request\.no-credential$/);
          expect(await codeFor({ [name]: `:${Buffer.from(text).toString("base64")}:` })).toMatch(
            /^mtls\.malformed$|^request\.no-credential$/,
          );
        }),
      );
      expect(auth.faults).toEqual([]);
    });
  });

  test("wrong options are refused when the method is built", () => {
    const good = { ca: ca.cert, clients };
    for (const wrong of [
      { ca: "nothing" },
      { ca: billing.cert },
      { clients: [] },
      { clients: [{ as: "x" }] },
      { clients: [{ as: "x", dns: "a", uri: "b" }] },
      { clients: [{ as: "x", thumbprint: "short" }] },
      {
        clients: [
          { as: "x", dns: "a" },
          { as: "y", dns: "A" },
        ],
      },
      { clients: [{ as: "x y", dns: "a" }] },
      { proxy: { addresses: [], form: "nginx" } },
      { proxy: { addresses: ["nowhere"], form: "nginx" } },
      { proxy: { addresses: [proxy], form: "apache" } },
    ])
      expect(() => mtls({ ...good, ...wrong } as never)).toThrow(/allowed:/);
    expect(() =>
      mtls({ ...good, revokedFile: "/nowhere/revoked" })({ clock: testClock(), ephemeral: undefined as never, onFault: () => undefined }),
    ).toThrow(/revokedFile/);
  });
});
