import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { addressReach } from "../primitives/index.ts";
import { fetchPublic, OutboundError, type OutboundRequest, type Resolved } from "./index.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A real server on loopback; answers its port. */
async function serve(answer: RequestListener, host = "127.0.0.1"): Promise<number> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

const limits = { maxBytes: 1_000, timeoutMs: 5_000 };
const resolveTo =
  (...addresses: string[]) =>
  async (): Promise<readonly Resolved[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
/** What went wrong; `answered 200` when nothing did. */
const problemOf = (url: string, wanted: Partial<OutboundRequest> = {}): Promise<string> =>
  fetchPublic(url, { ...limits, ...wanted }).then(
    ({ status }) => `answered ${status}`,
    (error: unknown) => (error instanceof OutboundError ? error.problem : `something else: ${String(error)}`),
  );

describe("an address that may be asked", () => {
  test.each(["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])("%s is public", (address) => {
    expect(addressReach(address)).toBe("public");
  });

  test.each([
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
  ])("%s is inside", (address) => {
    expect(addressReach(address)).toBe("inside");
  });

  test.each([
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "2001:db8::1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "::7f00:1",
    "fec0::1",
    "4000::1",
    "2130706433",
    "0x7f.1",
    "example.com",
    "",
  ])("%s is never asked", (address) => {
    expect(addressReach(address)).toBe("never");
  });
});

describe("a URL that somebody else chose", () => {
  test.each([
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::1]/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://127.1/",
    "https://[fd00::1]/",
    "https://10.1.2.3:8443/",
  ])("is not asked at %s [attack:OS-25]", async (url) => {
    expect(await problemOf(url)).toBe("address");
  });

  test("is asked over https only", async () => {
    for (const url of [
      "http://example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "gopher://x/",
      "",
      "nonsense",
    ])
      expect(await problemOf(url, { resolve: resolveTo("8.8.8.8") })).toBe("url");
    expect(await problemOf("https://user:password@example.com/", { resolve: resolveTo("8.8.8.8") })).toBe("url");
  });

  test("is asked over https only, whatever may be asked inside [attack:OS-25]", async () => {
    const named: string[] = [];
    const resolve = async (name: string) => {
      named.push(name);
      return [{ address: "127.0.0.1", family: 4 }];
    };
    // Told by the URL alone: no name is looked up for it.
    expect(await problemOf("http://example.com/", { resolve })).toBe("url");
    for (const url of ["ftp://example.com/", "ws://example.com/", "gopher://example.com/"])
      expect([url, await problemOf(url, { resolve, allowPrivate: true })]).toEqual([url, "url"]);
    expect(named).toEqual([]);
  });

  test("is asked over http neither in public, even where private addresses are allowed", async () => {
    expect(await problemOf("http://example.com/", { resolve: resolveTo("8.8.8.8"), allowPrivate: true })).toBe("url");
  });

  test("is refused when any of its addresses leads inside [attack:OS-25]", async () => {
    for (const inside of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fd12::1", "100.100.100.200"])
      expect(await problemOf("https://example.com/", { resolve: resolveTo("8.8.8.8", inside) })).toBe("address");
  });

  test("reaches no link-local address even where private ones are allowed", async () => {
    expect(await problemOf("http://metadata.test/", { resolve: resolveTo("169.254.169.254"), allowPrivate: true })).toBe("address");
  });

  test("is resolved once, and the checked address is connected to [attack:OS-25] [attack:WH-06]", async () => {
    const port = await serve((request, response) => response.end(`asked as ${request.headers.host}`));
    let asked = 0;
    const answer = await fetchPublic(`http://rebind.test:${port}/`, {
      ...limits,
      allowPrivate: true,
      // A second look-up would lead elsewhere, and the system's resolver knows no such name.
      resolve: async () => [{ address: (asked += 1) === 1 ? "127.0.0.1" : "169.254.169.254", family: 4 }],
    });
    expect(answer.body.toString()).toBe(`asked as rebind.test:${port}`);
    expect(asked).toBe(1);
  });

  test("is not asked over a connection that was kept for another address of its name [attack:OS-25]", async () => {
    const port = await serve((request, response) => response.end(request.socket.localAddress), "0.0.0.0");
    for (const address of ["127.0.0.1", "127.0.0.2"]) {
      const wanted = { ...limits, allowPrivate: true, resolve: resolveTo(address) };
      expect((await fetchPublic(`http://moves.test:${port}/`, wanted)).body.toString()).toBe(address);
    }
  });

  test("that has no address, or whose name server fails, is told so", async () => {
    expect(await problemOf("https://nowhere.test/", { resolve: resolveTo() })).toBe("unresolved");
    expect(await problemOf("https://nowhere.test/", { resolve: () => Promise.reject(new Error("SERVFAIL")) })).toBe("unresolved");
  });

  test("whose name server never answers is given up", async () => {
    expect(await problemOf("https://nowhere.test/", { resolve: () => new Promise(() => {}), timeoutMs: 20 })).toBe("timeout");
  });
});

describe("an answer", () => {
  const inside: Partial<OutboundRequest> = { allowPrivate: true };

  test("comes with its status, its fields and its bytes", async () => {
    const port = await serve((request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method: request.method, accept: request.headers.accept, path: request.url }));
    });
    const answer = await fetchPublic(`http://127.0.0.1:${port}/a?b`, { ...limits, ...inside, accept: "application/json" });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(JSON.parse(answer.body.toString())).toEqual({ method: "GET", accept: "application/json", path: "/a?b" });
  });

  test("to a body that was posted", async () => {
    const port = await serve((request, response) => {
      response.statusCode = 202;
      request.pipe(response);
    });
    const wanted = { ...limits, ...inside, method: "POST", body: "ä=1", headers: { "content-type": "text/plain" } } as const;
    expect(await fetchPublic(`http://127.0.0.1:${port}/`, wanted)).toMatchObject({ status: 202, body: Buffer.from("ä=1") });
  });

  test("that redirects is not followed [attack:OS-25]", async () => {
    let requests = 0;
    const port = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    });
    expect(await problemOf(`http://127.0.0.1:${port}/`, inside)).toBe("answered 302");
    expect(requests).toBe(1);
  });

  test("that is too long is cut, whether it says so or not [attack:OS-25]", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/endless") {
        const write = (): void => {
          while (response.write(Buffer.alloc(500)));
          response.once("drain", write);
        };
        return write();
      }
      response.end(Buffer.alloc(request.url === "/exact" ? 1_000 : 1_001));
    });
    expect(await problemOf(`http://127.0.0.1:${port}/exact`, inside)).toBe("answered 200");
    expect(await problemOf(`http://127.0.0.1:${port}/one-more`, inside)).toBe("too-large");
    expect(await problemOf(`http://127.0.0.1:${port}/endless`, inside)).toBe("too-large");
  });

  test("that does not end is given up [attack:OS-25]", async () => {
    const port = await serve((request, response) => {
      if (request.url === "/half") response.write("half of it");
    });
    expect(await problemOf(`http://127.0.0.1:${port}/half`, { ...inside, timeoutMs: 50 })).toBe("timeout");
    expect(await problemOf(`http://127.0.0.1:${port}/silent`, { ...inside, timeoutMs: 50 })).toBe("timeout");
  });

  test("that is compressed is not opened [attack:OS-25]", async () => {
    const port = await serve((_request, response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(Buffer.alloc(1_000_000)));
    });
    expect(await problemOf(`http://127.0.0.1:${port}/`, { ...inside, maxBytes: 100_000 })).toBe("encoding");
  });

  test("that breaks off, or never came, is no answer", async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("ten bytes.", () => response.socket?.destroy());
    });
    expect(await problemOf(`http://127.0.0.1:${port}/`, inside)).toBe("network");
    server!.close();
    server!.closeAllConnections();
    expect(await problemOf(`http://127.0.0.1:${port}/`, inside)).toBe("network");
  });

  test("over https is not taken from somebody who speaks plain http", async () => {
    const port = await serve((_request, response) => response.end("not encrypted"));
    expect(await problemOf(`https://127.0.0.1:${port}/`, inside)).toBe("network");
  });
});
