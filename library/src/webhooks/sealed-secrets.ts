import { Fault } from "../contracts/index.ts";
import type { Sealer } from "../primitives/index.ts";
import type { EndpointRow } from "./table.ts";

/** The secrets of endpoints as they are stored: sealed, each for its endpoint alone. */
export interface SealedSecrets {
  seal(secret: string, endpointId: string): string;
  /** The secrets that count at this moment, newest first. Throws a Fault when one does not open. */
  inForce(row: EndpointRow, at: number): readonly string[];
  /** The newest one sealed under the newest master secret; undefined: it is already. */
  renewed(row: EndpointRow): string | undefined;
}

export function createSealedSecrets(sealer: Sealer): SealedSecrets {
  const contextOf = (id: string) => `webhook endpoint ${id}`;
  const seal = (secret: string, id: string) => sealer.seal(secret, contextOf(id));

  function opened(sealed: string, id: string): string {
    const secret = sealer.open(sealed, contextOf(id));
    if (secret !== undefined) return secret;
    throw new Fault(
      "LATCHKEY_SECRET_MISMATCH",
      `The secret of the webhook endpoint ${id} does not open under the configured master secrets.`,
    );
  }

  return {
    seal,
    inForce(row, at) {
      const newest = opened(row.secret, row.id);
      return row.old_secret !== null && at < row.old_secret_ends_at! ? [newest, opened(row.old_secret, row.id)] : [newest];
    },
    renewed: ({ secret, id }) => (sealer.isCurrent(secret) ? undefined : seal(opened(secret, id), id)),
  };
}
