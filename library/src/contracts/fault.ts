/** Codes of faults, closed. `docs/reference/codes.md` has a row for each. */
export type FaultCode =
  | "LATCHKEY_OPTION_INVALID"
  | "LATCHKEY_STORE_UNAVAILABLE"
  | "LATCHKEY_STORE_BUSY"
  | "LATCHKEY_BODY_CONSUMED"
  | "LATCHKEY_PASSWORD_QUEUE_FULL"
  | "LATCHKEY_MAIL_QUEUE_FULL"
  | "LATCHKEY_PROVIDER_UNAVAILABLE"
  | "LATCHKEY_USERS_UNAVAILABLE"
  | "LATCHKEY_RULE_FAILED"
  | "LATCHKEY_TESTS_ONLY"
  | "LATCHKEY_SECRET_MISMATCH"
  | "LATCHKEY_ISSUER_UNAVAILABLE"
  | "LATCHKEY_CLOSED";

/**
 * Thrown when a store, a network or the configuration failed. The guard fails closed: it becomes 503 with
 * Retry-After, never 401, which would log people out.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  /** Seconds after which trying again is sensible. */
  readonly retryAfterSeconds: number;

  constructor(code: FaultCode, message: string, options: { readonly cause?: unknown; readonly retryAfterSeconds?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1;
  }
}

/** An option that cannot be used: names the option, the value's shape, what is allowed, and an example. */
export class OptionFault extends Fault {
  readonly option: string;

  constructor(option: string, problem: { readonly got: unknown; readonly allowed: string; readonly example: string }) {
    super("LATCHKEY_OPTION_INVALID", `${option}: got ${shapeOf(problem.got)}; allowed: ${problem.allowed}. Example: ${problem.example}`);
    this.name = "OptionFault";
    this.option = option;
  }
}

/** Describes a value without showing more of it than a short, harmless text. */
function shapeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return value.length <= 40 ? JSON.stringify(value) : `a string of ${value.length} characters`;
  if (typeof value === "number" || typeof value === "boolean" || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `a value of type ${typeof value}`;
}
