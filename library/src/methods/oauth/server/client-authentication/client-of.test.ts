import { expect, test } from "vitest";
import { newToken, sha256 } from "../../../../primitives/index.ts";
import type { KnownClient } from "../clients/index.ts";
import { createClientOf } from "./client-of.ts";

const secret = newToken({ prefix: "lkc", environment: "live" });
const client: KnownClient = {
  id: "cli_1",
  name: "billing",
  authentication: "client_secret_basic",
  grants: ["client_credentials"],
  redirectUris: [],
  scopes: ["posts:read"],
  resources: undefined,
  roles: ["robot"],
  firstParty: false,
  tokenFormat: "jwt",
  idTokenAlgorithm: "ES256",
  requirePkce: true,
  metadata: {},
  createdAt: 0,
  mayAskFor: ["posts:read"],
  secrets: [{ digest: Buffer.from(sha256(secret), "base64url"), endsAt: undefined }],
};

const ask = (known: KnownClient | undefined, presented = secret) => createClientOf({ find: () => known })("cli_1", presented, 1_000);

test("a client with its secret is known with its scopes and roles, until another secret of it runs out", () => {
  expect(ask(client)).toEqual({ id: "cli_1", scopes: ["posts:read"], roles: ["robot"], until: Infinity });
  const replaced = { digest: Buffer.alloc(32), endsAt: 5_000 };
  expect(ask({ ...client, secrets: [...client.secrets, replaced] })).toMatchObject({ until: 5_000 });
});

test("a client whose scopes are what users may give it does not get them for itself", () => {
  expect(ask({ ...client, grants: ["authorization_code"] })).toMatchObject({ code: "oauth.invalid-client" });
});

test.each([
  ["nobody", undefined],
  ["a public client", { ...client, authentication: "none", secrets: [] }],
  ["one with keys of its own", { ...client, authentication: "private_key_jwt" }],
  ["one whose secret ran out", { ...client, secrets: [{ ...client.secrets[0]!, endsAt: 1_000 }] }],
])("%s is refused", (_, known) => expect(ask(known)).toMatchObject({ code: "oauth.invalid-client" }));

test("another secret is refused", () => {
  expect(ask(client, newToken({ prefix: "lkc", environment: "live" }))).toMatchObject({ code: "oauth.invalid-client" });
});
