/** Asks a URL that somebody else chose, within limits. Rejects when there is no whole answer. */
export type FetchDocument = (url: string) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}>;
