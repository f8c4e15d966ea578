import type { Express } from "express";

/** The server as an Express app. `resource`: its own URL, which is the audience of its tokens. */
export function createApp(options: { readonly issuer: string; readonly resource: string }): Promise<{
  readonly app: Express;
  close(): Promise<void>;
}>;
