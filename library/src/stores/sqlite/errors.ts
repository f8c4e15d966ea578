import { Fault, OptionFault, UniqueViolation } from "../../contracts/index.ts";

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
};

export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_BUSY") || codeOf(error).startsWith("SQLITE_LOCKED");
}

/** Errors of the database as faults; a broken unique constraint keeps its name, and what a job threw itself passes. */
export function asFault(error: unknown): unknown {
  if (error instanceof Fault || error instanceof OptionFault || error instanceof UniqueViolation) return error;
  // What the driver says, without a code, of a handle that is closed.
  if (error instanceof TypeError && /connection is not open/.test(error.message))
    return new Fault("LATCHKEY_CLOSED", "The store is closed.");
  const code = codeOf(error);
  if (code.startsWith("SQLITE_CONSTRAINT")) {
    const unique = code.includes("UNIQUE") || code.includes("PRIMARYKEY") || /UNIQUE constraint/.test((error as Error).message);
    return unique ? new UniqueViolation("A row with this value exists already.", { cause: error }) : error;
  }
  return code.startsWith("SQLITE") ? new Fault("LATCHKEY_STORE_UNAVAILABLE", "The SQLite database failed.", { cause: error }) : error;
}

/** Uses the driver; what it throws becomes a Fault. */
export function faulting<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw asFault(error);
  }
}
