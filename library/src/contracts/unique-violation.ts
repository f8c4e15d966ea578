/** A write would have made a second row where only one may be. Stores throw it, whatever their dialect calls it. */
export class UniqueViolation extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "UniqueViolation";
  }
}
