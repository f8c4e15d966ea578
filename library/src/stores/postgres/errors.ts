import { DatabaseError } from "pg";
import { Fault, UniqueViolation } from "../../contracts/index.ts";

/** SQLSTATE of an error, also of one that a Fault was made of; "" when it has none. */
export function sqlState(error: unknown): string {
  const cause = error instanceof Fault ? error.cause : error;
  return cause instanceof DatabaseError ? (cause.code ?? "") : "";
}

const serializationFailure = "40001";
const deadlock = "40P01";
const lockNotAvailable = "55P03";

/** Whether the database asks for the transaction again: it was one too many at this moment, not wrong. */
export function isConflict(error: unknown): boolean {
  return [serializationFailure, deadlock, lockNotAvailable].includes(sqlState(error));
}

/** A prepared `select *` from a table that has got a column since, by a newer version beside this one. */
export function isOutdatedPlan(error: unknown): boolean {
  return sqlState(error) === "0A000" && error instanceof Fault && /cached plan/.test((error.cause as Error).message);
}

/**
 * Whether the connection can still be used. Not after anything but an answer of the server: a late answer would be taken
 * for that of the next statement. Not when the server says that it goes (57P..), lost its peer (08...) or only reads now.
 */
export function breaksConnection(error: unknown): boolean {
  return !(error instanceof DatabaseError) || /^(?:57P|08|25006)/.test(error.code ?? "");
}

/** Whatever the driver throws, as a fault; a broken unique constraint keeps its name, other broken constraints pass. */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault) return error;
  if (error instanceof DatabaseError && error.code?.startsWith("23") === true) {
    return error.code === "23505" ? new UniqueViolation("A row with this value exists already.", { cause: error }) : error;
  }
  if (isConflict(error)) return new Fault("LATCHKEY_STORE_BUSY", "PostgreSQL could not order this transaction.", { cause: error });
  // pg-pool has no code for it.
  if (error instanceof Error && error.message === "timeout exceeded when trying to connect")
    return new Fault("LATCHKEY_STORE_BUSY", "Every connection to PostgreSQL stayed in use.", { cause: error });
  return new Fault("LATCHKEY_STORE_UNAVAILABLE", "PostgreSQL failed or did not answer.", { cause: error });
}
