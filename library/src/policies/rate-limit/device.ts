/** What a device keeps to be known again: a random id and the day it was given, bound to one account by an HMAC. */
import { createHmac } from "node:crypto";
import { createRandomPool, type DerivedKey, randomBase62, sameSecret } from "../../primitives/index.ts";

/** A device that was not seen for longer is a stranger again. */
const knownForMs = 180 * 86_400_000;

const random = createRandomPool();

/** A new token for a device that has just signed in to the account. */
export function newDevice(account: string, at: number, { id, key }: DerivedKey): string {
  const facts = `${id}.${randomBase62(16, random)}.${at.toString(36)}`;
  return `${facts}.${macOf(facts, account, key)}`;
}

/** The id of the device, when the token was given to one that signed in to this account; undefined for anything else. */
export function readDevice(token: string, account: string, at: number, keys: readonly DerivedKey[]): string | undefined {
  const match = /^([0-9a-f]{16})\.([0-9A-Za-z]{16})\.([0-9a-z]{1,11})\.([\w-]{43})$/.exec(token);
  if (match === null) return undefined;
  const [, keyId, device, given, mac] = match as unknown as [string, string, string, string, string];
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined || at - Number.parseInt(given, 36) > knownForMs) return undefined;
  return sameSecret(macOf(`${keyId}.${device}.${given}`, account, key.key), mac) ? device : undefined;
}

function macOf(facts: string, account: string, key: Buffer): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([facts, account]))
    .digest("base64url");
}
