import { isRefusal, type Refusal, type Store } from "../../../../contracts/index.ts";
import type { GrantRows } from "../authorization/index.ts";
import type { Devices, FoundDevice } from "../device/index.ts";
import { required } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { Grant, TokenRequest, TokenResponse } from "./grant.ts";
import { accessTokenFor, type PersonParts, personResponse, standingOwner } from "./person-tokens.ts";

export interface DeviceCodeParts extends PersonParts {
  readonly store: Store;
  readonly devices: Devices;
  readonly grantRows: GrantRows;
  /** Longest life of an access token. */
  readonly longestMs: number;
}

export const deviceCodeType = "urn:ietf:params:oauth:grant-type:device_code";

/** The device asks until a person has decided (RFC 8628 s.3.4), and gets its tokens once. */
export function deviceCode(parts: DeviceCodeParts): Grant {
  return { type: deviceCodeType, answer: (request) => poll(request, parts) };
}

async function poll(request: TokenRequest, parts: DeviceCodeParts): Promise<TokenResponse | Refusal> {
  const code = required(request.parameters, "device_code", 200);
  if (isRefusal(code)) return code;
  const found = await parts.devices.find(code);
  if (found === undefined) return invalid("no such device code, or it was used");
  if (found.clientId !== request.client.id) return invalid(`${found.grantId} is of ${found.clientId}`);
  if (found.state === "expired") return oauthRefusals["expired-token"]();
  if (!(await parts.devices.mayPoll(found))) return oauthRefusals["slow-down"]();
  if (found.state === "denied") return denied(found);
  return found.granted === undefined ? oauthRefusals["authorization-pending"]() : redeem(found, request, parts);
}

async function redeem(found: FoundDevice, request: TokenRequest, parts: DeviceCodeParts): Promise<TokenResponse | Refusal> {
  const { client, by, bound, at } = request;
  const key = client.authentication === "none" ? bound?.confirmation["jkt"] : undefined;
  const granted = { ...found.granted!, dpopKey: key };
  const owner = await standingOwner(granted, parts);
  if (typeof owner === "string") return invalid(owner);
  const { scopes, resources } = granted;
  const access = await accessTokenFor({ granted, grantId: found.grantId, owner, wanted: { scopes, resources } }, request, parts);
  const refresh = client.grants.includes("refresh_token")
    ? parts.draftRefresh(found.grantId, client, granted, { ...by, method: "device_code" })
    : undefined;
  const row = {
    id: found.grantId,
    client_id: client.id,
    subject: granted.subject,
    created_at: at,
    ends_at: refresh?.endsAt ?? at + parts.longestMs,
    revoked_at: null,
  };
  const taken = await parts.store.write(async (transaction) => {
    if (!(await parts.devices.take(transaction, found))) return false;
    await parts.grantRows.insertGrant(transaction, row);
    await access.write?.(transaction);
    await refresh?.write(transaction);
    return true;
  });
  if (!taken) return invalid(`${found.grantId}: the code was used at the same moment`);
  await refresh?.after();
  const response = await personResponse(granted, access, granted, request, parts);
  return refresh === undefined ? response : { ...response, refresh_token: refresh.refreshToken };
}

/** RFC 6749 s.5.2: 400, unlike where a browser is told. */
function denied({ grantId }: FoundDevice): Refusal {
  return { ...oauthRefusals["access-denied"]({ detail: `${grantId}: the person denied it` }), status: 400 };
}

const invalid = (detail: string): Refusal => oauthRefusals["invalid-grant"]({ detail });
