// The house that every test of a file has anew, for the many files of OAuth that begin so. Its names are those of this module: whoever
// imports them reads what the test at hand has.
import { afterEach, beforeEach } from "vitest";
import type { ClientOptions } from "latchkey";
import type { TestLatchkey, TestLatchkeyOptions } from "latchkey/testing";
import { newApp, newPerson, oauthHouse, type TestClient, type TestPerson } from "./oauth-house.ts";

export let auth: TestLatchkey;
/** Where it was asked for. */
export let app: TestClient;
export let ada: TestPerson;

interface Inside {
  /** A client for people, with these options. */
  readonly app?: Partial<ClientOptions>;
  /** Somebody who is signed in, with this metadata. */
  readonly ada?: Record<string, unknown>;
}

/** Opens it before each test, with what shall be in it, and closes it after. */
export function eachInAHouse(inside: Inside = {}, options: TestLatchkeyOptions = {}): void {
  beforeEach(async () => {
    auth = await oauthHouse(options);
    if (inside.app !== undefined) app = await newApp(auth, inside.app);
    if (inside.ada !== undefined) ada = await newPerson(auth, "ada@example.com", inside.ada);
  });
  afterEach(() => auth.close());
}
