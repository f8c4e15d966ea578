import { promisify } from "node:util";
import { decodeBase64url, type JsonObject } from "../primitives/index.ts";

/** Loaded for whoever has a list to pack or unpack. */
const zlib = () => import("node:zlib");

/** Type of the token that carries a list (Token Status List s.5.1); its media type is `application/` before it. */
export const statusListType = "statuslist+jwt";

/** Largest list that is unpacked: 16 Mi tokens. A few bytes can unpack to any size. */
const mostBytes = 2 * 1024 * 1024;

/** The `status_list` member: one bit a token, compressed with zlib, in base64url (Token Status List s.4.2). */
export async function packStatusList(bytes: Buffer): Promise<JsonObject> {
  const { deflate } = await zlib();
  return { bits: 1, lst: (await promisify(deflate)(bytes, { level: 9 })).toString("base64url") };
}

/** What a list says of each index. */
export interface StatusList {
  /** Whether the token with this index is revoked or suspended; undefined for an index outside the list. */
  isSet(index: number): boolean | undefined;
}

/** Unpacks the `status_list` member of a list token whose signature was verified; undefined when it is none. */
export async function unpackStatusList(member: unknown): Promise<StatusList | undefined> {
  if (typeof member !== "object" || member === null) return undefined;
  const { bits, lst } = member as { readonly bits?: unknown; readonly lst?: unknown };
  const packed = typeof lst === "string" ? decodeBase64url(lst) : undefined;
  if (packed === undefined || (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8)) return undefined;
  const { inflate } = await zlib();
  try {
    return listOver(await promisify(inflate)(packed, { maxOutputLength: mostBytes }), bits);
  } catch {
    return undefined;
  }
}

/** 0 is valid; everything else (revoked, suspended, of the application) is not to be relied on. */
function listOver(bytes: Buffer, bits: number): StatusList {
  const inByte = 8 / bits;
  const mask = (1 << bits) - 1;
  return {
    isSet(index) {
      if (!Number.isInteger(index) || index < 0 || index >= bytes.length * inByte) return undefined;
      return ((bytes[Math.floor(index / inByte)]! >> ((index % inByte) * bits)) & mask) !== 0;
    },
  };
}
