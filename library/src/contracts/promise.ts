/** A value now, or later. The hot path stays synchronous when everything it needs is in memory. */
export type MaybePromise<T> = T | Promise<T>;

/** Tells a promise from a value without allocating one. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as Promise<T>).then === "function";
}
