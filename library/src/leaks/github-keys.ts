import { createPublicKey, type KeyObject } from "node:crypto";
import { type Clock, Fault } from "../contracts/index.ts";
import { fetchPublic } from "../outbound/index.ts";
import { parseJsonObject } from "../primitives/index.ts";

interface KeyParts {
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly clock: Clock;
}

/** How long keys are kept, and how soon an unknown id may make us look again: anybody can send one. */
const keepMs = 3_600_000;
const lookAgainMs = 60_000;
const mostBytes = 64 * 1024;

/**
 * The public keys that GitHub signs its alerts with: `{ public_keys: [{ key_identifier, key }] }`, elliptic ones as PEM. Rejects
 * with a Fault when they cannot be fetched.
 */
export function createGithubKeys({ url, allowPrivate, clock }: KeyParts): (identifier: string) => Promise<KeyObject | undefined> {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    let body: Buffer;
    try {
      const answer = await fetchPublic(url, {
        maxBytes: mostBytes,
        timeoutMs: 10_000,
        accept: "application/json",
        allowPrivate,
        headers: { "user-agent": "Latchkey" },
      });
      if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
      body = answer.body;
    } catch (cause) {
      throw new Fault("LATCHKEY_ISSUER_UNAVAILABLE", "The public keys of GitHub's secret scanning cannot be fetched.", { cause });
    }
    keys = keysOf(body);
    readAt = clock.now();
  }

  return async (identifier) => {
    const age = clock.now() - readAt;
    if (age >= keepMs || (!keys.has(identifier) && age >= lookAgainMs)) {
      reading ??= read().finally(() => (reading = undefined));
      await reading;
    }
    return keys.get(identifier);
  };
}

function keysOf(body: Buffer): ReadonlyMap<string, KeyObject> {
  const list = parseJsonObject(body)?.["public_keys"];
  const keys = new Map<string, KeyObject>();
  for (const entry of Array.isArray(list) ? (list.slice(0, 50) as unknown[]) : []) {
    const { key_identifier: identifier, key } = (entry ?? {}) as { readonly key_identifier?: unknown; readonly key?: unknown };
    if (typeof identifier !== "string" || typeof key !== "string") continue;
    const made = publicKey(key);
    if (made !== undefined) keys.set(identifier, made);
  }
  return keys;
}

function publicKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ec" ? key : undefined;
  } catch {
    return undefined;
  }
}
