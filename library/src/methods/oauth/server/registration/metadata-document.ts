import { type Clock, type Ephemeral, isRefusal, OptionFault } from "../../../../contracts/index.ts";
import { parseJsonObject, recentlyUsed } from "../../../../primitives/index.ts";
import { type ClientChoices, clientOf, clientRow, type ClientSource, type KnownClient } from "../clients/index.ts";
import type { Described } from "../metadata.ts";
import { readClientMetadata } from "./client-metadata.ts";
import type { FetchDocument } from "./fetch-document.ts";
import type { CheckSector } from "./sector-document.ts";

interface DocumentParts {
  readonly fetch: FetchDocument;
  readonly checkSector: CheckSector;
  readonly clock: Clock;
  readonly ephemeral: Pick<Ephemeral, "increment">;
  readonly choices: ClientChoices;
  readonly scopes: readonly string[];
  /** Development: http on loopback too. */
  readonly allowLoopback: boolean;
}

interface Kept {
  readonly client: KnownClient;
  readonly until: number;
}

/** Tokens name their client, and a name has an end. */
const longestUrl = 200;
const usualMs = 600_000;
const leastMs = 60_000;
const mostMs = 86_400_000;
/**
 * Documents of clients that are new here, fetched a minute by all nodes together: more is somebody who makes us knock on doors.
 * Those of the others are asked for beside them, each once a minute at most, so that such a one does not shut them out; who
 * fails to answer then is new again.
 */
const mostFetches = 120;

/**
 * Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): an https URL is a client_id, and the client is
 * what the document there says of itself. It must name this very URL, and has no secret. Kept as long as its answer allows,
 * a minute to a day; failures are not kept.
 */
export function createMetadataDocuments(parts: DocumentParts): ClientSource & Described {
  const { clock } = parts;
  const known = recentlyUsed<Kept>(1_000);
  const asking = new Map<string, Promise<KnownClient | undefined>>();

  async function ask(url: string, isNew: boolean): Promise<KnownClient | undefined> {
    if (isNew && (await parts.ephemeral.increment("oauth-documents", 1, 60_000)).count > mostFetches) return undefined;
    const answer = await parts.fetch(url).catch(() => undefined);
    const at = clock.now();
    const client = answer?.status === 200 && isJson(answer.headers) ? await clientIn(url, answer.body, at, parts) : undefined;
    if (client !== undefined) known.set(url, { client, until: at + keptMs(answer!.headers) });
    else known.delete(url);
    return client;
  }

  return {
    metadata: { client_id_metadata_document_supported: true },
    find(id) {
      if (!isDocumentUrl(id, parts.allowLoopback)) return undefined;
      const kept = known.get(id);
      if (kept !== undefined && clock.now() < kept.until) return kept.client;
      const waiting = asking.get(id) ?? ask(id, kept === undefined).finally(() => asking.delete(id));
      asking.set(id, waiting);
      return waiting;
    },
  };
}

/** https, with a path, and nothing that could be written in two ways (draft s.3). */
function isDocumentUrl(id: string, allowLoopback: boolean): boolean {
  if (id.length > longestUrl || !/^https?:\/\/[!-~]+$/.test(id) || !URL.canParse(id)) return false;
  const url = new URL(id);
  if (url.protocol !== "https:" && !allowLoopback) return false;
  return url.href === id && url.pathname !== "/" && url.hash === "" && !id.includes("#") && url.username === "" && url.password === "";
}

async function clientIn(url: string, body: Uint8Array, at: number, parts: DocumentParts): Promise<KnownClient | undefined> {
  const document = parseJsonObject(body);
  if (document === undefined || document["client_id"] !== url) return undefined;
  if (Object.hasOwn(document, "client_secret") || Object.hasOwn(document, "client_secret_expires_at")) return undefined;
  const options = readClientMetadata(document, { scopes: parts.scopes, authentication: "none" });
  // A secret in a public document would be none.
  if (isRefusal(options) || !["none", "private_key_jwt"].includes(options.authentication ?? "")) return undefined;
  try {
    const row = clientRow({ ...options, metadata: { ...options.metadata, registered: "by-document" } }, url, at, parts.choices);
    return (await parts.checkSector(options)) === undefined
      ? Object.freeze({ ...clientOf(row), secrets: [], mayAskFor: parts.scopes })
      : undefined;
  } catch (error) {
    if (error instanceof OptionFault) return undefined;
    throw error;
  }
}

function isJson(headers: Awaited<ReturnType<FetchDocument>>["headers"]): boolean {
  const type = headers["content-type"];
  return typeof type === "string" && /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i.test(type);
}

/** RFC 9111 s.5.2.2.1, within our limits. */
function keptMs(headers: Awaited<ReturnType<FetchDocument>>["headers"]): number {
  const control = headers["cache-control"];
  if (typeof control !== "string") return usualMs;
  if (/no-store|no-cache/i.test(control)) return leastMs;
  const seconds = /max-age=(\d{1,9})/i.exec(control)?.[1];
  return seconds === undefined ? usualMs : Math.min(mostMs, Math.max(leastMs, Number(seconds) * 1_000));
}
