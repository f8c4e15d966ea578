// GitHub's secret scanning as a partner sees it: published public keys, and signed alerts.
import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface AlertingGithub {
  /** Where the public keys are. */
  readonly keysUrl: string;
  /** How often they were asked for. */
  readonly asked: number;
  /** With what they are answered. */
  status: number;
  /** The two headers of an alert with this body. */
  headersOf(body: string): Record<string, string>;
  close(): Promise<void>;
}

export async function alertingGithub(): Promise<AlertingGithub> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publicKey.export({ type: "spki", format: "pem" });
  const published = JSON.stringify({
    public_keys: [{ key_identifier: "one", key, is_current: true }, { key_identifier: "bad", key: "?" }, null],
  });
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(github.status).end(published);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const github: AlertingGithub = {
    keysUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    status: 200,
    get asked() {
      return asked;
    },
    headersOf: (body) => ({
      "content-type": "application/json",
      "github-public-key-identifier": "one",
      "github-public-key-signature": sign("sha256", Buffer.from(body), privateKey).toString("base64"),
    }),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return github;
}
