import { type Principal, principal } from "../contracts/index.ts";

/** A frozen principal: a service with an API key, without scopes and roles, except for what is said of it. */
export function testPrincipal(facts: Partial<Principal> = {}): Principal {
  return principal({
    subject: "usr_test",
    kind: "user",
    method: "api-key",
    credentialId: "key_test",
    authenticatedAt: Date.parse("2026-01-01T00:00:00Z"),
    ...facts,
  });
}
