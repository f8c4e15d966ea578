// `self_signed_tls_client_auth` by a `jwks_uri` (RFC 8705 s.2.2): the client renews its certificate by publishing the next one.
import { X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { mtls } from "latchkey/mtls";
import { testClock, type TestLatchkey } from "latchkey/testing";
import { authorityExtensions, type MadeCertificate, type Workshop, workshop } from "./certificates.ts";
import { newClient, oauthHouse, post } from "./oauth-house.ts";
import { describeWithOpenssl } from "./services.ts";

describeWithOpenssl("certificates at a jwks_uri", () => {
  let shop: Workshop;
  let authority: MadeCertificate;
  let [own, next]: MadeCertificate[] = [];
  let publisher: Server;
  let published: unknown;
  let asked = 0;
  let auth: TestLatchkey;
  let id: string;

  beforeAll(async () => {
    shop = workshop();
    authority = shop.make("ca", { extensions: authorityExtensions });
    [own, next] = [shop.make("own", { days: 30 }), shop.make("next", { days: 30 })];
    publisher = createServer((_request, response) => {
      asked += 1;
      response.writeHead(published === undefined ? 500 : 200).end(JSON.stringify(published));
    });
    await new Promise<void>((resolve) => publisher.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    publisher?.close();
    shop.remove();
  });
  beforeEach(async () => {
    asked = 0;
    published = setOf(own!);
    auth = await oauthHouse({
      issuer: "http://localhost:3000",
      clock: testClock(new Date()),
      methods: [mtls({ ca: authority.cert, proxy: { addresses: ["10.1.0.0/16"], form: "client-cert" } })],
    });
    const jwksUri = `http://localhost:${(publisher.address() as AddressInfo).port}/jwks.json`;
    ({ id } = await newClient(auth, { authentication: "self_signed_tls_client_auth", jwksUri, scopes: ["posts:read"] }));
  });
  afterEach(() => auth.close());

  const setOf = (...made: readonly MadeCertificate[]) => ({
    keys: made.map(({ cert }) => {
      const read = new X509Certificate(cert);
      return { ...(read.publicKey.export({ format: "jwk" }) as object), x5c: [read.raw.toString("base64")] };
    }),
  });
  const ask = async (shown: MadeCertificate): Promise<number> => {
    const der = new X509Certificate(shown.cert).raw.toString("base64");
    const form = { grant_type: "client_credentials", client_id: id };
    return (await post(auth, "/oauth/token", form, { "client-cert": `:${der}:` })).status;
  };

  test("let in what is published, fetched once", async () => {
    for (let turn = 0; turn < 5; turn += 1) expect(await ask(own!)).toBe(200);
    expect(asked).toBe(1);
  });

  test("let in the next one as soon as it is published, and others ask for the set twice a minute at most", async () => {
    for (let turn = 0; turn < 5; turn += 1) expect(await ask(next!)).toBe(401);
    expect(asked).toBe(1);
    published = setOf(own!, next!);
    auth.clock.advance("31s");
    expect([await ask(next!), await ask(own!)]).toEqual([200, 200]);
    expect(asked).toBe(2);
  });

  test("are nobody's to judge while the client does not publish them, and for a day those that it had", async () => {
    published = undefined;
    expect(await ask(own!)).toBe(503);
    published = { no: "set" };
    auth.clock.advance("31s");
    expect(await ask(own!)).toBe(503);
    published = setOf(own!);
    auth.clock.advance("31s");
    expect(await ask(own!)).toBe(200);
    published = undefined;
    auth.clock.advance("23h");
    expect([await ask(own!), await ask(next!)]).toEqual([200, 401]);
    auth.clock.advance("2h");
    expect(await ask(own!)).toBe(503);
  });
});
