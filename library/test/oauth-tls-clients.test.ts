import { X509Certificate } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientOptions } from "latchkey";
import { authorityExtensions, type MadeCertificate, type MakeOptions, type Workshop, workshop } from "./certificates.ts";
import { type HttpsHouse, httpsHouse } from "./https-house.ts";
import { claimsOf, get, newClient, oauthHouse, post } from "./oauth-house.ts";
import { describeWithOpenssl } from "./services.ts";

const spiffe = "spiffe://example.com/billing";
const thumbprintOf = ({ cert }: MadeCertificate) =>
  Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");

describeWithOpenssl("clients that prove themselves by a certificate (RFC 8705)", () => {
  let shop: Workshop;
  let ca: MadeCertificate;
  let house: HttpsHouse;
  let billing: MadeCertificate;

  beforeAll(async () => {
    shop = workshop();
    ca = shop.make("ca", { extensions: authorityExtensions, days: 365 });
    const identity = shop.make("server", {
      by: ca,
      extensions: ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"],
    });
    const revokedFile = join(shop.folder, "revoked.txt");
    writeFileSync(revokedFile, "# none yet\n");
    house = await httpsHouse(identity, ca, { ca: ca.cert, revokedFile }, { registration: { mode: "open", scopes: ["openid"] } });
    billing = certificate("billing", { subject: "/C=DE/O=Acme, Inc./CN=billing" });
  });
  afterAll(async () => {
    await house?.close();
    shop.remove();
  });

  const sans = `subjectAltName=URI:${spiffe},DNS:billing.internal,IP:10.1.2.3,IP:2001:db8::7,email:ops@example.com`;
  function certificate(name: string, options: MakeOptions = {}, names = sans): MadeCertificate {
    return shop.make(name, { by: ca, extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth", names], ...options });
  }
  const client = async (options: Partial<ClientOptions> = { tlsSanUri: spiffe }) =>
    (await newClient(house.auth, { authentication: "tls_client_auth", scopes: ["posts:read"], ...options })).id;
  const ask = async (id: string, shown?: MadeCertificate, more: Record<string, string> = {}) => {
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: id, ...more });
    const answer = await house.fetchWith(shown)(`${house.url}/oauth/token`, { method: "POST", body });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const refused = { status: 401, body: { error: "invalid_client" } };

  describe("tls_client_auth", () => {
    test.each([
      { tlsSanUri: spiffe },
      { tlsSanDns: "Billing.Internal" },
      { tlsSanIp: "10.1.2.3" },
      { tlsSanIp: "2001:0db8:0::7" },
      { tlsSanEmail: "ops@example.com" },
      { tlsSubjectDn: String.raw`CN=billing,O=Acme\, Inc.,C=DE` },
    ])("by the registered name %j and no other", async (name) => {
      const id = await client(name);
      expect(await ask(id, billing)).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
      const stranger = certificate(
        `stranger-${Object.values(name)[0]!.replaceAll(/\W/g, "")}`,
        { subject: "/CN=billing" },
        "subjectAltName=DNS:other.internal",
      );
      expect(await ask(id, stranger)).toMatchObject(refused);
    });

    test("comes with one that holds and that our authority issued, or with none that counts [attack:MT-05]", async () => {
      const id = await client();
      const other = shop.make("other-ca", { extensions: authorityExtensions });
      for (const shown of [
        undefined,
        certificate("expired", { days: -1 }),
        certificate("foreign", { by: other }),
        shop.make("self", { extensions: ["basicConstraints=CA:FALSE", sans] }),
        shop.make("for-servers", { by: ca, extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth", sans] }),
      ])
        expect(await ask(id, shown)).toMatchObject(refused);
      const lost = certificate("lost");
      appendFileSync(join(shop.folder, "revoked.txt"), `${new X509Certificate(lost.cert).serialNumber}\n`);
      house.auth.clock.advance("2s");
      expect(await ask(id, lost)).toMatchObject(refused);
      expect(await ask(id, billing)).toMatchObject({ status: 200 });
    });

    test("is not locked out by those who only name it", async () => {
      house.auth.clock.advance("2m");
      const id = await client();
      let status = 0;
      for (let tries = 0; tries < 40 && status !== 429; tries += 1) ({ status } = await ask(id));
      expect(status).toBe(429);
      expect(await ask(id, billing)).toMatchObject({ status: 200 });
    });

    test("a certificate does nothing for a client of another way, nor a secret for this one [attack:MT-05]", async () => {
      const { id, secret } = await newClient(house.auth, { authentication: "client_secret_post", scopes: ["posts:read"] });
      expect(await ask(id, billing)).toMatchObject(refused);
      expect(await ask(id, billing, { client_secret: secret })).toMatchObject({ status: 200 });
      expect(await ask(await client(), billing, { client_secret: secret })).toMatchObject(refused);
      const { id: open } = await newClient(house.auth, {
        authentication: "none",
        grants: ["authorization_code"],
        redirectUris: ["https://app.example.com/cb"],
      });
      expect(await ask(open, billing)).toMatchObject({ status: 400, body: { error: "unauthorized_client" } });
    });

    test("is registered by exactly one name [attack:MT-05]", async () => {
      for (const names of [
        {},
        { tlsSubjectDn: "CN=billing", tlsSanDns: "billing.internal" },
        { tlsSubjectDn: "billing" },
        { tlsSanIp: "10.0.0.0/8" },
      ])
        await expect(client(names)).rejects.toThrow(/allowed:/);
      await expect(newClient(house.auth, { tlsSanUri: spiffe })).rejects.toThrow(/exactly one of tls_client_auth_subject_dn/);
      const register = (names: object) =>
        house.fetchWith()(`${house.url}/oauth/register`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ redirect_uris: ["https://app.example.com/cb"], token_endpoint_auth_method: "tls_client_auth", ...names }),
        });
      const both = await register({ tls_client_auth_subject_dn: "CN=billing", tls_client_auth_san_dns: "billing.internal" });
      expect([both.status, await both.json()]).toMatchObject([400, { error: "invalid_client_metadata" }]);
      const one = await register({ tls_client_auth_san_dns: "billing.internal" });
      expect([one.status, await one.json()]).toMatchObject([
        201,
        { token_endpoint_auth_method: "tls_client_auth", tls_client_auth_san_dns: "billing.internal" },
      ]);
    });
  });

  describe("self_signed_tls_client_auth", () => {
    const selfSigned = (name: string, days = 30) => shop.make(name, { days });
    const keysOf = (...made: readonly MadeCertificate[]) => ({
      keys: made.map(({ cert }) => {
        const read = new X509Certificate(cert);
        return { ...(read.publicKey.export({ format: "jwk" }) as object), x5c: [read.raw.toString("base64")] };
      }),
    });

    test("by a certificate of its registration, whoever issued it, while it holds [attack:MT-05]", async () => {
      const [own, next, late] = [selfSigned("own"), selfSigned("next"), selfSigned("late", -1)];
      const id = await client({ authentication: "self_signed_tls_client_auth", jwks: keysOf(own, next, late) });
      expect((await ask(id, own)).status).toBe(200);
      expect((await ask(id, next)).status).toBe(200);
      for (const shown of [late, selfSigned("another"), billing, undefined]) expect(await ask(id, shown)).toMatchObject(refused);
    });

    test("needs the certificates with its keys", async () => {
      const { publicKey } = new X509Certificate(selfSigned("bare").cert);
      const jwks = { keys: [publicKey.export({ format: "jwk" }) as Record<string, unknown>] };
      await expect(client({ authentication: "self_signed_tls_client_auth", jwks })).rejects.toThrow(/x5c or x5t#S256/);
    });
  });

  test("tokens of a client that wants it so are bound to the certificate, and of use with it alone [attack:MT-03]", async () => {
    const id = await client({ tlsSanUri: spiffe, certificateBoundTokens: true });
    const { body } = await ask(id, billing);
    expect(claimsOf(body["access_token"])).toMatchObject({ cnf: { "x5t#S256": thumbprintOf(billing) } });
    const headers = { authorization: `Bearer ${String(body["access_token"])}` };
    const whoami = async (shown?: MadeCertificate) => (await house.fetchWith(shown)(`${house.url}/whoami`, { headers })).status;
    expect(await whoami(billing)).toBe(200);
    expect([await whoami(certificate("renewed")), await whoami()]).toEqual([401, 401]);
    await expect(
      client({
        authentication: "none",
        grants: ["authorization_code"],
        redirectUris: ["https://app.example.com/cb"],
        certificateBoundTokens: true,
      }),
    ).rejects.toThrow(/certificateBoundTokens/);
  });

  test("a client with another way gets no unbound token in place of a bound one", async () => {
    const { id, secret } = await newClient(house.auth, {
      authentication: "client_secret_post",
      scopes: ["posts:read"],
      certificateBoundTokens: true,
    });
    expect(await ask(id, undefined, { client_secret: secret })).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    const { body } = await ask(id, shop.make("any"), { client_secret: secret });
    expect(claimsOf(body["access_token"])["cnf"]).toBeDefined();
  });

  test("the metadata tells of it where certificates come in, and nowhere else", async () => {
    const found = (await (await house.fetchWith()(`${house.url}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
    expect(found["token_endpoint_auth_methods_supported"]).toEqual(
      expect.arrayContaining(["tls_client_auth", "self_signed_tls_client_auth"]),
    );
    expect(found["tls_client_certificate_bound_access_tokens"]).toBe(true);
    const without = await oauthHouse();
    const { body } = await get(without, "/.well-known/openid-configuration");
    expect(JSON.stringify(body)).not.toContain("tls_client");
    await expect(newClient(without, { authentication: "tls_client_auth", tlsSanUri: spiffe })).rejects.toThrow(/authentication/);
    const { id } = await newClient(without, { scopes: ["posts:read"] });
    expect(await post(without, "/oauth/token", { grant_type: "client_credentials", client_id: id })).toMatchObject(refused);
    await without.close();
  });

  describe("with libraries that others wrote", () => {
    test("oauth4webapi: TlsClientAuth", async () => {
      const id = await client({ tlsSanUri: spiffe, certificateBoundTokens: true });
      const options = { [oauth.customFetch]: house.fetchWith(billing) };
      const issuer = new URL(house.url);
      const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
      const asked = { client_id: id, use_mtls_endpoint_aliases: true };
      const response = await oauth.clientCredentialsGrantRequest(server, asked, oauth.TlsClientAuth(), new URLSearchParams(), options);
      const tokens = await oauth.processClientCredentialsResponse(server, asked, response);
      const answer = await oauth.protectedResourceRequest(
        tokens.access_token,
        "GET",
        new URL(`${house.url}/whoami`),
        undefined,
        undefined,
        options,
      );
      expect(await answer.json()).toMatchObject({ subject: id, kind: "client" });
    });

    test("openid-client: TlsClientAuth", async () => {
      const id = await client({ tlsSubjectDn: String.raw`CN=billing,O=Acme\, Inc.,C=DE`, certificateBoundTokens: true });
      const config = await openid.discovery(new URL(house.url), id, undefined, openid.TlsClientAuth(), {
        [openid.customFetch]: house.fetchWith(billing),
      });
      const tokens = await openid.clientCredentialsGrant(config);
      const answer = await openid.fetchProtectedResource(config, tokens.access_token, new URL(`${house.url}/whoami`), "GET");
      expect(await answer.json()).toMatchObject({ subject: id });
    });
  });
});
