import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, integer, property } from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { mtls } from "latchkey/mtls";
import { testClock, testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";
import { type ListingAuthority, listingAuthority } from "./authority-house.ts";
import { type MadeCertificate, type Workshop, workshop } from "./certificates.ts";
import { describeWithOpenssl } from "./services.ts";

const spiffe = "spiffe://example.com/billing";
const proxy = "10.0.0.7";

describeWithOpenssl("lists of revoked certificates that an authority signed [asvs:V12.1.4]", () => {
  let shop: Workshop;
  let ours: ListingAuthority;
  let other: ListingAuthority;
  let good: MadeCertificate;
  let lost: MadeCertificate;
  let auth: TestLatchkey;
  const opened: TestLatchkey[] = [];
  let file: string;

  beforeAll(() => {
    shop = workshop();
    file = join(shop.folder, "revoked");
    ours = listingAuthority(shop, "ours");
    other = listingAuthority(shop, "other");
    [good, lost] = [client("good"), client("lost")];
    ours.revoke(lost);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });
  afterAll(() => shop.remove());

  function client(name: string, by = ours.certificate): MadeCertificate {
    return shop.make(name, {
      by,
      extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth", `subjectAltName=URI:${spiffe}`],
    });
  }
  const method = (revokedFile: string | readonly string[] = file, ca: readonly string[] = [ours.certificate.cert]) =>
    mtls({ ca, clients: [{ as: "svc_billing", uri: spiffe }], revokedFile, proxy: { addresses: [proxy], form: "client-cert" } });
  const open = async (content: string | Uint8Array, ca?: readonly string[]) => {
    writeFileSync(file, content);
    opened.push((auth = await testLatchkey({ clock: testClock(Date.now() + 1_000), methods: [method(file, ca)] })));
  };
  const replace = (content: string | Uint8Array) => {
    writeFileSync(file, content);
    auth.clock.advance("1s");
  };
  const codeFor = async ({ cert }: MadeCertificate) => {
    const headers = { "client-cert": `:${new X509Certificate(cert).raw.toString("base64")}:` };
    const decision = await auth.check(testRequest({ headers, peerAddress: proxy }), auth.rule());
    return decision.allowed ? "allowed" : decision.refusal.code;
  };
  const derOf = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");

  test.each(["PEM", "DER"])("as %s refuse what is in them, and nothing else", async (form) => {
    const pem = ours.list();
    await open(form === "PEM" ? pem : derOf(pem));
    expect([await codeFor(good), await codeFor(lost)]).toEqual(["allowed", "mtls.revoked"]);
  });

  test("are read again when they change, and an empty one is a list as well", async () => {
    const fresh = client("revoked-later");
    await open(ours.list());
    expect(await codeFor(fresh)).toBe("allowed");
    ours.revoke(fresh);
    replace(ours.list());
    expect(await codeFor(fresh)).toBe("mtls.revoked");
    await open(other.list(), [ours.certificate.cert, other.certificate.cert]);
    expect(await codeFor(client("of-other", other.certificate))).toBe("allowed");
  });

  test("that have run out leave nobody of their authority in, but those of others", async () => {
    await open(ours.list(7_200) + other.list(360_000), [ours.certificate.cert, other.certificate.cert]);
    const elsewhere = client("elsewhere", other.certificate);
    expect([await codeFor(good), await codeFor(elsewhere)]).toEqual(["allowed", "allowed"]);
    auth.clock.advance("2h");
    auth.clock.advance("1s");
    expect([await codeFor(good), await codeFor(elsewhere)]).toEqual(["mtls.revocation-unknown", "allowed"]);
    expect(await codeFor(lost)).toBe("mtls.revoked");
    replace(ours.list(360_000));
    expect(await codeFor(good)).toBe("allowed");
  });

  test("that hold from later on are no answer yet", async () => {
    await open(ours.list(7_200, 3_600));
    expect([await codeFor(good), await codeFor(lost)]).toEqual(["mtls.revocation-unknown", "mtls.revoked"]);
    auth.clock.advance("1h");
    expect(await codeFor(good)).toBe("allowed");
  });

  test("count by their authority: the same serial number of another is not revoked", async () => {
    const { serialNumber } = new X509Certificate(lost.cert);
    const twin = shop.make("twin", {
      by: other.certificate,
      extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth", `subjectAltName=URI:${spiffe}`],
      serial: serialNumber,
    });
    await open(ours.list(), [ours.certificate.cert, other.certificate.cert]);
    expect([await codeFor(twin), await codeFor(lost)]).toEqual(["allowed", "mtls.revoked"]);
  });

  test("that nobody of ours signed, that were changed, or tell of changes only, stop the start, and later leave the old one in force", async () => {
    const changed = derOf(ours.list());
    changed[changed.length - 10]! ^= 1;
    const entries = derOf(ours.list());
    const at = entries.indexOf(Buffer.from(new X509Certificate(lost.cert).serialNumber, "hex"));
    entries[at]! ^= 1;
    const partial = ours.list(3_600, -3_600, "-crlexts", "delta");
    for (const content of [other.list(), changed, entries, partial, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"]) {
      writeFileSync(file, content);
      expect(() => method()).toThrow(/revokedFile: got .*allowed:/);
      await open(ours.list());
      replace(content);
      expect([await codeFor(good), await codeFor(lost)]).toEqual(["allowed", "mtls.revoked"]);
      expect(String(auth.faults.at(-1))).toContain("revokedFile");
    }
  });

  test("stand beside a file of thumbprints", async () => {
    const listed = join(shop.folder, "listed.txt");
    writeFileSync(listed, new X509Certificate(good.cert).fingerprint256);
    writeFileSync(file, ours.list());
    opened.push((auth = await testLatchkey({ clock: testClock(Date.now() + 1_000), methods: [method([file, listed])] })));
    expect([await codeFor(good), await codeFor(lost)]).toEqual(["mtls.revoked", "mtls.revoked"]);
  });

  test("cut short or with any byte changed are refused", () => {
    const der = derOf(ours.list());
    const attempt = (content: Uint8Array) => {
      writeFileSync(file, content);
      expect(() => method()).toThrow(/revokedFile: got .*allowed:/);
    };
    assert(
      property(integer({ min: 2, max: der.length - 1 }), (length) => attempt(der.subarray(0, length))),
      { numRuns: 50 },
    );
    const attemptAt = (index: number, change: number) => {
      const changed = Buffer.from(der);
      changed[index]! ^= change;
      attempt(changed);
    };
    // Its lowest bit in each, and any others in some.
    for (const index of der.keys()) attemptAt(index, 1);
    assert(property(integer({ min: 0, max: der.length - 1 }), integer({ min: 1, max: 255 }), attemptAt), { numRuns: 100 });
  });
});
