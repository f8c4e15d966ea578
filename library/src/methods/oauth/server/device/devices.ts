import type { Kysely } from "kysely";
import type { Clock, Ephemeral, Store } from "../../../../contracts/index.ts";
import { inspectToken, newId, newToken, sha256 } from "../../../../primitives/index.ts";
import type { Granted } from "../authorization/index.ts";
import { decideDevice, type DeviceRow, type DeviceTables, findByDigest, findOpen, insertDevice, slowDevice, takeDevice } from "./table.ts";
import { newUserCode, shownUserCode } from "./user-code.ts";

/** What a device asks for. */
export interface DeviceRequest {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
}

/** A device code that was presented, found by its digest; not yet believed. */
export interface FoundDevice extends DeviceRequest {
  readonly digest: string;
  readonly grantId: string;
  readonly state: "pending" | "allowed" | "denied" | "expired";
  readonly granted: Granted | undefined;
}

interface DeviceParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly environment: string;
  readonly ephemeral: Pick<Ephemeral, "putIfAbsent">;
}

export interface Devices {
  begin(request: DeviceRequest): Promise<{ readonly deviceCode: string; readonly userCode: string }>;
  /** The request behind a code that nobody has decided about. */
  look(userCode: string): Promise<DeviceRequest | undefined>;
  /** In a transaction: true for the one that decides. Undefined: denied. */
  decide<T>(transaction: Kysely<T>, userCode: string, granted: Granted | undefined): Promise<boolean>;
  find(deviceCode: string): Promise<FoundDevice | undefined>;
  /** Whether the device may ask now. If it asks too soon, it has to wait five seconds longer from now on (RFC 8628 s.3.5). */
  mayPoll(found: FoundDevice): Promise<boolean>;
  /** In a transaction: true for the one that gets the tokens. */
  take<T>(transaction: Kysely<T>, found: FoundDevice): Promise<boolean>;
}

/** First part of every device code. */
const prefix = "lkd";
export const deviceLifeSeconds = 600;
export const pollSeconds = 5;

export function createDevices({ store, clock, environment, ephemeral }: DeviceParts): Devices {
  return {
    async begin({ clientId, scopes, resources }) {
      const at = clock.now();
      const [deviceCode, userCode] = [newToken({ prefix, environment }), newUserCode()];
      const row: DeviceRow = {
        digest: sha256(deviceCode),
        user_code: userCode,
        grant_id: newId("grt", at),
        client_id: clientId,
        scopes: JSON.stringify(scopes),
        resources: JSON.stringify(resources),
        granted: null,
        denied_at: null,
        interval_seconds: pollSeconds,
        expires_at: at + deviceLifeSeconds * 1_000,
      };
      await store.write<DeviceTables, void>((transaction) => insertDevice(transaction, row, at - deviceLifeSeconds * 1_000));
      return { deviceCode, userCode: shownUserCode(userCode) };
    },
    async look(userCode) {
      const row = await findOpen(store, userCode, clock.now());
      return row === undefined ? undefined : requestOf(row);
    },
    decide(transaction, userCode, granted) {
      const at = clock.now();
      const decision = granted === undefined ? { granted: null, denied_at: at } : { granted: JSON.stringify(granted), denied_at: null };
      return decideDevice(transaction, userCode, decision, at);
    },
    async find(deviceCode) {
      if (inspectToken(deviceCode, prefix) !== "sound") return undefined;
      const row = await findByDigest(store, sha256(deviceCode));
      if (row === undefined) return undefined;
      const granted = row.granted === null ? undefined : (JSON.parse(row.granted) as Granted);
      return { ...requestOf(row), digest: row.digest, grantId: row.grant_id, state: stateOf(row, clock.now()), granted };
    },
    async mayPoll({ digest }) {
      const row = await findByDigest(store, digest);
      const seconds = row?.interval_seconds ?? pollSeconds;
      // A little less than promised: the device's clock and the way here are no fault of its own.
      if (await ephemeral.putIfAbsent(`oauth-poll:${digest}`, "", seconds * 1_000 - 500)) return true;
      await store.write<DeviceTables, void>((transaction) => slowDevice(transaction, digest, Math.min(seconds + 5, 60)));
      return false;
    },
    take: (transaction, { digest }) => takeDevice(transaction, digest),
  };
}

function requestOf(row: DeviceRow): DeviceRequest {
  return {
    clientId: row.client_id,
    scopes: JSON.parse(row.scopes) as string[],
    resources: JSON.parse(row.resources) as string[],
  };
}

function stateOf(row: DeviceRow, at: number): FoundDevice["state"] {
  if (at >= row.expires_at) return "expired";
  if (row.denied_at !== null) return "denied";
  return row.granted === null ? "pending" : "allowed";
}
