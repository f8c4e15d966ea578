import type { RequestListener, Server } from "node:http";

/** One thing that answers requests, measured in a process of its own. */
export interface Subject {
  /** Unique in its part: the row of the table. */
  readonly name: string;
  /** Name of the subject of this part that does the same without authentication: what it costs is told against that one. */
  readonly beside?: string;
  /** How many ask it at a time. Default 32; fewer where one request takes so long that each round would take minutes. */
  readonly connections?: number;
  /** Builds it, in the child process. A package that is not installed leaves the row out, with a note. */
  serve(place: { readonly folder: string }): Serving | Promise<Serving>;
}

/** What is served, and how it is asked. */
export type Serving = (
  | { readonly listener: RequestListener }
  | { readonly server: Pick<Server, "listen" | "address"> }
  /** It listens already. */
  | { readonly port: number }
) & {
  /** Sent in turn, again and again. Every answer must be 200. */
  readonly requests: readonly BenchRequest[];
  /** A request that must be refused with 401 or 403, so that an open door is not measured; undefined: anybody may ask. */
  readonly unauthenticated?: BenchRequest;
};

export interface BenchRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A secret of Standard Webhooks: each time it is sent it has another id, a timestamp of now and the signature of both. */
  readonly webhookSecret?: string;
}

/** A table of requests; a file in `bench/subjects/` exports one as `part`, or names another file's. */
export interface RequestPart {
  /** What one types: `npm run bench -- guard`. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
}
