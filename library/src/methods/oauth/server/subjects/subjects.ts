import { Fault, type MaybePromise, type Store } from "../../../../contracts/index.ts";
import { keyedSha256, randomOctets, type Sealer } from "../../../../primitives/index.ts";
import { type Client, sectorOf } from "../clients/index.ts";
import { putSealedKey, readSealedKey, replaceSealedKey, type SubjectTables } from "./table.ts";

type Known = Pick<Client, "id" | "metadata" | "redirectUris">;

/** By which identifiers a client knows a person and its sessions (OpenID Connect Core s.8). At once for all clients but pairwise ones. */
export interface Subjects {
  of(client: Known, subject: string): MaybePromise<string>;
  /** A session would be as good as a subject to compare notes by: it is another one to each client. */
  sessionOf(client: Known, sessionId: string): MaybePromise<string>;
}

interface SubjectParts {
  readonly store: Store;
  readonly sealer: Sealer;
}

const sealContext = "latchkey_pairwise_key.sealed";

/**
 * Pairwise identifiers: an HMAC of sector and subject (s.8.1), so that there is nothing to store and nothing to turn back. Its
 * key is random, made at the first use and sealed under the master secret: were it derived from that, every client would know
 * everybody by another name once the secret is rotated.
 */
export function createSubjects({ store, sealer }: SubjectParts): Subjects {
  let key: Promise<Buffer> | undefined;

  async function load(): Promise<Buffer> {
    if ((await readSealedKey(store)) === undefined) {
      const made = sealer.seal(randomOctets(32).toString("base64url"), sealContext);
      await store.write<SubjectTables, void>((transaction) => putSealedKey(transaction, made));
    }
    const sealed = (await readSealedKey(store))!;
    const opened = sealer.open(sealed, sealContext);
    if (opened === undefined)
      throw new Fault(
        "LATCHKEY_SECRET_MISMATCH",
        "The key of pairwise subjects does not open: it was sealed under a master secret that is not among the configured ones.",
      );
    if (!sealer.isCurrent(sealed))
      await store.write<SubjectTables, void>((transaction) => replaceSealedKey(transaction, sealer.seal(opened, sealContext)));
    return Buffer.from(opened, "base64url");
  }

  async function name(text: string): Promise<string> {
    // What failed is tried again the next time.
    key ??= load().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return keyedSha256(await key, text);
  }

  return {
    of(client, subject) {
      const sector = sectorOf(client);
      return sector === undefined ? subject : name(`subject ${sector} ${subject}`);
    },
    sessionOf: (client, sessionId) => (sectorOf(client) === undefined ? sessionId : name(`session ${client.id} ${sessionId}`)),
  };
}
