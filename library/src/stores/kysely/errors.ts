import { Fault, UniqueViolation } from "../../contracts/index.ts";

/** SQLSTATE or SQLite's name of an error, also of one that a Fault was made of; "" when it has none. */
function codeOf(error: unknown): string {
  const cause = error instanceof Fault ? error.cause : error;
  const code = (cause as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** PostgreSQL: serialization failure, deadlock, lock not available. SQLite: another connection is writing. */
const conflict = /^(?:40001|40P01|55P03|SQLITE_BUSY.*|SQLITE_LOCKED.*)$/;

/** Whether the database asks for the transaction again: it was one too many at this moment, not wrong. */
export const isConflict = (error: unknown): boolean => conflict.test(codeOf(error));

/** Whether SQLite refuses for a statement of its own connection that was begun and neither ended nor reset: a commit, or a write after its old view. */
export function isHeldByLostStatement(error: unknown): boolean {
  const cause = error instanceof Fault ? error.cause : error;
  const code = codeOf(cause);
  if (code === "SQLITE_BUSY_SNAPSHOT") return true;
  return code === "SQLITE_BUSY" && cause instanceof Error && cause.message.includes("SQL statements in progress");
}

/** Whatever a driver throws, as a fault; a broken unique constraint keeps its name, other broken constraints pass. */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault || error instanceof UniqueViolation) return error;
  const code = codeOf(error);
  if (code.startsWith("23") || code.startsWith("SQLITE_CONSTRAINT")) {
    const message = error instanceof Error ? error.message : "";
    const unique = code === "23505" || /UNIQUE|PRIMARYKEY/.test(code) || message.includes("UNIQUE constraint");
    return unique ? new UniqueViolation("A row with this value exists already.", { cause: error }) : error;
  }
  return conflict.test(code)
    ? new Fault("LATCHKEY_STORE_BUSY", "The database could not order this transaction.", { cause: error })
    : new Fault("LATCHKEY_STORE_UNAVAILABLE", "The database failed or did not answer.", { cause: error });
}
