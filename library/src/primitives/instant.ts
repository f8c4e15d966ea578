/** An instant as RFC 3339 text in UTC, as our JSON answers show it; null where there is none. */
export function instantText(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
